//! What may be shown, and to whom.

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

/// Decides what is a secret.
#[derive(Debug)]
pub struct Redactor {}

/// A value that may be shown to whoever it was made for: the only thing [`render`](crate::render)
/// takes.
#[derive(Debug)]
pub struct SafeView {
    pub(crate) value: Value,
}

impl SafeView {
    pub(crate) fn value(&self) -> &Value {
        &self.value
    }
}

impl Redactor {
    /// Returns the redactor for an answer: its own settings and the secrets it holds.
    pub fn for_snapshot(_snapshot: &Snapshot) -> Self {
        Self {}
    }

    /// Returns the value at a path as it may be shown: whole with a [`Reveal`], masked without.
    ///
    /// `None` if there is nothing at the path.
    pub fn view(
        &self,
        snapshot: &Snapshot,
        path: &KeyPath,
        _reveal: Option<Reveal>,
    ) -> Option<SafeView> {
        Some(SafeView { value: snapshot.get(path)?.clone() })
    }
}
