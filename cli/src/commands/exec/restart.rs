//! When a command is started again: after a change of what it depends on, not at once, not too often.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    os::{fd::AsFd, fd::BorrowedFd, unix::net::UnixStream},
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use daemon::{
    follow::{Events, follow},
    protocol::ConfigQuery,
    settings::sockets_to_ask,
};
use resolver::KeyPath;

use crate::{
    args::Exec,
    commands::asking::{Asking, BUDGET},
    failure::{Failure, Kind},
};

/// The time within which restarts are counted.
const COUNTED_WITHIN: Duration = Duration::from_secs(3600);
/// How long to wait before a daemon that ended is looked for again.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Changes that come in, and when they lead to a restart.
pub(super) struct Restarts {
    /// What is watched, until somebody listens.
    watched: Vec<Watched>,
    changes: Option<UnixStream>,
    pub(super) schedule: Schedule,
}

/// A key that is watched.
struct Watched {
    sockets: Vec<PathBuf>,
    target: String,
    events: Events,
    /// The digest of what is at the key.
    known: Option<String>,
}

/// When a restart is due.
#[derive(Debug)]
pub(super) struct Schedule {
    debounce: Duration,
    splay: Duration,
    most: usize,
    due: Option<Instant>,
    /// What is added to the present wait.
    added: Duration,
    done: VecDeque<Instant>,
}

/// What a schedule says at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Now {
    /// Nothing is due.
    Wait,
    /// A restart is due.
    Restart,
    /// One would be due, but there have been too many of them; it is put off.
    PutOff,
}

impl Restarts {
    /// Begins to watch the keys that `exec` names: later changes are not missed.
    ///
    /// # Errors
    /// A key is named, and no daemon is there to tell of changes.
    pub(super) fn watch(exec: &Exec, asking: Asking<'_>) -> Result<Self, Failure> {
        if !exec.restart_on.is_empty() && exec.sources.are_given() {
            let message = "only a daemon tells of changes: `--restart-on` goes without sources";
            return Err(Failure::new(Kind::Usage, message));
        }
        let sockets = sockets_to_ask(asking.common.socket.as_deref(), asking.ambient);
        let watch = |key| Watched::new(key, asking.profile_name(), &sockets);
        let watched = exec.restart_on.iter().map(watch).collect::<Result<_, _>>()?;
        let schedule = Schedule::new(exec.debounce, exec.splay, exec.restarts);
        Ok(Self { watched, changes: None, schedule })
    }

    /// Listens from now on, by a thread for each key.
    ///
    /// # Errors
    /// The system is out of descriptors.
    pub(super) fn listen(&mut self) -> io::Result<()> {
        if self.watched.is_empty() {
            return Ok(());
        }
        let (changes, told) = UnixStream::pair()?;
        changes.set_nonblocking(true)?;
        for watched in self.watched.drain(..) {
            let told = told.try_clone()?;
            thread::spawn(move || watched.tell_changes(told));
        }
        self.changes = Some(changes);
        Ok(())
    }

    /// Returns what becomes readable with a change.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.changes.as_ref().map(AsFd::as_fd)
    }

    /// Takes the changes that were told.
    pub(super) fn take_changes(&mut self, now: Instant) {
        let mut told = [0; 64];
        let Some(changes) = &mut self.changes else { return };
        while matches!(changes.read(&mut told), Ok(1..)) {
            self.schedule.changed(now);
        }
    }
}

impl Schedule {
    fn new(debounce: Duration, splay: Duration, most: usize) -> Self {
        let done = VecDeque::new();
        Self { debounce, splay, most, due: None, added: Duration::ZERO, done }
    }

    /// Notes a change: the restart comes when no other has come for a while, and a random part of
    /// the splay later, so that a fleet does not restart as one.
    pub(super) fn changed(&mut self, now: Instant) {
        if self.due.is_none() {
            self.added = self.splay.mul_f64(fastrand::f64());
        }
        self.due = Some(now + self.debounce + self.added);
    }

