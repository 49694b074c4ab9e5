//! The program as its users run it: each test in a sandbox of its own.
#![cfg(test)]

mod messages;
mod oracle;
mod resolve;
mod server;

use tests::sandbox::Sandbox;

/// Makes a sandbox for the program as it was just built.
fn sandbox() -> Sandbox {
    Sandbox::new(env!("CARGO_BIN_EXE_clearml-resolver"))
}
