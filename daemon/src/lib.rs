//! The daemon: from a change of a file or vault to an answer on a Unix socket.
//!
//! ```text
//!   ambient, settings            (read once)
//!        │
//!   watch ──Event──▶ reload ──────────▶ publish ──────────▶ serve ──protocol──▶ Unix socket
//!   files            last good layers   one door a profile  one task            ▲
//!   vaults ◀ api     (only writer)      each body made once a connection        │
//!   signals               │                                                     client
//!                    sources, load, health
//! ```
//!
//! One writer, many readers: `reload` takes events in turn and is alone in making answers; readers
//! take the present one without waiting. Whatever fails keeps its last good version, and says so.
//! [`app`] joins the parts; [`load`] does in one go, without a daemon, what `reload` does for ever;
//! [`dev`] is an API server for trying things out. The crate `memory` beside this one holds the only
//! unsafe code of the project.

pub mod ambient;
pub mod api;
pub mod app;
pub mod client;
mod connection;
pub mod dev;
pub mod difference;
mod etcd;
mod event;
pub mod explanation;
pub mod follow;
mod health;
pub mod load;
mod log;
pub mod plan;
pub mod protocol;
mod publish;
mod reload;
mod sealed;
mod serve;
pub mod settings;
mod shutdown;
pub mod sources;
mod systemd;
mod text_file;
mod watch;

pub use etcd::EtcdVaults;
pub use serve::SocketError;
