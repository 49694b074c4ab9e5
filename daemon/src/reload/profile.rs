//! One profile's answer, kept and published.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Instant,
};

use resolver::{Reveal, SourceIds};
use tokio::{sync::watch, task::JoinError};
use tracing::error;

use super::{
    answers::{Answers, Made},
    keeping::Keeping,
    recipe::Recipe,
    said::Said,
    vault_tier::VaultTier,
    work::{Outcome, Work},
};
use crate::{
    ambient::Ambient,
    api::{Endpoint, FetchError, UserNames, VaultAnswer},
    health::Moment,
    publish::{self, Published, Subscriber},
    settings::{Profile, Settings, VaultSource},
};

/// Keeps one profile's answer.
#[derive(Debug)]
pub(super) struct Keeper {
    name: Arc<str>,
    recipe: Arc<Recipe>,
    work: Work,
    to_do: ToDo,
    answers: Answers,
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
    /// The vaults on disk have to be brought up to date.
    Keep,
    /// What is known has to be put together again.
    Merge,
    /// Files have to be read, too.
    Read,
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
    /// The answer before, if there was one, and the revision of the next.
    before: Option<Arc<Published>>,
    revision: u64,
    ids: Arc<Mutex<SourceIds>>,
}

/// A piece of work that is done.
pub(super) struct Done {
    work: Work,
    /// `None` if no answer had to be made.
    outcome: Option<Outcome<Made>>,
}

impl Task {
    /// Does it. Blocks.
    pub(super) fn run(mut self, now: Moment) -> Done {
        if self.to_do == ToDo::Read {
            self.work.take(self.recipe.read(), &self.recipe, &self.ids, now);
        }
        let outcome = (self.to_do > ToDo::Keep).then(|| self.make_answer());
        // What was withdrawn goes from the disk before anybody is told; what is new may come to it
        // after everybody is, as a slow disk must not delay an answer.
        if outcome.is_none() || self.work.is_withdrawn() {
            self.work.keep(&self.recipe);
        }
        Done { work: self.work, outcome }
    }

    fn make_answer(&mut self) -> Outcome<Made> {
        match self.work.answer(&self.recipe, &self.ids) {
            Outcome::Answer(merged) => {
                Outcome::Answer(Made::new(merged, self.before.as_deref(), self.revision))
            }
            Outcome::Waiting => Outcome::Waiting,
            Outcome::Broken(reason) => Outcome::Broken(reason),
            Outcome::Closed(reason) => Outcome::Closed(reason),
        }
    }
}

impl Keeper {
    pub(super) fn new(
        name: Arc<str>,
        settings: &Settings,
        profile: &Profile,
        ambient: &Arc<Ambient>,
        keeping: Keeping,
        now: Moment,
    ) -> (Self, ProfileEnds) {
        let work = Work::new(VaultTier::new(profile, now), keeping);
        let (publisher, subscriber) = publish::channel(work.health(None, None));
        let (endpoint, endpoint_end) = watch::channel(None);
        let asks_a_server = matches!(profile.sources.vaults, VaultSource::Server(_));
        let keeper = Self {
            recipe: Arc::new(Recipe::new(name.clone(), settings, profile, ambient)),
            name,
            work,
            to_do: ToDo::Read,
            answers: Answers::new(publisher),
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
        self.change_tier(|tier| tier.asked(answer, next, now));
    }

    /// Notes what came of asking for the names that the user hides.
    pub(super) fn names_asked(&mut self, answer: Result<UserNames, FetchError>) {
        let before = self.work.names.list();
        self.work.names.asked(answer, &self.name);
        let is_other = self.work.names.list() != before;
        self.to_do = self.to_do.max(if is_other { ToDo::Merge } else { ToDo::Tell });
    }

    /// Believes an empty answer that is in doubt. Returns whether there is one.
    pub(super) fn acknowledge_empty(&mut self, now: Moment) -> bool {
        let mut was_in_doubt = false;
        self.change_tier(|tier| was_in_doubt = tier.acknowledge_empty(now));
        was_in_doubt
    }

    /// Serves one of the last answers, whatever comes. Returns whether there is one of that digest.
    pub(super) fn pin(&mut self, digest: &str, reveal: Reveal) -> bool {
        self.to_do = self.to_do.max(ToDo::Tell);
        self.answers.pin(&self.name, digest, reveal)
    }

    /// Serves the newest answer again. Returns whether another one was pinned.
    pub(super) fn unpin(&mut self) -> bool {
        self.to_do = self.to_do.max(ToDo::Tell);
        self.answers.unpin(&self.name)
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
        } else if self.work.is_keeping_due() {
            ToDo::Keep
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
        self.work.endpoint.is_some() || matches!(self.recipe.sources.vaults, VaultSource::Etcd(_))
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
            before: self.answers.newest().cloned(),
            revision: self.answers.next_revision(),
            ids,
        })
    }

    /// Takes work that was done, and publishes what came of it.
    pub(super) fn finish(&mut self, done: Done) {
        self.work = done.work;
        self.send_endpoint();
        // A try to keep that failed is repeated at the next look at the source, not at once.
        if done.outcome.is_some() && self.work.is_keeping_due() {
            self.to_do = self.to_do.max(ToDo::Keep);
        }
        match done.outcome {
            None | Some(Outcome::Waiting) => {}
            Some(Outcome::Answer(made)) => self.answers.take(&self.name, made),
            // The last answer may hold the vaults that were withdrawn.
            Some(Outcome::Broken(reason)) if self.work.tier.is_revoked() => {
                self.answers.withdraw(reason);
            }
            Some(Outcome::Broken(reason)) => self.answers.keep(reason),
            Some(Outcome::Closed(reason)) => self.answers.withdraw(reason),
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

    /// Tells whoever asks how the sources fare, and the log what of that has changed.
    fn tell(&mut self) {
        if self.work.tier.is_revoked() {
            self.answers.forget_old(&self.name);
        }
        let snapshot = self.answers.served().map(|published| &published.snapshot);
        let mut health = self.work.health(snapshot, self.answers.fault());
        health.is_pinned = self.answers.is_pinned();
        self.said.log(&self.name, &health, self.work.tier.is_waiting());
        self.answers.publisher().report(health);
    }
}
