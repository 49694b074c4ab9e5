//! Assignments as the clients make them: `ConfigTree.put` of `clearml` 2.1.12.
//!
//! They differ from HOCON's where a key has a value already. Braces over a scalar are an error; a
//! dotted path forgets what is no object on its way; two objects join key by key, and in that an
//! object forgets a reference below it.

use std::sync::Arc;

use lean_string::LeanStr;

use super::{Clearml, earlier::refers_to, history::is_list_that_names};
use crate::{
    diagnostic::Diagnostic,
    document::{Append, Covered},
    object::Object,
    origin::Origin,
    overlay::{self, Beneath},
    syntax::hocon::{reader::Reader, scanner::Fault, tree::Waiting},
    value::{Open, Piece, Reference, Spanned, Value},
};

/// Whether an object joins an open value that is laid above it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Laying {
    /// It becomes a part of that value.
    Join,
    /// It lies below, for the value's own references to find.
    Above,
}

impl Reader<'_, '_, '_, Clearml> {
    /// Assigns by `=`, `:` or braces.
    #[inline]
    pub(super) fn set(&mut self, value: Spanned) -> Result<(), Fault> {
        if self.needs_history(self.tree.keys(), &value) {
            let keys = self.tree.keys().to_vec();
            self.tree.clear_keys();
            return self.put(&keys, value, Laying::Join);
        }
        if !self.tree.has_single_key() {
            return self.set_path(value);
        }
        self.tree.add_entry(value);
        Ok(())
    }

    /// Assigns to a path of several keys, none of which has a history.
    #[inline(never)]
    fn set_path(&mut self, value: Spanned) -> Result<(), Fault> {
        let origin = value.origin;
        let laid = match self.tree.waiting() {
            Waiting::Nothing => {
                self.tree.add_nested_entry(value);
                return Ok(());
            }
            Waiting::Object { object, origin: place, keys } => {
                *place = origin;
                put(object, keys, value, Laying::Join, &mut self.scanner.reading.covered)
            }
            Waiting::Unknown => {
                self.put_entries()?;
                if self.is_section_over_value() {
                    let keys = self.tree.keys().to_vec();
                    self.tree.clear_keys();
                    return self.put_at_root(&keys, value, Laying::Join);
                }
                let covered = &mut self.scanner.reading.covered;
                self.tree.assignment().map_or(Ok(()), |(object, keys)| {
                    put(object, keys, value, Laying::Join, covered)
                })
            }
        };
        self.tree.clear_keys();
        laid.map_err(|below| self.braces_over_scalar(below, origin))
    }

    /// Makes the assignments that were put off.
    pub(super) fn put_entries(&mut self) -> Result<(), Fault> {
        let Some((object, entries)) = self.tree.take_entries() else { return Ok(()) };
        let mut filling = object.filling(entries.len());
        let mut clashes = Vec::new();
        for (key, value) in entries {
            let Err((key, value)) = filling.try_insert(key, value) else { continue };
            let origin = value.origin;
            let covered = &mut self.scanner.reading.covered;
            if let Err(below) = put(filling.object, &[key], value, Laying::Join, covered) {
                clashes.push((below, origin));
            }
        }
        for (below, origin) in clashes {
            if self.braces_over_scalar(below, origin) == Fault::Text {
                return Err(Fault::Text);
            }
        }
        Ok(())
    }

    /// Assigns by `+=`: a list goes behind the list that the key holds, text behind its text and
    /// a blank; anything else is assigned as by `=`.
    ///
    /// What the key holds is looked up from the root of the text, wherever the key stands.
    pub(super) fn append(&mut self, value: Spanned) -> Result<(), Fault> {
        self.remember_append(&value);
        let appended = match value.value {
            Value::Array(_) => value.value,
            Value::String(text) => Value::String(format!(" {text}").into()),
            _ => return self.set(value),
        };
        let origin = value.origin;
        let keys = self.tree.keys().to_vec();
        self.tree.clear_keys();
        let pieces =
            [own_reference(&keys), appended].map(|value| bare_piece(value.spanned(origin)));
        let concat = Value::Open(Open::Concat(pieces.into()).into()).spanned(origin);
        self.count_reference(origin)?;
        self.put(&keys, concat, Laying::Above)
    }

    /// Remembers an assignment by `+=` for the linter; those below a list have no path.
    fn remember_append(&mut self, value: &Spanned) {
        let reading = &mut *self.scanner.reading;
        if reading.appends.len() >= reading.context.limits.diagnostics || self.tree.is_in_list() {
            return;
        }
        reading.appends.push(Append {
            path: self.tree.keys_from_root().iter().cloned().collect(),
            origin: value.origin,
            kind: value.value.kind_with_article(),
            is_replacing: !matches!(value.value, Value::Array(_) | Value::String(_)),
        });
    }

    /// Assigns a value to a path of the innermost object.
    pub(super) fn put(
        &mut self,
        keys: &[LeanStr],
        value: Spanned,
        laying: Laying,
    ) -> Result<(), Fault> {
        self.put_entries()?;
        if self.needs_history(keys, &value) {
            return self.put_at_root(keys, value, laying);
        }
        let origin = value.origin;
        let Some((object, _)) = self.tree.assignment() else { return Ok(()) };
        put(object, keys, value, laying, &mut self.scanner.reading.covered)
            .map_err(|below| self.braces_over_scalar(below, origin))
    }

    /// Whether an assignment has to be held against those before it, as references are at the
    /// root, and all that follows one there.
    #[inline]
    fn needs_history(&self, keys: &[LeanStr], value: &Spanned) -> bool {
        let histories = &self.dialect.histories;
        let is_known = |key| !histories.is_empty() && histories.contains_key(key);
        let names_itself = |key: &LeanStr| {
            self.scanner.reading.opens > 0
                && (refers_to(&value.value, key) || is_list_that_names(&value.value, key))
        };
        self.tree.is_at_root()
            && (value.value.is_open()
                || keys.first().is_some_and(|key| is_known(key) || names_itself(key)))
    }

    /// Whether a path is being assigned to whose first key, at the root, holds no object.
    fn is_section_over_value(&mut self) -> bool {
        self.tree.is_at_root()
            && self.tree.assignment().is_some_and(|(root, keys)| {
                let first = keys.first().and_then(|key| root.get(key));
                keys.len() > 1 && first.is_some_and(|there| !there.value.is_object())
            })
    }

    pub(super) fn braces_over_scalar(&mut self, below: Origin, origin: Origin) -> Fault {
        let message = "these braces stand over a value that is no object";
        let diagnostic = Diagnostic::error("hocon-braces-over-scalar", message, origin)
            .with_related(below, "the key is set here first")
            .with_help("take one of the two out");
        self.scanner.fail(diagnostic)
    }
}

