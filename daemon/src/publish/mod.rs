//! The door between the one writer of answers and all who read them.

mod bodies;
#[cfg(test)]
pub(crate) mod samples;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use resolver::{Hidden, KeyPath, Redactor, Reveal, Snapshot, Spelling, Value, render};
use tokio::sync::watch;

pub(crate) use self::bodies::Body;
use self::bodies::{Bodies, BodyKey};
use crate::{
    api::UserNames,
    health::Health,
    protocol::{BodyFormat, ConfigView},
};

/// What a profile answers at present. Cloning shares.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Its sources have not been read yet.
    Waiting,
    /// It has none, for this reason.
    None(Arc<str>),
    /// This one.
    Some(Arc<Published>),
}

/// An answer, and what some of its layers say alone.
#[derive(Debug)]
pub(crate) struct Merged {
    /// All layers.
    pub(crate) snapshot: Snapshot,
    /// The files alone; `None` if that is no answer.
    pub(crate) files: Option<Snapshot>,
    /// What may lie in a file that a client reads; `None` if that is no answer.
    pub(crate) client_file: Option<Snapshot>,
    /// Names of which the user hides the values.
    pub(crate) user_names: UserNames,
    /// What is secret whatever the answer says: our own environment's secrets, always the same.
    pub(crate) hidden: Hidden,
}

impl Merged {
    /// Returns an answer of which nothing more is known.
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        let (user_names, hidden) = (UserNames::default(), Hidden::default());
        Self { snapshot, files: None, client_file: None, user_names, hidden }
    }
}

/// One answer and its spellings, each made once.
#[derive(Debug)]
pub(crate) struct Published {
    /// Counts the answers of a profile from 1.
    pub(crate) revision: u64,
    /// The answer.
    pub(crate) snapshot: Snapshot,
    /// What the files alone say; `None` if that is no answer.
    pub(crate) files: Option<Snapshot>,
    /// What may lie in a file that a client reads, without monitoring vaults, since they outrank
    /// the client's own environment and a file does not; `None` if that is no answer.
    client_file: Option<ClientFile>,
    /// How many values it holds, lists and empty objects counted as one.
    pub(crate) keys: usize,
    /// Masks what is a secret of the answer.
    pub(crate) redactor: Redactor,
    user_names: UserNames,
    bodies: Bodies,
}

impl Published {
    /// Returns an answer without any spelling yet.
    pub(crate) fn new(revision: u64, merged: Merged) -> Self {
        let Merged { snapshot, files, client_file, user_names, hidden } = merged;
        let client_file = client_file.map(|file| {
            let (user_names, hidden) = (user_names.clone(), hidden.clone());
            let merged = Merged { user_names, hidden, ..Merged::new(file) };
            ClientFile::new(revision, &snapshot, merged)
        });
        let redactor = user_names.redactor_with(hidden, &snapshot);
        let keys = count_values(&snapshot);
        let bodies = Bodies::default();
        Self { revision, snapshot, files, client_file, keys, redactor, user_names, bodies }
    }

    /// Whether another answer is masked by the same names.
    pub(crate) fn hides_as(&self, merged: &Merged) -> bool {
        self.user_names == merged.user_names
    }

    /// Whether another answer says the same in every view.
    pub(crate) fn says(&self, merged: &Merged) -> bool {
        let is_same_file = match (self.client_file(), &merged.client_file) {
            (Some(own), Some(other)) => own.snapshot.same_answer(other),
            (own, other) => own.is_none() && other.is_none(),
        };
        is_same_file && self.snapshot.same_answer(&merged.snapshot)
    }

    /// Returns what a view shows; `None` if that is no answer.
    pub(crate) fn in_view(&self, view: ConfigView) -> Option<&Self> {
        match view {
            ConfigView::Merged => Some(self),
            ConfigView::Client => self.client_file(),
        }
    }

    /// Returns what may lie in a file that a client reads; `None` if that is no answer.
    pub(crate) fn client_file(&self) -> Option<&Self> {
        match self.client_file.as_ref()? {
            ClientFile::Same => Some(self),
            ClientFile::Other(published) => Some(published),
        }
    }

    /// Returns a spelling of what is at a path if it was asked for before; costs no allocation.
    ///
    /// The path is as the asker typed it; the empty one is the root.
    pub(crate) fn ready_body(
        &self,
        path: &str,
        format: BodyFormat,
        reveal: Option<Reveal>,
    ) -> Option<Body> {
        self.bodies.get(&BodyKey::new(path, format, reveal))
    }

    /// Returns a spelling of what is at a path, made now if it is the first time; `None` if there
    /// is nothing at the path.
    ///
    /// `typed` is the path as the asker typed it, `path` what that means.
    pub(crate) fn body(
        &self,
        typed: &str,
        path: &KeyPath,
        format: BodyFormat,
        reveal: Option<Reveal>,
    ) -> Option<Body> {
        let key = BodyKey::new(typed, format, reveal);
        self.bodies.get_or_make(&key, || {
            let view = self.redactor.view(&self.snapshot, path, reveal)?;
            Some(Body::spell(&view, format))
        })
    }

    /// Spells a value that something sets at a path, as JSON; nothing is kept.
    pub(crate) fn spell_value(
        &self,
        value: &Value,
        path: &KeyPath,
        reveal: Option<Reveal>,
    ) -> String {
        render(&self.redactor.view_value(value, path, reveal), Spelling::Json)
    }

    /// Spells what is at a path as a file that a client reads, secrets included.
    ///
    /// `None` if there is nothing at the path. Nothing is kept.
    pub(crate) fn spell_file(
        &self,
        path: &KeyPath,
        format: BodyFormat,
        reveal: Reveal,
    ) -> Option<String> {
        let snapshot = &self.client_file()?.snapshot;
        Some(bodies::spell(&self.redactor.view(snapshot, path, Some(reveal))?, format))
    }

