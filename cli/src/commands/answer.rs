//! An answer: the merged configuration, who resolved it, and how it is shown.

use daemon::{api::UserNames, load::Loaded};
use resolver::{Hidden, KeyPath, MASK, Redactor, Reveal, SafeView, Snapshot, Spelling, render};

use super::{asking::MaskedBy, suggestion};
use crate::failure::{Failure, Kind};

/// The merged configuration, and who resolved it.
pub(super) struct Answer {
    pub(super) snapshot: Snapshot,
    pub(super) resolved_by: ResolvedBy,
    pub(super) masked_by: MaskedBy,
    /// The names that the user hides; none if the daemon masks.
    pub(super) user_names: UserNames,
}

/// Who resolved an answer.
pub(super) enum ResolvedBy {
    /// The daemon: it tells the answer alone.
    Daemon,
    /// This process, which knows the sources too.
    ThisProcess(Box<Loaded>),
}

impl Answer {
    /// Spells what is at a path, with its secrets masked unless there is a [`Reveal`].
    ///
    /// # Errors
    /// Nothing is there.
    pub(super) fn render(
        &self,
        path: &KeyPath,
        spelling: Spelling,
        reveal: Option<Reveal>,
    ) -> Result<String, Failure> {
        let masked = || Reveal::grant("the daemon has masked it");
        let reveal = reveal.or_else(|| (self.masked_by == MaskedBy::Daemon).then(masked));
        let view = match reveal {
            Some(reveal) => SafeView::whole(&self.snapshot, path, reveal),
            None => self.user_names.redactor(&self.snapshot).view(&self.snapshot, path, None),
        };
        match view {
            Some(view) => Ok(render(&view, spelling)),
            None => Err(nothing_set(&self.snapshot, path)),
        }
    }

    /// Returns what masks texts of others: what is hidden anyway, and all that the answer tells.
    pub(super) fn redactor(&self, hidden: Hidden) -> Redactor {
        self.user_names.redactor_with(hidden, &self.snapshot)
    }

    /// Makes sure that there is something at a path.
    ///
    /// # Errors
    /// Nothing is there.
    pub(super) fn require(&self, path: &KeyPath) -> Result<(), Failure> {
        self.snapshot.get(path).map(|_| ()).ok_or_else(|| nothing_set(&self.snapshot, path))
    }
}

/// Returns the failure of a path at which there is nothing, with the nearest path that there is.
pub(super) fn nothing_set(snapshot: &Snapshot, path: &KeyPath) -> Failure {
    let failure = Failure::new(Kind::NoAnswer, format!("nothing is set at `{path}`"));
    match suggestion::for_path(snapshot, path) {
        Some(nearest) => failure.with_hint(format!("did you mean `{nearest}`?")),
        None => failure,
    }
}

/// Returns the failure of a daemon whose words we do not understand.
pub(super) fn unreadable(error: serde_json::Error) -> Failure {
    Failure::new(Kind::Unavailable, error).with_hint("is the daemon of another version?")
}

/// Grants the sight of secrets to the person who asks for it at their own shell.
pub(super) fn reveal_if(is_asked: bool) -> Option<Reveal> {
    is_asked.then(|| Reveal::grant("whoever typed `--reveal` may read the files and the vaults"))
}

/// Whether a text shows a mask in place of a secret.
pub(super) fn is_masked(text: &str) -> bool {
    text.contains(MASK)
}
