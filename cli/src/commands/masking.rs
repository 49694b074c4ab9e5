//! Masks what the daemon showed us whole because we may see it.

use resolver::{KeyPath, Redactor, Spelling, render};
use serde_json::value::RawValue;

use super::{answer::reveal_if, asking::Asking, asking::Wanted, tree};
use crate::failure::Failure;

/// Masks values of the daemon by the same rules, and knowing the same secrets, as `get`.
pub(super) struct Masking(Option<Redactor>);

impl Masking {
    /// Learns the secrets of the daemon's present answer.
    pub(super) fn of_daemon(asking: Asking<'_>, wanted: Wanted) -> Result<Self, Failure> {
        let snapshot = asking.ask_for_config(wanted)?;
        let Some(snapshot) = snapshot else { return Ok(Self(None)) };
        Ok(Self(Some(asking.user_names_of_daemon()?.redactor(&snapshot))))
    }

    /// Masks the value at a path in place; one that cannot be read back is left out.
    pub(super) fn mask(&self, value: &mut Option<Box<RawValue>>, path: &KeyPath) {
        let read = value.take().and_then(|value| tree::of_json(value.get()));
        *value = self.0.as_ref().zip(read).and_then(|(redactor, read)| {
            let text = render(&redactor.view_value(&read, path, reveal_if(false)), Spelling::Json);
            RawValue::from_string(text).ok()
        });
    }
}
