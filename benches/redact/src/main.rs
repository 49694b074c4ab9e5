//! Masks a log of 256 MB in one run with a plain copy, and prints the ratios.
//!
//! `cargo xtask bench redact [MB]`. The log lies in the page cache and is read in pieces of 64 KiB. It
//! is written to `/dev/null`, which costs a copy nothing, so that it only reads; and to a file in
//! memory, as a user's copy is. Times are those that processors gave.

mod contenders;
mod false_masks;
mod lines;
mod log;
mod rounds;

use std::{
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use contenders::{copy, expression, mask, perl, redactor, replace, sed};
use fastrand::Rng;
use log::Hostile;
use resolver::Redactor;
use rounds::{Contender, Goal, table};

/// Most contenders run so often.
const ROUNDS: usize = 7;

/// How many secrets are known, as in a configuration, or as all of a company's.
const FEW: usize = 100;
const MANY: usize = 1_000;

/// Inputs that are made to take long, and slow contenders, are a part of the log.
const PART: usize = 4;

/// What all read.
struct Inputs {
    plain: PathBuf,
    part: PathBuf,
    hostile: Vec<(Hostile, PathBuf)>,
    bytes: usize,
}

fn main() -> io::Result<()> {
    let megabytes = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(256);
    let bytes = megabytes << 20;
    let memory = Path::new("/dev/shm");
    let memory = if memory.is_dir() { memory } else { &std::env::temp_dir() };
    let folder = tempfile::tempdir_in(memory)?;
    let mut rng = Rng::with_seed(11);
    let secrets: Vec<String> = (0..MANY).map(|_| log::secret(&mut rng)).collect();
    let inputs = write_inputs(folder.path(), &secrets, bytes)?;
    let copied = folder.path().join("copy");
    for (sink, to) in [("/dev/null", Path::new("/dev/null")), ("a file in memory", &copied)] {
        speed(&format!("{megabytes} MB of log, written to {sink}"), &inputs, &secrets, to)?;
    }
    let clean = folder.path().join("clean.log");
    log::write(BufWriter::new(File::create(&clean)?), bytes, &[])?;
    false_masks::report(&redactor(&secrets), &clean, &copied)
}

fn write_inputs(folder: &Path, secrets: &[String], bytes: usize) -> io::Result<Inputs> {
    let [plain, part] = ["plain.log", "part.log"].map(|name| folder.join(name));
    log::write(BufWriter::new(File::create(&plain)?), bytes, &secrets[..FEW])?;
    log::write(BufWriter::new(File::create(&part)?), bytes / PART, &secrets[..FEW])?;
    let mut hostile = Vec::new();
    for kind in Hostile::ALL {
        let path = folder.join(format!("{kind:?}.log"));
        std::fs::write(&path, kind.text(secrets, bytes / PART))?;
        hostile.push((kind, path));
    }
    Ok(Inputs { plain, part, hostile, bytes })
}

fn speed(title: &str, inputs: &Inputs, secrets: &[String], to: &Path) -> io::Result<()> {
    let whole = inputs.bytes as u64;
    let part = whole / PART as u64;
    let redactors = [0, FEW, MANY].map(|count| redactor(&secrets[..count]));
    let [names, hundred, thousand] = &redactors;
    let (few, regex) = (&secrets[..FEW], expression(&secrets[..FEW]));
    let masked = |redactor: &'_ Redactor, from: &Path| mask(redactor, from, to);
    let behind = Goal::LessThan(2);
    let mut contenders = vec![
        Contender::new("plain copy of 64 KiB pieces", whole, || copy(&inputs.plain, to)),
        Contender::new("ours, names and URLs", whole, || masked(names, &inputs.plain)),
        Contender::new("ours, 100 secrets", whole, || masked(hundred, &inputs.plain))
            .with_goal(Goal::PartOfCopy(0.30)),
        Contender::new("ours, 1000 secrets", whole, || masked(thousand, &inputs.plain))
            .with_goal(Goal::PartOfCopy(0.25)),
        Contender::new("regex crate, 100 secrets", part, || replace(&regex, &inputs.part, to))
            .with_goal(behind),
        Contender::new("sed -E, 100 secrets", part, || sed(few, &inputs.part, to))
            .with_goal(behind),
        Contender::new("perl -pe, 100 secrets", part, || perl(few, &inputs.part, to))
            .with_goal(behind),
    ];
    for (kind, path) in &inputs.hostile {
        let name = format!("ours, 1000 secrets, hostile: {kind}");
        contenders.push(
            Contender::new(&name, part, || masked(thousand, path))
                .with_goal(Goal::PartOfCopy(0.05)),
        );
    }
    table(title, ROUNDS, contenders)
}
