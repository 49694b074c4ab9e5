//! The daemon.

pub mod ambient;
pub mod api;
pub mod app;
pub mod client;
pub mod dev;
pub mod load;
pub mod protocol;
pub mod settings;
pub mod sources;
mod text_file;
