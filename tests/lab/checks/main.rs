//! What the units and the packages promise, checked on a machine that runs them.

mod agent;
mod credentials;
mod journal;
mod package;
mod restarts;
mod sandbox;
mod service;
mod sockets;
mod support;
mod unit_files;
mod user;
