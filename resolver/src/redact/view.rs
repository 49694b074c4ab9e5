//! Values as they may be shown.

use std::sync::Arc;

use super::{
    MASK, Redactor, Reveal,
    names::{Names, holds_arguments, is_hidden_section},
    weight::Weight,
};
use crate::{
    key_path::KeyPath,
    object::Object,
    snapshot::Snapshot,
    value::{Open, Piece, Spanned, Value},
};

/// A value that may be shown to whoever it was made for: the only thing [`render`](crate::render)
/// takes. `Debug` shows no content.
pub struct SafeView {
    pub(super) value: Value,
}

impl SafeView {
    /// Returns the value at a path, whole; `None` if there is nothing. To show all there is, nothing
    /// has to be known of secrets.
    pub fn whole(snapshot: &Snapshot, path: &KeyPath, _reveal: Reveal) -> Option<Self> {
        Some(Self { value: snapshot.get(path)?.clone() })
    }

    pub(crate) fn value(&self) -> &Value {
        &self.value
    }
}

impl std::fmt::Debug for SafeView {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SafeView({:?})", self.value)
    }
}

/// How the keys above a value make it be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    Plain,
    /// It is a list of command-line arguments.
    Arguments,
    /// It stands in a section all of which is hidden, under a name that does not say why.
    MaybeSecret,
    /// A key above it names a secret, so surely.
    Secret(Weight),
}

impl Sight {
    /// Returns how the value of a key is looked at that stands below this one.
    pub(super) fn below(self, key: &str, names: &Names) -> Self {
        let weight = match self {
            Self::Secret(_) => return self,
            _ => names.weigh_key(key),
        };
        match self {
            _ if weight >= Weight::Weak => Self::Secret(weight),
            Self::MaybeSecret => Self::MaybeSecret,
            _ if is_hidden_section(key) => Self::MaybeSecret,
            _ if holds_arguments(key) => Self::Arguments,
            _ => Self::Plain,
        }
    }

    fn hides(self) -> bool {
        matches!(self, Self::MaybeSecret | Self::Secret(_))
    }
}

impl Redactor {
    pub(super) fn masked(&self, value: &Value, sight: Sight) -> Value {
        match value {
            Value::Object(object) => Value::object(self.masked_object(object, sight)),
            Value::Array(values) => Value::array(self.masked_list(values, sight)),
            Value::String(text) if text.is_empty() => value.clone(),
            Value::Number(_) | Value::String(_) if sight.hides() => Value::from(MASK),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
            Value::String(text) => Value::from(self.mask_text(text).as_ref()),
            Value::Open(open) => self.masked_open(open, sight),
        }
    }

    fn masked_object(&self, object: &Object, sight: Sight) -> Object {
        let masked = object.iter().map(|(key, child)| {
            let value = self.masked(&child.value, sight.below(key, self.names()));
            (key.clone(), value.spanned(child.origin))
        });
        masked.collect()
    }

    fn masked_list(&self, values: &[Spanned], sight: Sight) -> Vec<Spanned> {
        if sight == Sight::Arguments {
            return self.masked_argument_list(values);
        }
        let masked = values.iter().map(|child| {
            let value = self.masked(&child.value, sight);
            value.spanned(child.origin)
        });
        masked.collect()
    }

    /// Masks a list of arguments: each is looked at together with those around it.
    fn masked_argument_list(&self, values: &[Spanned]) -> Vec<Spanned> {
        let texts: Vec<_> =
            values.iter().map(|child| child.value.as_str().unwrap_or_default()).collect();
        let masked = values.iter().zip(self.mask_arguments(&texts)).map(|(child, masked)| {
            let value = match &child.value {
                Value::String(_) => Value::from(masked.as_ref()),
                other => self.masked(other, Sight::Arguments),
            };
            value.spanned(child.origin)
        });
        masked.collect()
    }

    /// A reference shows a variable's name, never its text; what stands beside it is masked.
    fn masked_open(&self, open: &Arc<Open>, sight: Sight) -> Value {
        let masked = match &**open {
            Open::Reference(reference) => Open::Reference(reference.clone()),
            Open::Concat(pieces) => Open::Concat(
                pieces
                    .iter()
                    .map(|piece| Piece {
                        space: piece.space.clone(),
                        value: self.masked(&piece.value.value, sight).spanned(piece.value.origin),
                    })
                    .collect(),
            ),
            Open::Stack(layers) => Open::Stack(
                layers
                    .iter()
                    .map(|layer| self.masked(&layer.value, sight).spanned(layer.origin))
                    .collect(),
            ),
        };
        Value::Open(masked.into())
    }
}
