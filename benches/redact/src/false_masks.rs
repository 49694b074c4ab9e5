//! How many lines of a log without secrets are changed all the same.

use std::{io, path::Path};

use resolver::Redactor;

use crate::{contenders::mask, rounds::met};

/// One line in so many may be changed.
const LINES_FOR_EACH: usize = 1_000_000;

/// Masks a log without secrets and prints how many of its lines are not what they were.
pub fn report(redactor: &Redactor, log: &Path, to: &Path) -> io::Result<()> {
    let before = std::fs::read(log)?;
    std::fs::remove_file(to)?;
    mask(redactor, log, to)?;
    let after = std::fs::read(to)?;
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let lines = before.split(is_end).count();
    let pairs = before.split(is_end).zip(after.split(is_end));
    let changed: Vec<_> = pairs.filter(|(before, after)| before != after).collect();
    let is_met = changed.len() * LINES_FOR_EACH < lines;
    let verdict = met(is_met);
    println!(
        "\nfalse masks: {} of {lines} lines, goal below 1 in 1,000,000: {verdict}",
        changed.len()
    );
    for (before, after) in changed.iter().take(5) {
        println!("  {}\n  {}", String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    }
    Ok(())
}
