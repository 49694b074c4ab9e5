//! The one loop that looks after a command: its output, its signals, its restarts, its end.

use std::{
    ffi::OsStr,
    io,
    os::fd::{AsFd, BorrowedFd},
    process::{Child, ExitCode, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::signal::Signal,
};

use super::{
    becoming::{Place, step},
    config_file::Keeping,
    ending::{not_started, pass_on},
    masked::{Masked, Outlet},
    prepared::Prepared,
    restart::{Now, Restarts},
    signals::{SignalAction, Signals, send},
    terminal::{self, Terminal},
};
use crate::{
    args::Exec,
    commands::asking::Asking,
    failure::{Failure, Kind},
};

/// How long output may still come after a command's end: what it left running may hold the pipe.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Looks after a command.
pub(super) struct Supervisor<'a> {
    exec: &'a Exec,
    asking: Asking<'a>,
    prepared: Prepared,
    restarts: Restarts,
    signals: Signals,
    terminal: Option<Terminal>,
}

/// A running command.
struct Running {
    child: Child,
    streams: Vec<Masked>,
    /// When it is killed, if it was told to end for a restart.
    kill_at: Option<Instant>,
    is_restarting: bool,
}

/// How a run came to its end.
enum Ended {
    ByItself(ExitStatus),
    ForRestart,
}

impl<'a> Supervisor<'a> {
    pub(super) fn new(
        exec: &'a Exec,
        asking: Asking<'a>,
        prepared: Prepared,
        mut restarts: Restarts,
    ) -> Result<Self, Failure> {
        let failed = |error: nix::errno::Errno| Failure::new(Kind::Unavailable, error);
        let signals = Signals::take().map_err(failed)?;
        restarts.listen().map_err(|error| Failure::new(Kind::Unavailable, error))?;
        let wants_terminal = exec.redact && terminal::is_there();
        let terminal = wants_terminal
            .then(Terminal::new)
            .transpose()
            .map_err(|error| Failure::new(Kind::Unavailable, error))?;
        Ok(Self { exec, asking, prepared, restarts, signals, terminal })
    }

    /// Runs the command until it ends by itself.
    pub(super) fn run(mut self) -> Result<ExitCode, Failure> {
        loop {
            let running = match self.start() {
                Ok(running) => running,
                Err(error) => {
                    self.terminal = None;
                    let program = self.exec.command.first().map_or(OsStr::new(""), AsRef::as_ref);
                    return Ok(not_started(program, &error, self.asking.output));
                }
            };
            match self.look_after(running)? {
                Ended::ForRestart => self.prepare_again(),
                Ended::ByItself(status) => {
                    // The file and the terminal go before a signal ends us.
                    drop(self);
                    return Ok(pass_on(status));
                }
            }
        }
    }

    /// Prepares for another start; what cannot be had anew stays as it was.
    fn prepare_again(&mut self) {
        match Prepared::new(self.exec, self.asking, Keeping::WhileRunning) {
            Ok(prepared) => self.prepared = prepared,
            Err(failure) => {
                self.asking.output.failure(&failure);
                self.asking.output.warning("the command starts with what it had");
            }
        }
    }

    fn start(&self) -> io::Result<Running> {
        let place = if self.terminal.is_some() { Place::Terminal } else { Place::Here };
        let mut command = step(&self.prepared.command(self.exec), place);
        let redactor = &self.prepared.redactor;
        let mut streams = Vec::new();
        if let Some(terminal) = &self.terminal {
            let [input, output, errors] = terminal.ends()?;
            command.stdin(input).stdout(output).stderr(errors);
            streams.push(Masked::new(terminal.output()?, Outlet::Output, redactor));
        } else if self.exec.redact {
            let (output, output_end) = io::pipe()?;
            let (errors, errors_end) = io::pipe()?;
            command.stdout(Stdio::from(output_end)).stderr(Stdio::from(errors_end));
            streams.push(Masked::new(output.into(), Outlet::Output, redactor));
            streams.push(Masked::new(errors.into(), Outlet::Errors, redactor));
        }
        let child = command.spawn()?;
        Ok(Running { child, streams, kill_at: None, is_restarting: false })
    }

