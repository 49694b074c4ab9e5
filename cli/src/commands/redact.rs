//! `redact`: standard input to standard output, with masks in the place of secrets.

use std::{
    borrow::Cow,
    io::{self, ErrorKind, Read},
    os::fd::AsFd,
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use resolver::Redactor;
use serde_json::Value;
use thiserror::Error;

use super::asking::{Asking, Wanted};
use crate::{
    args::Redact,
    failure::{Failure, Kind},
    output::Reader,
};

/// Bytes taken at once: what a pipe holds.
const PIECE_BYTES: usize = 64 << 10;

/// How long the beginning of a line is held back, in milliseconds: long enough for a program to
/// finish what it is writing, short enough that a prompt is there when somebody looks.
const HELD_BACK: u8 = 50;

/// The longest list of arguments that is read, in bytes: the kernel takes 2 MiB for a program's.
const ARGUMENTS_BYTES: u64 = 8 << 20;

/// Why nothing, or not all, was masked.
#[derive(Debug, Error)]
enum InputError {
    #[error("cannot read from standard input")]
    Read(#[source] io::Error),
    #[error("standard input holds no JSON list of arguments")]
    NoList(#[source] serde_json::Error),
    #[error("the list of arguments has more than {ARGUMENTS_BYTES} bytes")]
    TooLong,
}

/// Masks what comes in until it ends.
pub(super) fn run(redact: &Redact, asking: Asking<'_>) -> Result<(), Failure> {
    let answer = asking.answer(&redact.sources, Wanted::default())?;
    let redactor = answer.redactor(asking.ambient.hidden());
    if redact.argv { mask_arguments(&redactor, asking) } else { mask_stream(&redactor, asking) }
}

fn mask_stream(redactor: &Redactor, asking: Asking<'_>) -> Result<(), Failure> {
    let mut input = io::stdin().lock();
    let mut stream = redactor.stream();
    let mut piece = vec![0; PIECE_BYTES];
    let mut shown = Vec::new();
    loop {
        if stream.is_holding() && !is_readable_soon()? {
            stream.flush(&mut shown);
        } else {
            match input.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => stream.push(piece.get(..count).unwrap_or_default(), &mut shown),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(InputError::Read(error))),
            }
        }
        if asking.output.bytes(&shown)? == Reader::Gone {
            return Ok(());
        }
        shown.clear();
    }
    stream.finish(&mut shown);
    asking.output.bytes(&shown).map(|_| ())
}

/// Whether more comes while the beginning of a line is held back.
fn is_readable_soon() -> Result<bool, Failure> {
    let input = io::stdin();
    let mut waiting = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
    match poll(&mut waiting, PollTimeout::from(HELD_BACK)) {
        Ok(ready) => Ok(ready > 0),
        Err(nix::Error::EINTR) => Ok(true),
        Err(error) => Err(unreadable(InputError::Read(error.into()))),
    }
}

/// Masks a list of arguments. What is no text, as a number that somebody wrote without quotes, is
/// looked at as the text that a program would get, and stays what it is if it is no secret.
fn mask_arguments(redactor: &Redactor, asking: Asking<'_>) -> Result<(), Failure> {
    let mut text = Vec::new();
    let input = io::stdin().lock();
    input
        .take(ARGUMENTS_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(|error| unreadable(InputError::Read(error)))?;
    if text.len() as u64 > ARGUMENTS_BYTES {
        return Err(unreadable(InputError::TooLong));
    }
    let arguments: Vec<Value> =
        serde_json::from_slice(&text).map_err(|error| unreadable(InputError::NoList(error)))?;
    let texts: Vec<Cow<'_, str>> = arguments.iter().map(text_of).collect();
    let borrowed: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    let masked = redactor.mask_arguments(&borrowed);
    let masked = arguments.iter().zip(masked).map(|(argument, masked)| match masked {
        Cow::Borrowed(_) => argument.clone(),
        Cow::Owned(masked) => Value::String(masked),
    });
    asking.output.data(&format!("{}\n", Value::Array(masked.collect())))
}

fn text_of(argument: &Value) -> Cow<'_, str> {
    match argument {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

fn unreadable(error: InputError) -> Failure {
    let is_no_list = matches!(error, InputError::NoList(_));
    let failure = Failure::new(Kind::Usage, error);
    if is_no_list {
        failure.with_hint(r#"it looks like ["docker", "run", "-e", "NAME=value", "image"]"#)
    } else {
        failure
    }
}
