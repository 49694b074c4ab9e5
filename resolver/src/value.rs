//! Values: what a key holds, closed or still open, each with its origin.

use std::{fmt, sync::Arc};

use lean_string::LeanStr;

use crate::{key_path::KeyPath, number::Number, object::Object, origin::Origin};

/// What a key holds. Cloning shares; nothing in a value changes once it is shared.
///
/// `Debug` shows kinds and counts only.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as spelled.
    Number(Number),
    /// A string.
    String(LeanStr),
    /// A list.
    Array(Arc<[Spanned]>),
    /// An object.
    Object(Arc<Object>),
    /// Something that still holds references.
    Open(Arc<Open>),
}

/// A value and the place that set it; equal when the values are.
#[derive(Clone)]
pub struct Spanned {
    /// The value.
    pub value: Value,
    /// The place that set it; for an object that several places set, the last of them.
    pub origin: Origin,
}

/// A value that cannot be told before its references are closed.
#[derive(Clone, PartialEq)]
pub enum Open {
    /// `${path}` or `${?path}`.
    Reference(Reference),
    /// Pieces side by side: `${a}"/x"`, `[1] ${b}`.
    Concat(Box<[Piece]>),
    /// Assignments to one key, lowest first, at least one of them open: each covers or extends
    /// those below it once it is closed. It grows by one assignment at a time.
    Stack(Vec<Spanned>),
}

/// A reference to another value.
#[derive(Clone, PartialEq, Eq)]
pub struct Reference {
    /// The keys it names, from the root of its own text's place.
    pub path: KeyPath,
    /// The text between the braces, less the `?`: the name an environment variable would have.
    pub name: LeanStr,
    /// Whether it may stay without a value (`${?…}`).
    pub optional: bool,
    /// How many leading keys of `path` an include added. A path that is not found there is looked
    /// up again without them (HOCON specification, "Include semantics: substitution").
    pub included_below: usize,
}

/// One piece of a concatenation.
#[derive(Clone, PartialEq)]
pub struct Piece {
    /// The blanks between the piece before and this one.
    pub space: LeanStr,
    /// The piece.
    pub value: Spanned,
}

impl Value {
    /// Returns an object.
    pub fn object(object: Object) -> Self {
        Self::Object(Arc::new(object))
    }

    /// Returns a list.
    pub fn array(values: Vec<Spanned>) -> Self {
        Self::Array(values.into())
    }

    /// Returns the object, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Returns the list, if it is one.
    pub fn as_array(&self) -> Option<&[Spanned]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }

    /// Returns the text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Whether it is open itself; an object or list with open values in it is not.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open(_))
    }

    /// Returns what kind of value it is, as messages say it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "list",
            Self::Object(_) => "object",
            Self::Open(_) => "reference",
        }
    }

    /// Returns what kind of value it is, as it stands in a sentence.
    pub(crate) fn kind_with_article(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "a list",
            Self::Object(_) => "an object",
            Self::Open(_) => "a reference",
        }
    }

    /// Returns the references that it is made of, those in lists and objects left out.
    pub(crate) fn direct_references(&self) -> impl Iterator<Item = &Reference> {
        let (alone, pieces) = match self {
            Self::Open(open) => match &**open {
                Open::Reference(reference) => (Some(reference), &[][..]),
                Open::Concat(pieces) => (None, &pieces[..]),
                Open::Stack(_) => (None, &[][..]),
            },
            _ => (None, &[][..]),
        };
        let in_pieces = pieces.iter().filter_map(|piece| match &piece.value.value {
            Self::Open(open) => match &**open {
                Open::Reference(reference) => Some(reference),
                Open::Concat(_) | Open::Stack(_) => None,
            },
            _ => None,
        });
        alone.into_iter().chain(in_pieces)
    }

    /// Returns the value at a path below this one; a whole number as key counts list items from 0.
    pub fn at(&self, path: &KeyPath) -> Option<&Self> {
        self.at_keys(path.keys())
    }

    pub(crate) fn at_keys(&self, keys: &[LeanStr]) -> Option<&Self> {
        keys.iter().try_fold(self, |value, key| match value {
            Self::Object(object) => object.get(key).map(|spanned| &spanned.value),
            Self::Array(values) => {
                values.get(key.parse::<usize>().ok()?).map(|spanned| &spanned.value)
            }
            _ => None,
        })
    }

    /// Places this value at an origin.
    pub fn spanned(self, origin: Origin) -> Spanned {
        Spanned { value: self, origin }
    }
}

impl PartialEq for Spanned {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Array(values) => write!(formatter, "list of {}", values.len()),
            Self::Object(object) => write!(formatter, "object of {}", object.len()),
            other => formatter.write_str(other.kind()),
        }
    }
}

impl fmt::Debug for Spanned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} at {:?}", self.value, self.origin)
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(reference) => write!(formatter, "reference to {}", reference.path),
            Self::Concat(pieces) => write!(formatter, "concatenation of {}", pieces.len()),
            Self::Stack(layers) => write!(formatter, "stack of {}", layers.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_equal_wherever_they_come_from() {
        let list_at =
            |start| Value::array(vec![Value::Null.spanned(Origin { start, ..Origin::default() })]);
        assert!(list_at(0) == list_at(7));
        assert!(list_at(0) != Value::array(Vec::new()));
    }
}
