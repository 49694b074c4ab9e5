//! Masks a log of 256 MB in one run with a plain copy, and prints the ratios.
//!
//! `cargo run --release -p redact [MB]` in `benches/`. Input lies in the page cache, output goes to
//! `/dev/null`, in pieces of 64 KiB: the copy is as fast as can be.

mod log;

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Read, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use fastrand::Rng;
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use regex::bytes::{Regex, RegexBuilder};
use resolver::{Hidden, Redactor};

const PIECE_BYTES: usize = 64 << 10;

/// Each contender runs so often; the best counts, since what disturbs only slows.
const ROUNDS: usize = 5;

/// What others are given for names and URLs: less than what we look for.
const NAMES: &str =
    r#"(?i)((?:password|passwd|secret|token|api_key|access_key)["']?[=:] ?["']?)[^\s"',;&]+"#;
const URLS: &str = r"(://[^:/@\s]*:)[^@/\s]+@";

fn main() -> io::Result<()> {
    let megabytes = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(256);
    let bytes = megabytes << 20;
    let folder = tempfile::tempdir()?;
    let plain = folder.path().join("plain.log");
    let lines = log::write_plain(BufWriter::new(File::create(&plain)?), bytes)?;
    let mut rng = Rng::with_seed(11);
    let secrets: Vec<String> = (0..1_000).map(|_| log::secret(&mut rng)).collect();
    let hostile = folder.path().join("hostile.log");
    std::fs::write(&hostile, log::near_misses(&secrets, bytes))?;

    let copied = best(ROUNDS, || copy(&plain))?;
    report("plain copy of 64 KiB pieces", copied, copied, bytes);
    for count in [0, 100, 1_000] {
        let redactor = redactor(&secrets[..count]);
        let time = best(ROUNDS, || mask(&redactor, &plain, &mut io::sink()))?;
        report(&format!("ours, {count} secrets"), time, copied, bytes);
    }
    let thousand = redactor(&secrets);
    let time = best(ROUNDS, || mask(&thousand, &hostile, &mut io::sink()))?;
    report("ours, 1000 secrets, every byte a near miss", time, copied, bytes);
    others(&plain, &secrets[..100], copied, bytes)?;
    false_masks(&thousand, &plain, lines)
}

fn redactor(secrets: &[String]) -> Redactor {
    let mut hidden = Hidden::default();
    secrets.iter().for_each(|secret| hidden.add_value(secret));
    Redactor::new(&hidden, None)
}

fn others(log: &Path, secrets: &[String], copied: Duration, bytes: usize) -> io::Result<()> {
    let literals = secrets.join("|");
    let regex = RegexBuilder::new(&format!("{NAMES}|{URLS}|{literals}")).build();
    let regex = regex.expect("the expression is valid");
    let time = best(2, || replace(&regex, log))?;
    report("regex crate, 100 secrets", time, copied, bytes);
    let names = r#"s/(password|passwd|secret|token|api_key|access_key)(["']?[=:] ?["']?)[^ "',;&]+/\1\2********/Ig"#;
    let urls = r"s#(://[^:/@ ]*:)[^@/ ]+@#\1********@#g";
    let script = format!("{names}\n{urls}\ns/{literals}/********/g");
    let time = best(1, || run("sed", &["-E", &script], log))?;
    report("sed -E, 100 secrets", time, copied, bytes);
    let script = format!("s/{NAMES}/$1********/g; s#{URLS}#$1********@#g; s/{literals}/********/g");
    let time = best(1, || run("perl", &["-pe", &script], log))?;
    report("perl -pe, 100 secrets", time, copied, bytes);
    Ok(())
}

fn copy(from: &Path) -> io::Result<()> {
    let (mut from, mut to) = (File::open(from)?, null()?);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(()),
            count => to.write_all(&piece[..count])?,
        }
    }
}

fn mask(redactor: &Redactor, from: &Path, copy: &mut impl Write) -> io::Result<()> {
    let (mut from, mut to) = (File::open(from)?, null()?);
    let mut stream = redactor.stream();
    let (mut piece, mut shown) = (vec![0; PIECE_BYTES], Vec::new());
    loop {
        match from.read(&mut piece)? {
            0 => break,
            count => stream.push(&piece[..count], &mut shown),
        }
        to.write_all(&shown)?;
        copy.write_all(&shown)?;
        shown.clear();
    }
    stream.finish(&mut shown);
    to.write_all(&shown)?;
    copy.write_all(&shown)
}

fn replace(regex: &Regex, from: &Path) -> io::Result<()> {
    let (mut from, mut to) = (File::open(from)?, null()?);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(()),
            count => to.write_all(&regex.replace_all(&piece[..count], b"$1********".as_slice()))?,
        }
    }
}

fn run(program: &str, arguments: &[&str], from: &Path) -> io::Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).env("LC_ALL", "C").stdin(File::open(from)?).stdout(Stdio::null());
    assert!(command.status()?.success(), "{program} failed");
    Ok(())
}

/// Counts the lines of a log without secrets that are not what they were.
fn false_masks(redactor: &Redactor, log: &Path, lines: u64) -> io::Result<()> {
    let before = std::fs::read(log)?;
    let mut after = Vec::with_capacity(before.len());
    mask(redactor, log, &mut after)?;
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let pairs = before.split(is_end).zip(after.split(is_end));
    let changed: Vec<_> = pairs.filter(|(before, after)| before != after).collect();
    writeln!(io::stdout(), "false masks: {} of {lines} lines", changed.len())?;
    for (before, after) in changed.iter().take(5) {
        let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
        writeln!(io::stdout(), "  {before}\n  {after}")?;
    }
    Ok(())
}

fn best(rounds: usize, mut work: impl FnMut() -> io::Result<()>) -> io::Result<Duration> {
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let start = processor_time();
        work()?;
        best = best.min(processor_time() - start);
    }
    Ok(best)
}

/// Returns the time that processors gave to this program and those that it ran to their end: on a
/// busy machine the time on the wall tells how busy it is.
fn processor_time() -> Duration {
    let of = |who| {
        let usage = getrusage(who).expect("everybody may ask for their own usage");
        let times = usage.user_time() + usage.system_time();
        Duration::from_micros(times.num_microseconds().try_into().unwrap_or_default())
    };
    of(UsageWho::RUSAGE_SELF) + of(UsageWho::RUSAGE_CHILDREN)
}

fn report(name: &str, time: Duration, copied: Duration, bytes: usize) {
    let rate = bytes as f64 / time.as_secs_f64() / 1e9;
    let ratio = copied.as_secs_f64() / time.as_secs_f64();
    let _closed_pipe =
        writeln!(io::stdout(), "{name:<44} {rate:7.3} GB/s  {ratio:7.4} of the copy");
}

fn null() -> io::Result<File> {
    OpenOptions::new().write(true).open("/dev/null")
}
