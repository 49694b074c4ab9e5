//! The program as its users run it: each test in a sandbox of its own.
#![cfg(test)]

mod bad_clients;
mod canary;
mod check;
mod client_examples;
mod daemon;
mod diff;
mod doctor;
mod etcd_vaults;
mod exec;
mod explain;
mod hostile;
mod hostile_formats;
mod messages;
mod newcomer;
mod oracle;
mod plugin;
mod plugin_failures;
mod profiles;
mod questions;
mod readers;
mod redact;
mod resolve;
mod restarts;
mod server;
mod stock_clients;
mod vault;
mod watch;

use tests::sandbox::{Background, Sandbox};

/// Makes a sandbox for the program as it was just built.
fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_clearml-resolver"))
}

/// Starts a daemon on the sandbox's socket, and waits until it serves.
fn daemon_on(sandbox: &Sandbox, flags: &[&str]) -> Background {
    let socket = sandbox.socket();
    let socket = socket.to_str().unwrap();
    let mut daemon = sandbox.start(["daemon", "--socket", socket].iter().chain(flags));
    daemon.hear("serving");
    daemon
}
