//! Questions to the person at the terminal.

use std::io::{self, BufRead, IsTerminal};

use super::super::asking::Asking;
use crate::failure::{Failure, Kind};

/// Lets pass what was agreed to: by `--yes`, or by who is asked.
///
/// # Errors
/// They do not agree, or nobody is there to be asked.
pub(super) fn require(asking: Asking<'_>, yes: bool, question: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::new(Kind::Usage, "nobody is there to be asked")
            .with_hint("add `--yes` to do it without a question"));
    }
    match answer(asking, &format!("{question} [y/N] "))?.as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new(Kind::NoAnswer, "nothing was changed")),
    }
}

/// Asks, and returns the answer in small letters; an end of all input is none.
pub(super) fn answer(asking: Asking<'_>, question: &str) -> Result<String, Failure> {
    asking.output.ask(question);
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(|error| Failure::new(Kind::Usage, error))?;
    Ok(line.trim().to_ascii_lowercase())
}