    fn look_after(&mut self, mut running: Running) -> Result<Ended, Failure> {
        let failed = |error: io::Error| Failure::new(Kind::Unavailable, error);
        loop {
            self.wait(&running, self.deadline(&running));
            let now = Instant::now();
            if self.take_signals(&running)
                && let Some(status) = running.child.try_wait().map_err(failed)?
            {
                running.drain();
                let by_itself = !running.is_restarting;
                return Ok(if by_itself { Ended::ByItself(status) } else { Ended::ForRestart });
            }
            running.take_output(now);
            if let Some(terminal) = self.terminal.as_mut().filter(|terminal| has_key(terminal)) {
                terminal.type_on();
            }
            self.restarts.take_changes(now);
            self.restart_if_due(&mut running, now);
        }
    }

    /// Waits until something happens.
    fn wait(&self, running: &Running, deadline: Option<Instant>) {
        let keyboard = self.terminal.as_ref().and_then(Terminal::keyboard);
        let streams = running.streams.iter().filter_map(Masked::descriptor);
        let awaited: Vec<BorrowedFd<'_>> = [self.signals.as_fd()]
            .into_iter()
            .chain(self.restarts.descriptor())
            .chain(keyboard)
            .chain(streams)
            .collect();
        wait_for(&awaited, deadline);
    }

    fn deadline(&self, running: &Running) -> Option<Instant> {
        let streams = running.streams.iter().filter_map(Masked::deadline);
        let restart = self.restarts.schedule.deadline().filter(|_| !running.is_restarting);
        streams.chain(restart).chain(running.kill_at).min()
    }

    /// Passes signals on. Returns whether the child has to be looked after.
    fn take_signals(&self, running: &Running) -> bool {
        let mut look_after_child = false;
        while let Some(action) = self.signals.next() {
            match action {
                SignalAction::LookAfterChild => look_after_child = true,
                SignalAction::Resize => self.terminal.iter().for_each(Terminal::resize),
                SignalAction::PassOn(signal) => send(running.child.id(), signal),
                SignalAction::Nothing => {}
            }
        }
        look_after_child
    }

    fn restart_if_due(&mut self, running: &mut Running, now: Instant) {
        if running.kill_at.is_some_and(|due| due <= now) {
            send(running.child.id(), Signal::SIGKILL);
            running.kill_at = None;
        }
        if running.is_restarting {
            return;
        }
        match self.restarts.schedule.now(now) {
            Now::Wait => {}
            Now::PutOff => {
                let output = self.asking.output;
                output
                    .warning("the configuration changed, but the command was restarted too often");
            }
            Now::Restart => {
                self.asking.output.detail("the configuration changed; the command is restarted");
                send(running.child.id(), Signal::SIGTERM);
                running.kill_at = Some(now + self.exec.stop_timeout);
                running.is_restarting = true;
            }
        }
    }
}

impl Running {
    fn take_output(&mut self, now: Instant) {
        for stream in &mut self.streams {
            if stream.descriptor().is_some_and(is_readable) {
                stream.take(now);
            }
            stream.flush_if_due(now);
        }
    }

    /// Shows what was printed before the end.
    fn drain(&mut self) {
        for stream in &mut self.streams {
            let last = Instant::now() + LAST_WORDS;
            while let Some(descriptor) = stream.descriptor() {
                if !wait_for(&[descriptor], Some(last)) {
                    break;
                }
                stream.take(last);
            }
            stream.finish();
        }
    }
}

fn has_key(terminal: &Terminal) -> bool {
    terminal.keyboard().is_some_and(is_readable)
}

fn is_readable(descriptor: BorrowedFd<'_>) -> bool {
    wait_for(&[descriptor], Some(Instant::now()))
}

/// Waits for one of the descriptors, no longer than to the deadline. Returns whether one is ready.
fn wait_for(descriptors: &[BorrowedFd<'_>], deadline: Option<Instant>) -> bool {
    let mut awaited: Vec<PollFd<'_>> =
        descriptors.iter().map(|descriptor| PollFd::new(*descriptor, PollFlags::POLLIN)).collect();
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    // Rounded up: a wait that is too short by less than a millisecond would be none.
    let millis = left.map(|left| left.as_millis() + u128::from(!left.is_zero()));
    let timeout = millis.map_or(PollTimeout::NONE, |millis| {
        i32::try_from(millis)
            .ok()
            .and_then(|millis| millis.try_into().ok())
            .unwrap_or(PollTimeout::MAX)
    });
    matches!(poll(&mut awaited, timeout), Ok(1..))
}
