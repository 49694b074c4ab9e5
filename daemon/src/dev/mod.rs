//! An API server of our own on loopback, with sample texts: for a first look, and for tests.

mod api_server;

pub use self::api_server::ApiServer;