fn own_reference(keys: &[LeanStr]) -> Value {
    let name = LeanStr::from(keys.join("."));
    let path = keys.iter().cloned().collect();
    Value::Open(Open::Reference(Reference { path, name, optional: true, included_below: 0 }).into())
}

/// Assigns a value to a path.
///
/// # Errors
/// The place of the scalar that an object would have to join.
pub(super) fn put(
    object: &mut Object,
    keys: &[LeanStr],
    value: Spanned,
    laying: Laying,
    covered: &mut Vec<Covered>,
) -> Result<(), Origin> {
    let Some((key, object)) = parent_of(object, keys, value.origin, covered) else { return Ok(()) };
    let Some(there) = object.get_mut(key) else {
        object.push_new(key.clone(), value);
        return Ok(());
    };
    let origin = value.origin;
    match (&mut there.value, value.value) {
        (Value::Object(below), Value::Object(above)) => {
            merge(Arc::make_mut(below), &above, covered);
            there.origin = origin;
        }
        (Value::Open(open), Value::Object(above)) if !ends_in_list(open) => {
            extend_open(there, Value::Object(above).spanned(origin), covered);
        }
        (Value::String(_) | Value::Number(_) | Value::Bool(_), Value::Object(_)) => {
            return Err(there.origin);
        }
        (Value::Object(_), Value::Open(open)) if laying == Laying::Join => {
            let joined = joined_with_object(there.clone(), &open);
            lay_above(there, joined.spanned(origin), covered);
        }
        (_, value) => lay_above(there, value.spanned(origin), covered),
    }
    Ok(())
}

