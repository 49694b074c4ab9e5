//! `completions`: the script by which a shell completes our command line.

use clap::CommandFactory;

use crate::{
    args::{Args, Completions},
    failure::Failure,
    output::Output,
};

/// Prints the script.
pub(super) fn run(completions: &Completions, output: Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    let mut command = Args::command();
    clap_complete::generate(completions.shell, &mut command, "clearml-resolver", &mut script);
    output.data(&String::from_utf8_lossy(&script))
}
