//! Signals, taken one by one instead of interrupting, and passed on to the command.

use std::{os::fd::AsFd, os::fd::BorrowedFd};

use nix::{
    errno::Errno,
    sys::{
        signal::{SigSet, Signal, kill},
        signalfd::{SfdFlags, SignalFd},
    },
    unistd::Pid,
};

/// Signals that are the command's business.
const PASSED_ON: [Signal; 7] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGCONT,
];

/// Taken signals. A child inherits that they are blocked, and has to [`release`] them.
pub(super) struct Signals(SignalFd);

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignalAction {
    /// The command has ended or stopped.
    LookAfterChild,
    /// The terminal has another size.
    Resize,
    /// The command shall get this signal.
    PassOn(Signal),
    /// Nothing: the terminal has sent it to the command, too.
    Nothing,
}

impl Signals {
    /// Takes the signals from now on. No other thread may run yet, or it would get them.
    ///
    /// # Errors
    /// The system is out of descriptors.
    pub(super) fn take() -> Result<Self, Errno> {
        let taken = taken();
        taken.thread_block()?;
        Ok(Self(SignalFd::with_flags(&taken, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?))
    }

    /// Returns what the next signal asks for; `None` if there is none.
    pub(super) fn next(&self) -> Option<SignalAction> {
        let taken = self.0.read_signal().ok()??;
        let signal = i32::try_from(taken.ssi_signo).ok()?;
        Some(match Signal::try_from(signal).ok()? {
            Signal::SIGCHLD => SignalAction::LookAfterChild,
            Signal::SIGWINCH => SignalAction::Resize,
            // What a terminal sends, it sends to its whole group.
            Signal::SIGINT | Signal::SIGQUIT | Signal::SIGHUP if taken.ssi_code > 0 => {
                SignalAction::Nothing
            }
            signal => SignalAction::PassOn(signal),
        })
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Lets this process get the signals again that its parent takes.
///
/// # Errors
/// None that the system documents.
pub(super) fn release() -> Result<(), Errno> {
    taken().thread_unblock()
}

fn taken() -> SigSet {
    let mut taken: SigSet = PASSED_ON.into_iter().collect();
    taken.add(Signal::SIGCHLD);
    taken.add(Signal::SIGWINCH);
    taken
}

/// Sends a signal to a process that has not been waited for yet.
pub(super) fn send(process: u32, signal: Signal) {
    if let Ok(process) = i32::try_from(process) {
        let _ended_meanwhile = kill(Pid::from_raw(process), signal);
    }
}
