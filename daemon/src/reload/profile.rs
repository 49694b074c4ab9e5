//! One profile's answer, kept and published.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Instant,
};

use resolver::{Snapshot, SourceIds};
use tokio::{sync::watch, task::JoinError};
use tracing::{error, info, warn};

use super::{
    recipe::Recipe,
    vault_tier::VaultTier,
    work::{Outcome, Work},
};
use crate::{
    ambient::Ambient,
    api::{Endpoint, FetchError, VaultAnswer},
    health::{Health, Moment, Quarantined, State, VaultHealth},
    publish::{self, Answer, Published, Publisher, Subscriber},
    settings::{Profile, Settings, VaultSource},
};

/// Keeps one profile's answer.
#[derive(Debug)]
pub(super) struct Keeper {
    name: Arc<str>,
    recipe: Arc<Recipe>,
    work: Work,
    to_do: ToDo,
    published: Option<Arc<Published>>,
    /// Why there is no answer, or the one that is published is not the newest.
    fault: Option<String>,
    revisions: u64,
    publisher: Publisher,
    endpoint: watch::Sender<Option<Arc<Endpoint>>>,
    /// What was last said in the log, so that it is said once.
    said: Said,
}

/// What has to be made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ToDo {
    Nothing,
    /// Only how the sources fare has to be told.
    Tell,
    /// What is known has to be put together again.
    Merge,
    /// Files have to be read, too.
    Read,
}

/// What the log was told last.
#[derive(Debug, Default)]
struct Said {
    state: Option<State>,
    fault: Option<String>,
    quarantined: Vec<Quarantined>,
}

/// What the other tasks hold of one profile.
pub(super) struct ProfileEnds {
    pub(super) subscriber: Subscriber,
    /// `None` if the profile never asks a server.
    pub(super) endpoint: Option<watch::Receiver<Option<Arc<Endpoint>>>>,
}

/// One piece of work, to be done where it may block.
pub(super) struct Task {
    recipe: Arc<Recipe>,
    work: Work,
    to_do: ToDo,
    ids: Arc<Mutex<SourceIds>>,
}

/// A piece of work that is done.
pub(super) struct Done {
    work: Work,
    outcome: Outcome,
}

impl Task {
    /// Does it. Blocks.
    pub(super) fn run(mut self, now: Moment) -> Done {
        if self.to_do == ToDo::Read {
            self.work.take(self.recipe.read(), &self.recipe, &self.ids, now);
        }
        let outcome = self.work.answer(&self.recipe, &self.ids);
        Done { work: self.work, outcome }
    }
}

impl Keeper {
    pub(super) fn new(
        name: Arc<str>,
        settings: &Settings,
        profile: &Profile,
        ambient: &Arc<Ambient>,
        now: Moment,
    ) -> (Self, ProfileEnds) {
        let work = Work::new(VaultTier::new(profile, now));
        let (publisher, subscriber) = publish::channel(work.health(None, None));
        let (endpoint, endpoint_end) = watch::channel(None);
        let asks_a_server = matches!(profile.sources.vaults, VaultSource::Server(_));
        let keeper = Self {
            name,
            recipe: Arc::new(Recipe::new(settings, profile, ambient)),
            work,
            to_do: ToDo::Read,
            published: None,
            fault: None,
            revisions: 0,
            publisher,
            endpoint,
            said: Said::default(),
        };
        let endpoint = asks_a_server.then_some(endpoint_end);
        (keeper, ProfileEnds { subscriber, endpoint })
    }

    /// Notes that files may have changed.
    pub(super) fn read_again(&mut self) {
        self.to_do = ToDo::Read;
    }

    /// Notes what came of asking the server.
    pub(super) fn asked(
        &mut self,
        answer: Result<VaultAnswer, FetchError>,
        next: Instant,
        now: Moment,
    ) {
        if let Ok(answer) = &answer {
            for note in &answer.list.notes {
                tracing::debug!(profile = &*self.name, note, "a vault is left out");
            }
        }
        let answer = answer.map(|answer| (answer.list, answer.digest));
        self.change_tier(|tier| tier.asked(answer, next, now));
    }

    /// Lets time pass.
    pub(super) fn tick(&mut self, waited_enough: bool, now: Moment) {
        self.change_tier(|tier| {
            tier.tick(now);
            if waited_enough {
                tier.stop_waiting("its source has not answered yet", now);
            }
        });
    }

    /// Changes the vaults' state; equal vaults make nothing anew.
    fn change_tier(&mut self, change: impl FnOnce(&mut VaultTier)) {
        let before = (self.work.tier.standing(), self.work.tier.health());
        change(&mut self.work.tier);
        let to_do = if self.work.tier.standing() != before.0 {
            ToDo::Merge
        } else if self.work.tier.health() != before.1 {
            ToDo::Tell
        } else {
            ToDo::Nothing
        };
        self.to_do = self.to_do.max(to_do);
    }

    /// Returns when time by itself changes something.
    pub(super) fn deadline(&self, first_answer: Instant) -> Option<Instant> {
        let waits = self.work.tier.is_waiting();
        self.work.tier.deadline().into_iter().chain(waits.then_some(first_answer)).min()
    }

    pub(super) fn asks_a_server(&self) -> bool {
        self.work.endpoint.is_some()
    }

