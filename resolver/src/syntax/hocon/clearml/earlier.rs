//! References to a key of the root from inside its own section: they mean what it held before.
//!
//! The clients keep every value that a key of the root had. A reference to the key, anywhere in a
//! section that was laid over such a value, is closed with the value ahead of everything else:
//! `a = 1, a.b = ${a}` is `a.b = 1`, and `a {x: 1}, a {y: ${a}}` is `a.y.x = 1`
//! (`ConfigParser._fixup_self_references` of `clearml` 2.1.12).

use lean_string::LeanStr;

use super::Clearml;
use crate::{
    object::Object,
    origin::Origin,
    syntax::hocon::{reader::Reader, scanner::Fault},
    value::{Open, Piece, Reference, Spanned, Value},
};

/// What a key of the root held before the value that it has now.
#[derive(Default)]
pub(super) struct Earlier {
    value: Option<Spanned>,
    /// What the last reference to the key came to: the clients go on from there, not from the
    /// section that holds it.
    last: Option<Spanned>,
}

impl Reader<'_, '_, '_, Clearml> {
    /// Closes the references to a key of the root in what is assigned to its section.
    ///
    /// # Errors
    /// The key held a reference itself, at which the clients give up.
    pub(super) fn with_earlier(
        &mut self,
        keys: &[LeanStr],
        value: Spanned,
    ) -> Result<Spanned, Fault> {
        let Some((key, below)) = keys.split_first() else { return Ok(value) };
        let Some((root, _)) = self.tree.assignment() else { return Ok(value) };
        let Some(there) = root.get(key) else { return Ok(value) };
        let earlier = &mut self.dialect.histories.entry(key.clone()).or_default().earlier;
        if below.is_empty() && !value.value.is_object() {
            *earlier = Earlier::default();
            return Ok(if there.value == Value::Null { over_null(key, value) } else { value });
        }
        let refers = refers_to(&value.value, key);
        let copies = earlier.begin(there, below.is_empty(), refers);
        if !refers {
            return Ok(value);
        }
        if earlier.value.as_ref().is_some_and(|earlier| is_open_yet(&earlier.value)) {
            return Err(self.reference_over_reference(key, value.origin));
        }
        let closed = earlier.closed(key, value);
        if copies {
            self.count_copy(closed.origin)?;
        }
        Ok(closed)
    }

    /// Counts the values that the text can hold up to here: a section that is kept as it was is
    /// copied by what is assigned to it next.
    fn count_copy(&mut self, origin: Origin) -> Result<(), Fault> {
        /// No value is shorter, its key and what separates them counted.
        const BYTES_OF_VALUE: u64 = 4;
        let values = self.scanner.at as u64 / BYTES_OF_VALUE;
        self.dialect.copied = self.dialect.copied.saturating_add(values);
        if self.dialect.copied > self.scanner.reading.context.limits.nodes {
            return Err(self.too_many_values(origin));
        }
        Ok(())
    }
}

impl Earlier {
    /// Takes notice of a section that is opened over what is there, or of a path into it. Returns
    /// whether the assignment will copy a section, since what is there is kept.
    ///
    /// A section that is opened again without a reference is not kept: it would be copied each time.
    fn begin(&mut self, there: &Spanned, opens_section: bool, refers: bool) -> bool {
        match &there.value {
            Value::Object(_) if !opens_section => {}
            Value::Object(_) if !refers => *self = Self::default(),
            Value::Object(_) => {
                let last = self.last.take();
                let copies = last.is_none();
                self.value = last.or_else(|| Some(there.clone()));
                return copies;
            }
            // Such a section becomes a part of what is there.
            Value::Open(_) if opens_section => {}
            _ => self.value = self.last.take().or_else(|| Some(there.clone())),
        }
        false
    }

