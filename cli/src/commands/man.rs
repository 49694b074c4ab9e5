//! `man`: the manual page, made from the same definition as the help.
//!
//! # Why
//! Completions and manual page are in the binary and not in a build chore: whoever has the binary
//! has both in its own version, and pages of a program that are never run are never read from disk.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::{
    args::{self, Args},
    failure::{Failure, Kind},
    output::Output,
};

/// Prints one page, the program and then each command; or writes a page for each to a folder.
pub(super) fn run(man: &args::Man, output: Output) -> Result<(), Failure> {
    let mut command = Args::command();
    command.build();
    if let Some(folder) = &man.dir {
        return clap_mangen::generate_to(Args::command(), folder).map_err(|error| {
            let message = format!("cannot write pages to `{}`: {error}", folder.display());
            Failure::new(Kind::NoAnswer, message)
        });
    }
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
