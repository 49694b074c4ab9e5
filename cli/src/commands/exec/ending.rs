//! How a command ended, passed on exactly.

use std::{
    ffi::OsStr,
    io,
    os::unix::process::ExitStatusExt,
    process::{ExitCode, ExitStatus},
};

use nix::sys::resource::{Resource, setrlimit};
use signal_hook::low_level::emulate_default_handler;

use crate::{
    failure::{Failure, Kind},
    output::Output,
};

/// The exit code of a command that is not there, as shells have it.
const NOT_FOUND: u8 = 127;
/// The exit code of a command that cannot be run.
const NOT_RUNNABLE: u8 = 126;
/// What shells add to the number of a signal.
const BY_SIGNAL: i32 = 128;

/// Returns the exit code of an ended command; where a signal ended it, ends by the same signal.
pub(super) fn pass_on(status: ExitStatus) -> ExitCode {
    if let Some(signal) = status.signal() {
        end_by(signal);
    }
    let code = status.code().or_else(|| status.signal().map(|number| BY_SIGNAL + number));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}

/// Ends this process by a signal, also by those that are taken or ignored here: SIGPIPE, as in
/// every Rust program, and SIGSEGV, by the watch for overflows of the stack. Returns if that cannot
/// be, as for signals that only the kernel has a name for.
fn end_by(signal: i32) {
    // The command has dumped its core, if that was wanted; ours tells nothing.
    let _limits_stay = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    let _goes_on = emulate_default_handler(signal);
}

/// Says why a command could not be started, and returns the exit code that shells have for it.
pub(super) fn not_started(program: &OsStr, error: &io::Error, output: Output) -> ExitCode {
    let program = program.display();
    output.failure(&Failure::new(Kind::Usage, format!("cannot start `{program}`: {error}")));
    ExitCode::from(match error.kind() {
        io::ErrorKind::NotFound => NOT_FOUND,
        _ => NOT_RUNNABLE,
    })
}