    /// Returns when to look again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due
    }

    /// Says what to do now.
    pub(super) fn now(&mut self, now: Instant) -> Now {
        if self.due.is_none_or(|due| due > now) {
            return Now::Wait;
        }
        while self.done.front().is_some_and(|first| now.duration_since(*first) >= COUNTED_WITHIN) {
            self.done.pop_front();
        }
        match self.done.front() {
            Some(first) if self.done.len() >= self.most => {
                self.due = Some(*first + COUNTED_WITHIN);
                Now::PutOff
            }
            None if self.most == 0 => {
                self.due = None;
                Now::PutOff
            }
            _ => {
                self.done.push_back(now);
                self.due = None;
                Now::Restart
            }
        }
    }
}

impl Watched {
    fn new(key: &KeyPath, profile: Option<&str>, sockets: &[PathBuf]) -> Result<Self, Failure> {
        let (path, profile) = (key.to_string().into(), profile.map(Into::into));
        let target = ConfigQuery { path, profile, ..ConfigQuery::default() }.watch_target();
        let mut events = follow_any(sockets, &target).ok_or_else(Failure::no_daemon)?;
        // The first one tells how things are.
        let first = events.next().and_then(Result::ok).ok_or_else(Failure::no_daemon)?;
        Ok(Self { sockets: sockets.to_owned(), target, events, known: first.digest })
    }

    /// Tells of each change by a byte, until nobody listens any more. A daemon that ends is waited
    /// for, and asked what has changed meanwhile.
    fn tell_changes(mut self, mut told: UnixStream) {
        loop {
            for event in self.events.by_ref().map_while(Result::ok) {
                let has_changed = event.digest != self.known;
                self.known = event.digest;
                if has_changed && told.write_all(b"!").is_err() {
                    return;
                }
            }
            self.events = loop {
                thread::sleep(BETWEEN_LOOKS);
                if let Some(events) = follow_any(&self.sockets, &self.target) {
                    break events;
                }
            };
        }
    }
}

fn follow_any(sockets: &[PathBuf], target: &str) -> Option<Events> {
    sockets.iter().find_map(|socket| follow(socket, target, BUDGET).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn changes_that_come_together_are_one() {
        let start = Instant::now();
        let mut schedule = Schedule::new(2 * SECOND, Duration::ZERO, 5);
        assert_eq!((schedule.deadline(), schedule.now(start)), (None, Now::Wait));
        schedule.changed(start);
        schedule.changed(start + SECOND);
        assert_eq!(schedule.now(start + 2 * SECOND), Now::Wait);
        assert_eq!(schedule.now(start + 3 * SECOND), Now::Restart);
        assert_eq!(schedule.now(start + 9 * SECOND), Now::Wait);
    }

    #[test]
    fn a_fleet_does_not_restart_as_one() {
        let start = Instant::now();
        let due: std::collections::BTreeSet<_> = (0..50)
            .map(|_| {
                let mut schedule = Schedule::new(SECOND, 60 * SECOND, 5);
                schedule.changed(start);
                schedule.deadline().unwrap()
            })
            .collect();
        assert!(due.len() > 40, "they differ");
        assert!(due.iter().all(|due| *due >= start + SECOND && *due < start + 61 * SECOND));
    }

    #[test]
    fn restarts_have_a_budget() {
        let mut now = Instant::now();
        let mut schedule = Schedule::new(Duration::ZERO, Duration::ZERO, 2);
        for _ in 0..2 {
            schedule.changed(now);
            assert_eq!(schedule.now(now), Now::Restart);
            now += SECOND;
        }
        schedule.changed(now);
        assert_eq!(schedule.now(now), Now::PutOff);
        assert_eq!(schedule.now(now + SECOND), Now::Wait);
        assert_eq!(schedule.now(now + COUNTED_WITHIN), Now::Restart, "put off, not forgotten");
        let mut never = Schedule::new(Duration::ZERO, Duration::ZERO, 0);
        never.changed(now);
        assert_eq!(never.now(now), Now::PutOff);
    }
}