    /// Returns the variables whose values an agent should hide in the command lines it prints.
    pub(crate) fn hide_names(&self) -> Vec<String> {
        self.user_names.variables_to_hide(&self.redactor, &self.snapshot)
    }

    /// Returns the body of the whole answer as JSON.
    pub(crate) fn root_body(&self, reveal: Option<Reveal>) -> Option<Body> {
        self.body("", &KeyPath::root(), BodyFormat::Json, reveal)
    }
}

/// What may lie in a file that a client reads.
#[derive(Debug)]
enum ClientFile {
    /// The answer itself, as nearly always.
    Same,
    /// Less than that, with spellings of its own.
    Other(Box<Published>),
}

impl ClientFile {
    fn new(revision: u64, answer: &Snapshot, file: Merged) -> Self {
        if answer.same_answer(&file.snapshot) {
            return Self::Same;
        }
        Self::Other(Box::new(Published::new(revision, file)))
    }
}

/// Counts the leaves of the tree, without recursion.
fn count_values(snapshot: &Snapshot) -> usize {
    let mut count = 0;
    let mut open: Vec<&Value> = snapshot.root().iter().map(|(_, child)| &child.value).collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) if !object.is_empty() => {
                open.extend(object.iter().map(|(_, child)| &child.value));
            }
            _ => count += 1,
        }
    }
    count
}

/// The writer's end: one for each profile.
#[derive(Debug)]
pub(crate) struct Publisher {
    answers: watch::Sender<Answer>,
    last: watch::Sender<Box<[Arc<Published>]>>,
    health: watch::Sender<Arc<Health>>,
}

/// A reader's end: takes the present answer without waiting, or waits for the next.
#[derive(Clone, Debug)]
pub(crate) struct Subscriber {
    answers: watch::Receiver<Answer>,
    last: watch::Receiver<Box<[Arc<Published>]>>,
    health: watch::Receiver<Arc<Health>>,
    answered: Arc<AtomicU64>,
}

/// Opens the door of one profile.
pub(crate) fn channel(health: Health) -> (Publisher, Subscriber) {
    let (answers, answers_end) = watch::channel(Answer::Waiting);
    let (last, last_end) = watch::channel(Box::default());
    let (health, health_end) = watch::channel(Arc::new(health));
    let subscriber = Subscriber {
        answers: answers_end,
        last: last_end,
        health: health_end,
        answered: Arc::default(),
    };
    (Publisher { answers, last, health }, subscriber)
}

impl Publisher {
    /// Makes an answer the present one; wakes those who wait for it.
    pub(crate) fn publish(&self, answer: Answer) {
        self.answers.send_replace(answer);
    }

    /// Puts an answer that says the same in the place of the present one: only what explains it
    /// differs, so that nobody is woken.
    pub(crate) fn replace_quietly(&self, published: Arc<Published>) {
        self.answers.send_if_modified(|answer| {
            *answer = Answer::Some(published);
            false
        });
    }

    /// Says which of the last answers may still be asked about.
    pub(crate) fn remember(&self, last: impl IntoIterator<Item = Arc<Published>>) {
        self.last.send_replace(last.into_iter().collect());
    }

    /// Says how the sources fare.
    pub(crate) fn report(&self, health: Health) {
        self.health.send_replace(Arc::new(health));
    }
}

impl Subscriber {
    /// Returns the present answer.
    pub(crate) fn answer(&self) -> Answer {
        self.answers.borrow().clone()
    }

    /// Returns what is published at present, if anything is.
    pub(crate) fn published(&self) -> Option<Arc<Published>> {
        match &*self.answers.borrow() {
            Answer::Some(published) => Some(published.clone()),
            Answer::Waiting | Answer::None(_) => None,
        }
    }

    /// Returns the present answer, and from now on waits for the one after it.
    pub(crate) fn newest_answer(&mut self) -> Answer {
        self.answers.borrow_and_update().clone()
    }

    /// Waits until there is another answer than the one last taken by [`Self::newest_answer`];
    /// `false` if the writer has ended.
    pub(crate) async fn changed(&mut self) -> bool {
        self.answers.changed().await.is_ok()
    }

    /// Waits until there is an answer, or it is known that there is none.
    ///
    /// Returns [`Answer::Waiting`] only if the writer has ended.
    pub(crate) async fn first_answer(&self) -> Answer {
        let mut answers = self.answers.clone();
        match answers.wait_for(|answer| !matches!(answer, Answer::Waiting)).await {
            Ok(answer) => answer.clone(),
            Err(_) => Answer::Waiting,
        }
    }

    /// Returns the one of the last answers that has this digest, as whoever asks may see it.
    pub(crate) fn last_answer(
        &self,
        digest: &str,
        reveal: Option<Reveal>,
    ) -> Option<Arc<Published>> {
        let last = self.last.borrow().clone();
        let is_meant = |published: &Arc<Published>| {
            published.root_body(reveal).is_some_and(|body| body.digest() == digest)
        };
        last.into_iter().find(is_meant)
    }

    /// Returns the revision of the present answer, 0 if there is none.
    pub(crate) fn revision(&self) -> u64 {
        self.published().map_or(0, |published| published.revision)
    }

    /// Returns how the sources fare.
    pub(crate) fn health(&self) -> Arc<Health> {
        self.health.borrow().clone()
    }

    /// Counts one question for the configuration that was answered.
    pub(crate) fn count_answer(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many questions for the configuration were answered.
    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }
}
