//! Who copies a log, masking or not.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
    process::{Command, Stdio},
};

use regex::bytes::{Regex, RegexBuilder};
use resolver::{Hidden, Redactor};

const PIECE_BYTES: usize = 64 << 10;

/// Where a page begins, a processor copies fastest.
const PAGE_BYTES: usize = 4 << 10;

/// What others are given for names and URLs: less than what we look for.
const NAMES: &str =
    r#"(?i)((?:password|passwd|secret|token|api_key|access_key)["']?[=:] ?["']?)[^\s"',;&]+"#;
const URLS: &str = r"(://[^:/@\s]*:)[^@/\s]+@";

/// Copies a file, changing nothing.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut to = opened(to)?;
    for_each_piece(from, |piece| to.write_all(piece))
}

/// Returns a redactor that knows some secrets.
pub fn redactor(secrets: &[String]) -> Redactor {
    let mut hidden = Hidden::default();
    secrets.iter().for_each(|secret| hidden.add_value(secret));
    Redactor::new(&hidden, None)
}

/// Copies a file, masking as `clearml-resolver redact` does.
pub fn mask(redactor: &Redactor, from: &Path, to: &Path) -> io::Result<()> {
    let mut to = opened(to)?;
    let mut stream = redactor.stream();
    let mut shown = Vec::new();
    for_each_piece(from, |piece| {
        stream.push(piece, &mut shown);
        to.write_all(&shown)?;
        shown.clear();
        Ok(())
    })?;
    stream.finish(&mut shown);
    to.write_all(&shown)
}

/// Returns the expression for names, URLs and secrets.
pub fn expression(secrets: &[String]) -> Regex {
    let pattern = format!("{NAMES}|{URLS}|{}", secrets.join("|"));
    RegexBuilder::new(&pattern).size_limit(1 << 30).build().expect("the expression is valid")
}

/// Copies a file, replacing what an expression matches, piece by piece: it does not look over their
/// borders.
pub fn replace(regex: &Regex, from: &Path, to: &Path) -> io::Result<()> {
    let mut to = opened(to)?;
    for_each_piece(from, |piece| to.write_all(&regex.replace_all(piece, b"$1********".as_slice())))
}

/// Copies a file by `sed`.
pub fn sed(secrets: &[String], from: &Path, to: &Path) -> io::Result<()> {
    let names = r#"s/(password|passwd|secret|token|api_key|access_key)(["']?[=:] ?["']?)[^ "',;&]+/\1\2********/Ig"#;
    let urls = r"s#(://[^:/@ ]*:)[^@/ ]+@#\1********@#g";
    let script = format!("{names}\n{urls}\ns/{}/********/g", secrets.join("|"));
    run("sed", &["-E", &script], from, to)
}

/// Copies a file by `perl`.
pub fn perl(secrets: &[String], from: &Path, to: &Path) -> io::Result<()> {
    let literals = secrets.join("|");
    let script = format!("s/{NAMES}/$1********/g; s#{URLS}#$1********@#g; s/{literals}/********/g");
    run("perl", &["-pe", &script], from, to)
}

fn run(program: &str, arguments: &[&str], from: &Path, to: &Path) -> io::Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).env("LC_ALL", "C").stdin(File::open(from)?);
    let status = command.stdout(Stdio::from(opened(to)?)).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{program} failed"))) }
}

fn for_each_piece(from: &Path, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut from = File::open(from)?;
    let mut memory = vec![0; PIECE_BYTES + PAGE_BYTES];
    let start = memory.as_ptr().align_offset(PAGE_BYTES);
    let piece = &mut memory[start..start + PIECE_BYTES];
    loop {
        match from.read(piece)? {
            0 => return Ok(()),
            count => take(&piece[..count])?,
        }
    }
}

/// Opens a file to be written from its beginning, over what it holds: its pages are there from the
/// second turn on, for everybody.
fn opened(to: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).open(to)
}
