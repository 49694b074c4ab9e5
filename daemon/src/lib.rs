//! The daemon.

pub mod ambient;
pub mod api;
pub mod dev;
pub mod load;
pub mod settings;
pub mod sources;
