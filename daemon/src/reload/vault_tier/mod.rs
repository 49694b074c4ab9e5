//! Which vaults count at a moment: last good wins, a refusal withdraws, one empty answer is doubted.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use super::keeping::age_of;
use crate::{
    api::{FetchError, VaultAnswer, VaultList},
    health::{Moment, State, VaultHealth, describe},
    settings::{Fail, OnRevoked, Profile},
};

/// The vaults of one profile and how their source fares. Cloning shares the vaults.
#[derive(Clone, Debug)]
pub(super) struct VaultTier {
    policy: Policy,
    /// The last good list.
    list: Arc<VaultList>,
    /// The digest of the last good list, if its source makes one.
    digest: Option<[u8; 32]>,
    /// Empty answers in a row, after one with vaults.
    empty_answers: u32,
    /// What the last empty answer would have made of us, while it is in doubt.
    doubted: Option<Doubted>,
    /// `None` until the source was asked for the first time.
    state: Option<State>,
    since: Moment,
    confirmed: Option<Moment>,
    reason: Option<String>,
    next: Option<Instant>,
    fetches: u64,
}

/// What a profile's settings say about vaults that cannot be had.
#[derive(Clone, Copy, Debug)]
struct Policy {
    max_stale: Option<Duration>,
    fail: Fail,
    on_revoked: OnRevoked,
    empty_answers: u32,
}

/// An answer without vaults that is not believed yet.
#[derive(Clone, Debug)]
struct Doubted {
    state: State,
    reason: Option<String>,
    digest: Option<[u8; 32]>,
}

/// What counts at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The source has not been asked yet.
    Waiting,
    /// These vaults, perhaps none.
    Vaults(Arc<VaultList>),
    /// Nothing may be answered, for this reason.
    Closed(String),
}

/// What is to be kept on disk at a moment.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// These vaults with their digest, which were right at that moment.
    Good(Arc<VaultList>, Option<[u8; 32]>, Moment),
    /// None: the source has taken them away.
    Withdrawn,
    /// None: the server keeps no vaults, which was right at that moment.
    Absent(Moment),
    /// Whatever is there: nobody knows better.
    Open,
}

impl VaultTier {
    /// Returns the tier of a profile whose source has not been asked yet.
    pub(super) fn new(profile: &Profile, now: Moment) -> Self {
        Self {
            policy: Policy {
                max_stale: profile.max_stale,
                fail: profile.fail,
                on_revoked: profile.on_revoked,
                empty_answers: profile.empty_answers.max(1),
            },
            list: Arc::default(),
            digest: None,
            empty_answers: 0,
            doubted: None,
            state: None,
            since: now,
            confirmed: None,
            reason: None,
            next: None,
            fetches: 0,
        }
    }

    /// Notes that there is no source, for a reason if one was expected.
    pub(super) fn switch_off(&mut self, reason: Option<String>, now: Moment) {
        self.list = Arc::default();
        self.digest = None;
        self.next = None;
        self.enter(State::Off, reason, now);
    }

    /// Takes a list that was read on this host, where an empty one is meant as it is.
    pub(super) fn read(&mut self, list: VaultList, now: Moment) {
        if *self.list != list {
            self.list = Arc::new(list);
        }
        self.confirm(State::Fresh, None, now);
    }

    /// Notes that the source on this host cannot be read.
    pub(super) fn unreadable(&mut self, reason: String, now: Moment) {
        self.fail(reason, now);
    }

    /// Takes a list that an earlier process kept on disk. It counts as stale until its source is
    /// asked, and is as old as it says; if the clock contradicts that, nobody knows how old.
    pub(super) fn restore(
        &mut self,
        list: VaultList,
        digest: Option<[u8; 32]>,
        confirmed: SystemTime,
        now: Moment,
    ) {
        self.list = Arc::new(list);
        self.digest = digest;
        let age = age_of(confirmed, now);
        let instant = age.and_then(|age| now.instant.checked_sub(age));
        self.confirmed = instant.map(|instant| Moment { instant, wall: confirmed });
        let reason = "its vaults were kept on disk; their source has not answered yet";
        self.enter(State::Stale, Some(reason.into()), now);
        if self.confirmed.is_none() && self.policy.max_stale.is_some() {
            let reason = "the clock stands before the time at which the vaults were kept on disk";
            self.enter(State::Expired, Some(reason.into()), now);
        }
        self.tick(now);
    }

    /// Returns the list, to tell it from others.
    pub(super) fn list(&self) -> &Arc<VaultList> {
        &self.list
    }

    /// Says what is to be kept on disk. Not what was got in spite of a warning: a later process has
    /// the new keys alone, and what is on disk is the old ones'.
    pub(super) fn verdict(&self) -> Verdict {
        match (self.state, self.confirmed) {
            (Some(State::Fresh), Some(moment)) if self.reason.is_none() => {
                Verdict::Good(self.list.clone(), self.digest, moment)
            }
            (Some(State::Absent), Some(moment)) => Verdict::Absent(moment),
            (Some(State::Revoked | State::Absent), _) => Verdict::Withdrawn,
            _ => Verdict::Open,
        }
    }