    /// Returns a value with the references to a key in it closed, if the key held anything.
    fn closed(&mut self, key: &str, value: Spanned) -> Spanned {
        let Some(earlier) = &self.value else { return value };
        let mut closing = Closing { key, earlier, last: None };
        let closed = closing.within(&value);
        self.last = closing.last;
        closed
    }
}

/// Puts the earlier value of a key in place of references to it.
struct Closing<'a> {
    key: &'a str,
    earlier: &'a Spanned,
    last: Option<Spanned>,
}

impl Closing<'_> {
    /// Recurses as deep as the value, which `Limits::tree_depth` bounds.
    fn within(&mut self, spanned: &Spanned) -> Spanned {
        let value = match &spanned.value {
            Value::Array(items) => {
                Value::array(items.iter().map(|item| self.within(item)).collect())
            }
            Value::Object(object) => {
                let members = object.iter().map(|(key, member)| (key.clone(), self.within(member)));
                Value::object(members.collect::<Object>())
            }
            Value::Open(open) => Value::Open(self.within_open(open).into()),
            value => value.clone(),
        };
        if spanned.value.direct_references().any(|reference| is_only(self.key, reference)) {
            // What is joined with something is not known yet, and so cannot be looked at later.
            let is_alone = is_alone(self.key, &spanned.value);
            self.last = Some(if is_alone { self.earlier.clone() } else { spanned.clone() });
        }
        value.spanned(spanned.origin)
    }

    fn within_open(&mut self, open: &Open) -> Open {
        match open {
            // Still open, though of one layer: so what it comes to is measured.
            Open::Reference(reference) if is_only(self.key, reference) => {
                Open::Stack(vec![self.earlier.clone()])
            }
            Open::Reference(reference) => Open::Reference(reference.clone()),
            Open::Concat(pieces) => {
                let closed = pieces.iter().map(|piece| Piece {
                    space: piece.space.clone(),
                    value: self.within(&piece.value),
                });
                Open::Concat(closed.collect())
            }
            Open::Stack(layers) => {
                Open::Stack(layers.iter().map(|layer| self.within(layer)).collect())
            }
        }
    }
}

/// Returns what a value is over a key of the root that holds `null`: it is that key as a whole, or
/// an item of its list.
fn over_null(key: &str, value: Spanned) -> Spanned {
    let null = Value::Null.spanned(value.origin);
    match &value.value {
        Value::Array(_) if refers_to(&value.value, key) => {
            Closing { key, earlier: &null, last: None }.within(&value)
        }
        other if is_alone(key, other) => null,
        _ => value,
    }
}

/// Whether a value is made of references that are not closed yet.
fn is_open_yet(value: &Value) -> bool {
    match value {
        Value::Open(open) => match &**open {
            Open::Stack(layers) => layers.iter().any(|layer| is_open_yet(&layer.value)),
            Open::Reference(_) | Open::Concat(_) => value.direct_references().next().is_some(),
        },
        _ => false,
    }
}

/// Whether a reference to a key of the root is anywhere in a value.
///
/// Recurses as deep as the value, which `Limits::tree_depth` bounds.
pub(super) fn refers_to(value: &Value, key: &str) -> bool {
    match value {
        Value::Open(open) => match &**open {
            Open::Reference(reference) => is_only(key, reference),
            Open::Concat(pieces) => pieces.iter().any(|piece| refers_to(&piece.value.value, key)),
            Open::Stack(layers) => layers.iter().any(|layer| refers_to(&layer.value, key)),
        },
        Value::Array(items) => items.iter().any(|item| refers_to(&item.value, key)),
        Value::Object(object) => object.iter().any(|(_, member)| refers_to(&member.value, key)),
        _ => false,
    }
}

/// Whether a value is nothing but a reference to a key of the root.
fn is_alone(key: &str, value: &Value) -> bool {
    matches!(value, Value::Open(open)
        if matches!(&**open, Open::Reference(reference) if is_only(key, reference)))
}

fn is_only(key: &str, reference: &Reference) -> bool {
    matches!(reference.path.keys(), [only] if only == key)
}
