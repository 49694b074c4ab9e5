//! The command line: reads what was typed and what surrounds the process, runs one command.

mod args;
mod client_keys;
mod commands;
mod failure;
mod output;
mod page;
mod snippet;

use std::process::ExitCode;

use clap::Parser;
use daemon::ambient::Ambient;

use crate::{args::Args, output::Output};

fn main() -> ExitCode {
    let args = Args::parse();
    let ambient = Ambient::read();
    let output = Output::new(&args.common, &ambient);
    match commands::run(args, &ambient, output) {
        Ok(code) => code,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}
