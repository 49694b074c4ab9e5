//! The daemon.

pub mod ambient;
pub mod api;
pub mod app;
pub mod client;
pub mod dev;
mod event;
mod health;
pub mod load;
mod log;
pub mod protocol;
mod publish;
mod reload;
mod serve;
pub mod settings;
mod shutdown;
pub mod sources;
mod systemd;
mod text_file;
mod watch;

pub use serve::SocketError;