    /// Takes what came of asking the server.
    pub(super) fn asked(
        &mut self,
        answer: Result<VaultAnswer, FetchError>,
        next: Instant,
        now: Moment,
    ) {
        self.fetches += 1;
        self.next = Some(next);
        match answer {
            Ok(VaultAnswer { list, digest, warning }) if is_empty(&list) => {
                self.empty(State::Fresh, warning, Some(digest), now);
            }
            Ok(answer) => self.accept(answer, now),
            Err(error @ FetchError::Absent { .. }) => {
                self.empty(State::Absent, Some(describe(&error)), None, now);
            }
            Err(error) if error.is_refusal() => self.withdraw(describe(&error), now),
            Err(error) => self.fail(describe(&error), now),
        }
    }

    /// Whether the server refuses us.
    pub(super) fn is_revoked(&self) -> bool {
        self.state == Some(State::Revoked)
    }

    /// Whether the source has not been asked yet.
    pub(super) fn is_waiting(&self) -> bool {
        self.state.is_none()
    }

    /// Says what counts; see [`Fail`] and [`OnRevoked`].
    pub(super) fn standing(&self) -> Standing {
        let Some(state) = self.state else { return Standing::Waiting };
        let closed = match state {
            State::Fresh | State::Absent | State::Off => false,
            State::Stale => self.policy.fail == Fail::Closed && self.confirmed.is_none(),
            State::Expired => match self.policy.fail {
                Fail::LastGood => false,
                Fail::Open => return Standing::Vaults(Arc::default()),
                Fail::Closed => true,
            },
            State::Revoked => self.policy.on_revoked == OnRevoked::Closed,
        };
        if closed {
            Standing::Closed(self.reason.clone().unwrap_or_default())
        } else {
            Standing::Vaults(self.list.clone())
        }
    }

    /// Lets time pass: what is stale for too long expires.
    pub(super) fn tick(&mut self, now: Moment) {
        if self.deadline().is_some_and(|deadline| deadline <= now.instant) {
            self.enter(State::Expired, self.reason.clone(), now);
        }
    }

    /// Returns when [`Self::tick`] changes something by itself.
    pub(super) fn deadline(&self) -> Option<Instant> {
        if self.state != Some(State::Stale) {
            return None;
        }
        let confirmed = self.confirmed.map_or(self.since, |moment| moment);
        confirmed.instant.checked_add(self.policy.max_stale?)
    }

    /// Stops waiting for a source that has not answered yet.
    pub(super) fn stop_waiting(&mut self, reason: &str, now: Moment) {
        if self.state.is_none() {
            self.fail(reason.to_owned(), now);
        }
    }

    /// Returns the state for people.
    pub(super) fn health(&self) -> VaultHealth {
        VaultHealth {
            state: self.state.unwrap_or(State::Stale),
            since: self.since,
            confirmed: self.confirmed,
            reason: match self.state {
                None => Some("its source has not answered yet".into()),
                Some(_) => self.reason.clone(),
            },
            next: self.next,
            fetches: self.fetches,
        }
    }

    fn accept(&mut self, answer: VaultAnswer, now: Moment) {
        if Some(answer.digest) != self.digest {
            self.list = Arc::new(answer.list);
            self.digest = Some(answer.digest);
        }
        self.confirm(State::Fresh, answer.warning, now);
    }

    /// Takes an answer without vaults: at once if there were none before, otherwise only after it
    /// has come as often as the profile says. A server that lost its database must not take the
    /// vaults of a whole fleet away.
    fn empty(
        &mut self,
        state: State,
        reason: Option<String>,
        digest: Option<[u8; 32]>,
        now: Moment,
    ) {
        let had_vaults = !is_empty(&self.list);
        self.empty_answers += 1;
        self.doubted = Some(Doubted { state, reason, digest });
        if had_vaults && self.empty_answers < self.policy.empty_answers {
            let doubt = format!(
                "the server says that there are no vaults ({} of {} times before they are withdrawn)",
                self.empty_answers, self.policy.empty_answers
            );
            self.enter(State::Stale, Some(doubt), now);
        } else {
            self.acknowledge_empty(now);
        }
    }

    /// Believes the last empty answer, if it is in doubt. Returns whether it was.
    pub(super) fn acknowledge_empty(&mut self, now: Moment) -> bool {
        let Some(Doubted { state, reason, digest }) = self.doubted.take() else { return false };
        self.list = Arc::default();
        self.digest = digest;
        self.confirm(state, reason, now);
        true
    }

    /// Takes the vaults away: the server refuses us, and they may be another's by now.
    fn withdraw(&mut self, reason: String, now: Moment) {
        self.list = Arc::default();
        self.digest = None;
        self.confirmed = None;
        self.empty_answers = 0;
        self.doubted = None;
        self.enter(State::Revoked, Some(reason), now);
    }

    /// Keeps what there is. A refusal outlives an outage.
    fn fail(&mut self, reason: String, now: Moment) {
        match self.state {
            Some(State::Revoked) => {}
            Some(State::Expired) => self.reason = Some(reason),
            _ => {
                self.enter(State::Stale, Some(reason), now);
                self.tick(now);
            }
        }
    }

    fn confirm(&mut self, state: State, reason: Option<String>, now: Moment) {
        self.empty_answers = 0;
        self.doubted = None;
        self.confirmed = Some(now);
        self.enter(state, reason, now);
    }

    fn enter(&mut self, state: State, reason: Option<String>, now: Moment) {
        if self.state != Some(state) {
            self.state = Some(state);
            self.since = now;
        }
        self.reason = reason;
    }
}

/// Whether a list says that there are no vaults.
fn is_empty(list: &VaultList) -> bool {
    list.vaults.is_empty() && list.quarantined.is_empty()
}

#[cfg(test)]
mod tests;
