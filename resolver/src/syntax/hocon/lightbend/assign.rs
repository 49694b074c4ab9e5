//! Assignments: objects join, anything else covers what the key held.

use lean_string::LeanStr;

use super::Lightbend;
use crate::{
    diagnostic::Diagnostic,
    document::Covered,
    key_path::KeyPath,
    object::{Filling, Object},
    overlay::{self, Beneath},
    syntax::hocon::{
        reader::Reader,
        scanner::Fault,
        tree::{Operator, Waiting},
    },
    value::{Open, Piece, Spanned, Value},
};

impl Reader<'_, '_, '_, Lightbend> {
    #[inline]
    pub(super) fn assign_value(&mut self, value: Spanned) -> Result<(), Fault> {
        match self.tree.top().map(|frame| frame.operator) {
            Some(Operator::Append) => {
                let value = self.appended(value)?;
                self.set(value);
            }
            _ => self.set(value),
        }
        Ok(())
    }

    #[inline]
    fn set(&mut self, value: Spanned) {
        if self.tree.has_single_key() {
            self.tree.add_entry(value);
        } else {
            self.set_path(value);
        }
    }

    /// Assigns to a path of several keys.
    #[inline(never)]
    fn set_path(&mut self, value: Spanned) {
        match self.tree.waiting() {
            Waiting::Nothing => {
                self.tree.add_nested_entry(value);
                return;
            }
            Waiting::Object { object, origin, keys } => {
                *origin = value.origin;
                set_path(object, keys, value, &mut self.scanner.reading.covered);
            }
            Waiting::Unknown => {
                self.set_entries();
                if let Some((object, keys)) = self.tree.assignment() {
                    set_path(object, keys, value, &mut self.scanner.reading.covered);
                }
            }
        }
        self.tree.clear_keys();
    }

    /// Makes the assignments that were put off.
    pub(super) fn set_entries(&mut self) {
        let Some((object, entries)) = self.tree.take_entries() else { return };
        let mut filling = object.filling(entries.len());
        for (key, value) in entries {
            set(&mut filling, key, value, &mut self.scanner.reading.covered);
        }
    }

    /// Makes of `key += value` what it stands for: `key = ${?key} [value]`.
    fn appended(&mut self, value: Spanned) -> Result<Spanned, Fault> {
        let origin = value.origin;
        if self.tree.is_in_list() {
            let message = "`+=` cannot stand inside a list";
            let diagnostic = Diagnostic::error("hocon-append-in-list", message, origin)
                .with_help("move it out of the list, or write all items into one list");
            return Err(self.scanner.fail(diagnostic));
        }
        let path: KeyPath = self.tree.keys_from_root().iter().cloned().collect();
        let name = path.to_string();
        let below = self.reference(&path, name, (true, origin))?;
        let pieces = [below, Value::array(vec![value])]
            .map(|value| Piece { space: LeanStr::default(), value: value.spanned(origin) });
        Ok(Value::Open(Open::Concat(pieces.into()).into()).spanned(origin))
    }
}

fn set(filling: &mut Filling<'_>, key: LeanStr, value: Spanned, covered: &mut Vec<Covered>) {
    if let Err((key, value)) = filling.try_insert(key, value)
        && let Some(there) = filling.object.get_mut(&key)
    {
        cover(there, &value, covered);
        overlay::overlay(there, value, Beneath::Kept);
    }
}

fn set_path(object: &mut Object, keys: &[LeanStr], value: Spanned, covered: &mut Vec<Covered>) {
    if let Some(there) = value_at(object, keys) {
        cover(there, &value, covered);
    }
    overlay::assign_over(object, keys, value, Beneath::Kept);
}

fn value_at<'o>(object: &'o Object, keys: &[LeanStr]) -> Option<&'o Spanned> {
    let (last, above) = keys.split_last()?;
    above.iter().try_fold(object, |object, key| object.get(key)?.value.as_object())?.get(last)
}

/// Takes note of a value that another covers for good.
fn cover(there: &Spanned, value: &Spanned, covered: &mut Vec<Covered>) {
    let joins = there.value.is_open() || there.value.is_object();
    let stays = value.value.is_open() || (value.value.is_object() && joins);
    if !stays {
        covered.push(Covered { origin: there.origin, by: value.origin });
    }
}
