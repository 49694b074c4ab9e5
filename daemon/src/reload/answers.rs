//! The answers of one profile: which was made last, and which is served.

use std::{collections::VecDeque, sync::Arc};

use resolver::{Reveal, Snapshot};
use tracing::{info, warn};

use crate::publish::{Answer, Merged, Published, Publisher};

/// Answers that can be pinned: the newest and those just before it.
const MAX_LAST: usize = 4;

/// The answers of one profile.
#[derive(Debug)]
pub(super) struct Answers {
    publisher: Publisher,
    /// The revision of the last answer.
    revisions: u64,
    /// The newest answer that counts.
    newest: Option<Arc<Published>>,
    /// The one that is served in its place, if an administrator said so.
    pinned: Option<Arc<Published>>,
    /// The last few, newest first.
    last: VecDeque<Arc<Published>>,
    /// Why there is no answer, or the one that is served is not the newest.
    fault: Option<String>,
}

/// An answer, compared with the one before it.
#[derive(Debug)]
pub(super) enum Made {
    /// It is the same, down to where it came from.
    Same,
    /// It says the same, but came from elsewhere, or other names are masked in it.
    Moved(Arc<Published>),
    /// It says something else.
    New(Arc<Published>),
}

impl Made {
    /// Compares an answer with the one before it. Takes longer than a question may wait.
    pub(super) fn new(merged: Merged, before: Option<&Published>, revision: u64) -> Self {
        match before {
            Some(before)
                if same_layers(&before.snapshot, &merged.snapshot) && before.hides_as(&merged) =>
            {
                Self::Same
            }
            Some(before) if before.says(&merged) => {
                Self::Moved(Arc::new(Published::new(before.revision, merged)))
            }
            _ => Self::New(Arc::new(Published::new(revision, merged))),
        }
    }
}

impl Answers {
    pub(super) fn new(publisher: Publisher) -> Self {
        Self {
            publisher,
            revisions: 0,
            newest: None,
            pinned: None,
            last: VecDeque::new(),
            fault: None,
        }
    }

    /// Returns the newest answer, to compare the next one with.
    pub(super) fn newest(&self) -> Option<&Arc<Published>> {
        self.newest.as_ref()
    }

    /// Returns the revision that the next answer has if it says something new.
    pub(super) fn next_revision(&self) -> u64 {
        self.revisions + 1
    }

    /// Returns the answer that is served.
    pub(super) fn served(&self) -> Option<&Arc<Published>> {
        self.pinned.as_ref().or(self.newest.as_ref())
    }

    pub(super) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    pub(super) fn is_pinned(&self) -> bool {
        self.pinned.is_some()
    }

    /// Lets readers and the publisher's other end know how the sources fare.
    pub(super) fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// Takes an answer that was made.
    pub(super) fn take(&mut self, profile: &str, made: Made) {
        self.fault = None;
        match made {
            Made::Same => {}
            Made::Moved(published) => {
                self.last.pop_front();
                self.last.push_front(published.clone());
                self.remember();
                if !self.is_pinned() {
                    self.publisher.replace_quietly(published.clone());
                }
                self.newest = Some(published);
            }
            Made::New(published) => {
                let (revision, keys) = (published.revision, published.keys);
                info!(profile, revision, keys, is_pinned = self.is_pinned(), "a new answer");
                self.revisions = revision;
                self.last.push_front(published.clone());
                self.last.truncate(MAX_LAST);
                self.remember();
                self.newest = Some(published);
                self.publish();
            }
        }
    }

    /// The last answer wins over a text at fault; if there never was one, says why.
    pub(super) fn keep(&mut self, reason: String) {
        self.fault = Some(reason);
        if self.served().is_none() {
            self.publish();
        }
    }

    /// Takes back all answers: they may hold what nobody may see any more.
    pub(super) fn withdraw(&mut self, reason: String) {
        self.fault = Some(reason);
        self.newest = None;
        self.pinned = None;
        self.last.clear();
        self.remember();
        self.publish();
    }

    /// Forgets all answers but the newest, a pinned one too: they hold vaults that were withdrawn.
    pub(super) fn forget_old(&mut self, profile: &str) {
        self.last.truncate(1);
        self.remember();
        if self.pinned.take().is_some() {
            warn!(profile, "an answer is pinned no more, since its vaults were withdrawn");
            self.publish();
        }
    }

    /// Serves one of the last answers from now on. Returns whether there is one of that digest.
    pub(super) fn pin(&mut self, profile: &str, digest: &str, reveal: Reveal) -> bool {
        let is_meant = |published: &&Arc<Published>| {
            published.root_body(Some(reveal)).is_some_and(|body| body.digest() == digest)
        };
        let Some(pinned) = self.last.iter().find(is_meant).cloned() else { return false };
        warn!(profile, revision = pinned.revision, "an administrator pinned an answer");
        self.pinned = Some(pinned);
        self.publish();
        true
    }

    /// Serves the newest answer again. Returns whether another one was pinned.
    pub(super) fn unpin(&mut self, profile: &str) -> bool {
        let was_pinned = self.pinned.take().is_some();
        if was_pinned {
            warn!(profile, "an administrator unpinned an answer");
            self.publish();
        }
        was_pinned
    }

    fn remember(&self) {
        self.publisher.remember(self.last.iter().cloned());
    }

    /// Shows readers what is served now, and wakes them if it is something else than before.
    fn publish(&self) {
        self.publisher.publish(match (self.served(), &self.fault) {
            (Some(published), _) => Answer::Some(published.clone()),
            (None, reason) => Answer::None(reason.as_deref().unwrap_or_default().into()),
        });
    }
}

/// Whether two answers were made of the very same layers.
fn same_layers(one: &Snapshot, other: &Snapshot) -> bool {
    let (one, other) = (one.layers(), other.layers());
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| Arc::ptr_eq(one, other))
}
