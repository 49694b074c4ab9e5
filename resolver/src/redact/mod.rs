//! What may be shown, and to whom.
//!
//! ```text
//! names   Hidden + the answer ─→ Names ──┐
//! values  Secrets ─→ spellings ─→ Search ┴→ Rules ─find→ Spans ─→ masked text
//! ```
//!
//! A text is searched once for all that may announce a secret; the rules then look around each
//! place. A tree goes by its keys, a list of arguments by its neighbours, a stream by whole lines.

mod arguments;
mod exported;
mod hidden;
mod names;
mod rules;
mod search;
mod secrets;
mod shape;
mod spans;
mod spellings;
mod stream;
#[cfg(test)]
mod tests;
mod view;
mod weight;
mod word_set;

use std::{borrow::Cow, sync::Arc};

pub use self::{hidden::Hidden, stream::MaskingStream, view::SafeView};
use self::{
    names::Names,
    rules::{Memory, Reading, Rules, Style},
    secrets::Secrets,
    spans::Spans,
    view::Sight,
};
use crate::{key_path::KeyPath, snapshot::Snapshot, value::Value};

/// The text that stands where a secret was.
pub const MASK: &str = "********";

/// The proof that whoever asks may see secrets.
///
/// Each [`Reveal::grant`] is a line that a reviewer can find.
#[derive(Clone, Copy, Debug)]
pub struct Reveal(());

impl Reveal {
    /// Grants the sight of secrets; the reason is for the reader of the code.
    pub const fn grant(_why: &'static str) -> Self {
        Self(())
    }
}

/// Decides what is a secret: by the name of its key, by the form of its text, and by being equal
/// to a secret that is known. Cloning shares; `Debug` shows counts.
#[derive(Clone)]
pub struct Redactor {
    rules: Arc<Rules>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Redactor({} secrets)", self.rules.secret_count())
    }
}

impl Redactor {
    /// Returns the redactor for an answer: its own settings
    /// (`agent.hide_docker_command_env_vars.extra_keys`) and the secrets it holds, those that a
    /// higher layer hides included.
    pub fn for_snapshot(snapshot: &Snapshot) -> Self {
        Self::new(&Hidden::default(), Some(snapshot))
    }

    /// Returns the redactor for an answer, if there is one, that hides some names and values
    /// besides.
    pub fn new(hidden: &Hidden, snapshot: Option<&Snapshot>) -> Self {
        let names = Names::new(hidden, snapshot.map(Snapshot::root));
        // Without secrets to search for, the rules tell those that stand in texts of the answer.
        let rules = Rules::new(names);
        let mut secrets = Secrets::new(&rules);
        for secret in hidden.values() {
            secrets.add(secret);
        }
        for (name, value) in hidden.variables() {
            secrets.add_variable(name, value);
        }
        if let Some(snapshot) = snapshot {
            secrets.add_of_snapshot(snapshot);
        }
        let secrets = secrets.into_texts();
        Self { rules: Arc::new(rules.with_secrets(secrets)) }
    }

    /// Returns the value at a path as it may be shown: whole with a [`Reveal`], masked without.
    ///
    /// `None` if there is nothing at the path.
    pub fn view(
        &self,
        snapshot: &Snapshot,
        path: &KeyPath,
        reveal: Option<Reveal>,
    ) -> Option<SafeView> {
        Some(self.view_value(snapshot.get(path)?, path, reveal))
    }

    /// Returns a value that something sets at a path, such as one that is shadowed, as it may be
    /// shown.
    pub fn view_value(&self, value: &Value, path: &KeyPath, reveal: Option<Reveal>) -> SafeView {
        if reveal.is_some() {
            return SafeView { value: value.clone() };
        }
        let sight =
            path.keys().iter().fold(Sight::Plain, |sight, key| sight.below(key, self.names()));
        SafeView { value: self.masked(value, sight) }
    }

    /// Masks secrets in a text that is shown to a person, such as a log line: every secret of the
    /// answer, passwords in URLs, values of names of secrets.
    pub fn mask(&self, text: &str) -> String {
        self.mask_text(text).into_owned()
    }

    /// Masks secrets in the output of a program or any other bytes, line by line. What is no UTF-8
    /// is kept.
    pub fn mask_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut masked = Vec::with_capacity(bytes.len());
        let mut stream = self.stream();
        stream.push(bytes, &mut masked);
        stream.finish(&mut masked);
        masked
    }

    /// Masks a stream of bytes as it flows, in bounded memory.
    pub fn stream(&self) -> MaskingStream {
        MaskingStream::new(self.clone())
    }

    fn names(&self) -> &Names {
        &self.rules.names
    }

    /// Masks a text that somebody wrote into a setting or a message.
    fn mask_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut spans = Spans::default();
        let manner = (Reading::Whole, Style::Prose);
        self.rules.find(text.as_bytes(), manner, &mut Memory::default(), &mut spans);
        spans.masked(text)
    }
}