    /// Returns everything on this host that the answer depends on.
    pub(super) fn paths(&self) -> BTreeSet<PathBuf> {
        self.work.paths(&self.recipe)
    }

    /// Returns the work there is to do, if any that may block.
    pub(super) fn task(&mut self, ids: Arc<Mutex<SourceIds>>) -> Option<Task> {
        let to_do = std::mem::replace(&mut self.to_do, ToDo::Nothing);
        if to_do == ToDo::Tell {
            self.tell();
        }
        (to_do > ToDo::Tell).then(|| Task {
            recipe: self.recipe.clone(),
            work: self.work.clone(),
            to_do,
            ids,
        })
    }

    /// Takes work that was done, and publishes what came of it.
    pub(super) fn finish(&mut self, done: Done) {
        self.work = done.work;
        self.send_endpoint();
        match done.outcome {
            Outcome::Waiting => {}
            Outcome::Answer(snapshot) => self.publish_answer(snapshot),
            Outcome::Broken(reason) => self.keep_answer(reason),
            Outcome::Closed(reason) => self.withdraw_answer(reason),
        }
        self.tell();
    }

    /// Notes that the work was cut short by a fault of ours: what was published stays.
    pub(super) fn failed(&mut self, error: &JoinError) {
        error!(profile = &*self.name, %error, "cannot make the answer: a fault of this program");
    }

    fn send_endpoint(&self) {
        let endpoint = &self.work.endpoint;
        self.endpoint.send_if_modified(|there| {
            let same = match (&*there, endpoint) {
                (Some(there), Some(endpoint)) => Arc::ptr_eq(there, endpoint),
                (there, endpoint) => there.is_none() && endpoint.is_none(),
            };
            there.clone_from(endpoint);
            !same
        });
    }

    /// The last answer wins over a text at fault; if there never was one, says why.
    fn keep_answer(&mut self, reason: String) {
        if self.published.is_none() {
            self.publisher.publish(Answer::None(reason.as_str().into()));
        }
        self.fault = Some(reason);
    }

    fn withdraw_answer(&mut self, reason: String) {
        self.publisher.publish(Answer::None(reason.as_str().into()));
        self.published = None;
        self.fault = Some(reason);
    }

    fn publish_answer(&mut self, snapshot: Snapshot) {
        self.fault = None;
        let same = self.published.as_ref().filter(|there| there.snapshot.same_answer(&snapshot));
        if let Some(there) = same {
            if same_layers(&there.snapshot, &snapshot) {
                return;
            }
            let published = Arc::new(Published::new(there.revision, snapshot));
            self.publisher.replace_quietly(published.clone());
            self.published = Some(published);
            return;
        }
        self.revisions += 1;
        let published = Arc::new(Published::new(self.revisions, snapshot));
        info!(
            profile = &*self.name,
            revision = published.revision,
            keys = published.keys,
            "a new answer is served"
        );
        self.publisher.publish(Answer::Some(published.clone()));
        self.published = Some(published);
    }

    /// Tells whoever asks how the sources fare, and the log what of that has changed.
    fn tell(&mut self) {
        let snapshot = self.published.as_ref().map(|published| &published.snapshot);
        let health = self.work.health(snapshot, self.fault.as_deref());
        self.said.log(&self.name, &health, self.work.tier.is_waiting());
        self.publisher.report(health);
    }
}

impl Said {
    fn log(&mut self, profile: &str, health: &Health, is_waiting: bool) {
        self.log_fault(profile, health);
        self.log_quarantine(profile, health);
        if !is_waiting {
            self.log_state(profile, &health.vaults);
        }
    }

    fn log_state(&mut self, profile: &str, vaults: &VaultHealth) {
        if self.state.replace(vaults.state) == Some(vaults.state) {
            return;
        }
        let (state, reason) = (vaults.state.name(), vaults.reason.as_deref());
        match vaults.state {
            State::Fresh | State::Off | State::Absent => {
                info!(profile, state, reason, "the state of the vaults changed");
            }
            State::Stale | State::Expired | State::Revoked => {
                warn!(profile, state, reason, "the state of the vaults changed");
            }
        }
    }

    fn log_fault(&mut self, profile: &str, health: &Health) {
        if self.fault == health.fault {
            return;
        }
        self.fault.clone_from(&health.fault);
        if let Some(reason) = &health.fault {
            error!(profile, reason, "there is no new answer");
        } else {
            info!(profile, "the answer is new again");
        }
    }

    fn log_quarantine(&mut self, profile: &str, health: &Health) {
        let is_in = |list: &[Quarantined], one| list.contains(one);
        for new in health.quarantined.iter().filter(|one| !is_in(&self.quarantined, one)) {
            warn!(profile, last_good_used = new.last_good_used, "kept out: {new}");
        }
        for old in self.quarantined.iter().filter(|one| !is_in(&health.quarantined, one)) {
            info!(profile, source = %old.source, "no longer kept out for: {}", old.message);
        }
        self.quarantined.clone_from(&health.quarantined);
    }
}

/// Whether two answers were made of the very same layers.
fn same_layers(one: &Snapshot, other: &Snapshot) -> bool {
    let (one, other) = (one.layers(), other.layers());
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| Arc::ptr_eq(one, other))
}
