//! `man`: the manual page, made from the same definition as the help.
//!
//! # Why
//! Completions and manual page are in the binary and not in a build chore: whoever has the binary
//! has both in its own version, and pages of a program that are never run are never read from disk.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::{
    args::Args,
    failure::{Failure, Kind},
    output::Output,
};

/// Prints the page: the program, then each command.
pub(super) fn run(output: Output) -> Result<(), Failure> {
    let mut command = Args::command();
    command.build();
    let page = render(&command).map_err(|error| Failure::new(Kind::NoAnswer, error))?;
    output.data(&String::from_utf8_lossy(&page))
}

fn render(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    for child in command.get_subcommands().filter(|child| child.get_name() != "help") {
        let man = Man::new(child.clone());
        page.extend_from_slice(format!(".SH \"COMMAND {}\"\n", child.get_name()).as_bytes());
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    Ok(page)
}