/// Joins two objects key by key (`ConfigTree.merge_configs`).
///
/// Recurses as deep as the shallower of the two, which `Limits::tree_depth` bounds.
pub(super) fn merge(below: &mut Object, above: &Object, covered: &mut Vec<Covered>) {
    for (key, value) in above {
        let Some(there) = below.get_mut(key) else {
            below.push_new(key.clone(), value.clone());
            continue;
        };
        match (&mut there.value, &value.value) {
            (Value::Object(below), Value::Object(above)) => {
                merge(Arc::make_mut(below), above, covered);
                there.origin = value.origin;
            }
            _ => lay_above(there, value.clone(), covered),
        }
    }
}

/// Lays a value above another: what is open may look below itself, anything else covers.
fn lay_above(there: &mut Spanned, value: Spanned, covered: &mut Vec<Covered>) {
    if value.value.is_open() && there.value != Value::Null {
        overlay::stack(there, value, Beneath::Dropped);
        return;
    }
    covered.push(Covered { origin: there.origin, by: value.origin });
    *there = value;
}

/// Returns the object that holds the last key of a path; what is no object on the way is replaced
/// by one.
fn parent_of<'o, 'k>(
    object: &'o mut Object,
    keys: &'k [LeanStr],
    origin: Origin,
    covered: &mut Vec<Covered>,
) -> Option<(&'k LeanStr, &'o mut Object)> {
    let (last, above) = keys.split_last()?;
    let mut object = object;
    for key in above {
        let empty = || Value::object(Object::new()).spanned(origin);
        let there = object.get_or_insert_with(key, empty);
        if !there.value.is_object() {
            covered.push(Covered { origin: there.origin, by: origin });
            *there = empty();
        }
        there.origin = origin;
        let Value::Object(inner) = &mut there.value else { return None };
        object = Arc::make_mut(inner);
    }
    Some((last, object))
}

/// Whether the highest of several assignments is a list, which braces do not extend but cover.
pub(super) fn ends_in_list(open: &Open) -> bool {
    match open {
        Open::Stack(layers) => {
            layers.last().is_some_and(|top| matches!(top.value, Value::Array(_)))
        }
        Open::Reference(_) | Open::Concat(_) => false,
    }
}

/// Puts an object behind the pieces of an open value, into the last one if that is an object.
fn extend_open(there: &mut Spanned, object: Spanned, covered: &mut Vec<Covered>) {
    let origin = object.origin;
    let Value::Open(open) = std::mem::replace(&mut there.value, Value::Null) else { return };
    let below = there.origin;
    let extended = match Arc::unwrap_or_clone(open) {
        Open::Stack(mut layers) => {
            if let Some(top) = layers.last_mut() {
                let top_open = std::mem::replace(&mut top.value, Value::Null);
                top.value = extended(top_open, top.origin, object, covered);
            }
            Value::Open(Open::Stack(layers).into())
        }
        open => extended(Value::Open(open.into()), below, object, covered),
    };
    *there = extended.spanned(origin);
}

fn extended(value: Value, origin: Origin, object: Spanned, covered: &mut Vec<Covered>) -> Value {
    let mut pieces = match value {
        Value::Open(open) => match Arc::unwrap_or_clone(open) {
            Open::Concat(pieces) => pieces.into_vec(),
            other => vec![bare_piece(Value::Open(other.into()).spanned(origin))],
        },
        value => vec![bare_piece(value.spanned(origin))],
    };
    match (pieces.last_mut().map(|piece| &mut piece.value.value), &object.value) {
        (Some(Value::Object(last)), Value::Object(above)) => {
            merge(Arc::make_mut(last), above, covered);
        }
        _ => pieces.push(bare_piece(object)),
    }
    Value::Open(Open::Concat(pieces.into()).into())
}

/// Puts an object before the pieces of an open value: the clients then take all of them for parts
/// of one object.
fn joined_with_object(object: Spanned, open: &Arc<Open>) -> Value {
    let origin = object.origin;
    let object = bare_piece(object);
    let pieces = match &**open {
        Open::Concat(pieces) => std::iter::once(object).chain(pieces.iter().cloned()).collect(),
        Open::Reference(_) => {
            vec![object, bare_piece(Value::Open(Arc::clone(open)).spanned(origin))]
        }
        Open::Stack(_) => return Value::Open(Arc::clone(open)),
    };
    Value::Open(Open::Concat(pieces.into()).into())
}

fn bare_piece(value: Spanned) -> Piece {
    Piece { space: LeanStr::default(), value }
}
