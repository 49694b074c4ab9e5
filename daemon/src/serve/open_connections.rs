//! The connections that are open: how many of whom, and which of them take too long.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering::Relaxed},
};

use slab::Slab;
use tokio::task::AbortHandle;
use tracing::warn;

use super::{
    ConnectionLimits,
    drain_signal::DrainSignal,
    metrics::Connections,
    pace::{Pace, SweepClock, Verdict},
};

/// The connections that are open.
///
/// # Why
/// A connection takes its place away itself, when it ends. If whoever accepts did it, it would be
/// woken for every end.
#[derive(Debug)]
pub(super) struct OpenConnections {
    limits: ConnectionLimits,
    /// What monitors see of them.
    counts: Arc<Connections>,
    clock: Arc<SweepClock>,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    open: Slab<Open>,
    /// By user; few have any.
    per_user: BTreeMap<u32, usize>,
    /// The users of whom the log was told that they have too many.
    told: BTreeSet<u32>,
}

/// One connection that is open, as others see it.
#[derive(Debug)]
pub(super) struct Open {
    pace: Arc<Pace>,
    drain_signal: Arc<DrainSignal>,
    /// What serves it, once that is known.
    task: Option<AbortHandle>,
}

/// The place of one connection, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    connections: Arc<OpenConnections>,
    number: usize,
    user_id: u32,
}

impl OpenConnections {
    pub(super) fn new(
        limits: ConnectionLimits,
        counts: Arc<Connections>,
        clock: Arc<SweepClock>,
    ) -> Self {
        Self { limits, counts, clock, table: Mutex::default() }
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.table().open.len()
    }

    /// Gives a user's connection its place; `None` if there is no room.
    pub(super) fn take_place(self: &Arc<Self>, user_id: u32, open: Open) -> Option<Place> {
        let mut table = self.table();
        let in_all = table.open.len();
        let of_user = table.per_user.get(&user_id).copied().unwrap_or_default();
        if in_all >= self.limits.total || of_user >= self.limits.per_user {
            let is_news = table.told.insert(user_id);
            drop(table);
            self.counts.refused.fetch_add(1, Relaxed);
            if is_news {
                warn!(user_id, open = in_all, "a user has as many connections as it may");
            }
            return None;
        }
        table.per_user.insert(user_id, of_user + 1);
        let number = table.open.insert(open);
        self.counts.open.fetch_add(1, Relaxed);
        Some(Place { connections: self.clone(), number, user_id })
    }

    /// Notes which task serves a connection; without effect if it has ended.
    pub(super) fn note_task(&self, number: usize, task: AbortHandle) {
        if let Some(open) = self.table().open.get_mut(number) {
            open.task = Some(task);
        }
    }

    /// Judges all of them, and ends those that have taken too long. Returns whether others can.
    pub(super) fn sweep(&self) -> bool {
        let mut can_be_late = false;
        for (_, open) in &self.table().open {
            match open.pace.verdict() {
                Verdict::Untimed => {}
                Verdict::Timely => can_be_late = true,
                Verdict::Late => {
                    self.counts.late.fetch_add(1, Relaxed);
                    if let Some(task) = &open.task {
                        task.abort();
                    }
                }
            }
        }
        can_be_late
    }

    /// Tells all of them that it is time to end.
    pub(super) fn drain(&self) {
        for (_, open) in &self.table().open {
            open.drain_signal.say();
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Returns a connection that nothing serves yet.
    pub(super) fn new(pace: Arc<Pace>, drain_signal: Arc<DrainSignal>) -> Self {
        Self { pace, drain_signal, task: None }
    }
}

impl Place {
    /// Returns what the connection is known by among those that are open.
    pub(super) fn number(&self) -> usize {
        self.number
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Self { connections, number, user_id } = self;
        let gone = {
            let mut table = connections.table();
            table.leave(*user_id, connections.limits.per_user);
            table.open.try_remove(*number)
        };
        connections.counts.open.fetch_sub(1, Relaxed);
        // What is left of it is swept away.
        connections.clock.need();
        // The last word on a task may free it, which is not for others to wait for.
        drop(gone);
    }
}

impl Table {
    /// Counts one connection of a user less.
    fn leave(&mut self, user_id: u32, most: usize) {
        let Some(of_user) = self.per_user.get_mut(&user_id) else { return };
        *of_user -= 1;
        if *of_user < most / 2 {
            self.told.remove(&user_id);
        }
        if *of_user == 0 {
            self.per_user.remove(&user_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_it_is_dropped() {
        let limits = ConnectionLimits { total: 3, per_user: 2 };
        let (counts, clock): (Arc<Connections>, Arc<SweepClock>) = Default::default();
        let connections = Arc::new(OpenConnections::new(limits, counts.clone(), clock.clone()));
        let take = |user_id| {
            let pace = Arc::new(Pace::new(clock.clone()));
            connections.take_place(user_id, Open::new(pace, Arc::default()))
        };
        let (one, other) = (take(1).unwrap(), take(1).unwrap());
        assert!(take(1).is_none(), "as many as a user may");
        let third = take(2).unwrap();
        assert!(take(3).is_none(), "as many as all may");
        assert_eq!((counts.open.load(Relaxed), counts.refused.load(Relaxed)), (3, 2));
        drop(one);
        assert_eq!(connections.len(), 2);
        let again = take(1).expect("one of this user's is free");
        drop((other, third, again));
        assert_eq!((connections.len(), counts.open.load(Relaxed)), (0, 0));
        assert!(connections.table().per_user.is_empty(), "nobody is remembered");
    }
}
