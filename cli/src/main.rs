//! The command line: reads what was typed and what surrounds the process, runs one command.

mod args;
mod client_keys;
mod commands;
mod failure;
mod help;
mod output;
mod page;
mod progress;
mod snippet;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use daemon::ambient::Ambient;

use crate::{args::Args, output::Output};

fn main() -> ExitCode {
    let ambient = Ambient::read();
    commands::complete_for_shell(&ambient);
    let mut matches = help::with_first_page(Args::command()).get_matches();
    let args = Args::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit());
    let output = Output::new(&args.common, &ambient);
    match commands::run(args, &ambient, output) {
        Ok(code) => code,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code()
        }
    }
}
