//! The step between us and a command: a process of ours that becomes the command.
//!
//! # Why
//! Some calls have to be made by the new process itself, between fork and exec: to unblock the
//! signals that its parent takes one by one, and to get a controlling terminal. The standard library
//! lets a parent slip them in by `pre_exec`, which is unsafe. So this program starts itself once
//! more, makes the calls in safe code, and becomes the command, under the same process id. Another
//! moment for the signals would be just before the start, and one that comes in that moment would
//! end the parent alone.

use std::{
    ffi::OsStr,
    io,
    os::unix::process::CommandExt,
    process::{Command, ExitCode},
};

use rustix::process::{ioctl_tiocsctty, setsid};

use super::{ending::not_started, signals};
use crate::{
    args::Become,
    failure::{Failure, Kind},
    output::Output,
};

/// The hidden command.
const NAME: &str = "become";
/// The program that is running, even if its file has been replaced meanwhile.
const OURSELVES: &str = "/proc/self/exe";

/// Where a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Where we run.
    Here,
    /// On the terminal that is its standard input, as the leader of a session.
    Terminal,
}

/// Puts the step before a command.
pub(super) fn step(command: &Command, place: Place) -> Command {
    let mut step = Command::new(OURSELVES);
    step.arg0("clearml-resolver").arg(NAME);
    if place == Place::Terminal {
        step.arg("--terminal");
    }
    step.arg("--").arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => step.env(name, value),
            None => step.env_remove(name),
        };
    }
    step
}

/// Becomes the command.
pub(in super::super) fn run(words: &Become, output: Output) -> Result<ExitCode, Failure> {
    let failed = |error: io::Error| Failure::new(Kind::Unavailable, error);
    if words.terminal {
        setsid().map_err(|error| failed(error.into()))?;
        ioctl_tiocsctty(io::stdin()).map_err(|error| failed(error.into()))?;
    }
    signals::release().map_err(|error| failed(error.into()))?;
    let mut words = words.command.iter();
    let program = words.next().map_or(OsStr::new(""), AsRef::as_ref);
    let error = Command::new(program).args(words).exec();
    Ok(not_started(program, &error, output))
}
