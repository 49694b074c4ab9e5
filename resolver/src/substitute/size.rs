//! How large a closed value is when it is written out, shared parts counted each time.

use super::address::ByAddress;
use crate::{
    context::Limits,
    value::{Open, Spanned, Value},
};

/// What a value amounts to when it is written out; counts stop at their type's ceiling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) nodes: u64,
    pub(super) bytes: u64,
    pub(super) depth: usize,
}

/// The sizes of shared values, each measured once.
pub(super) struct Sizes(ByAddress<Size>);

impl Sizes {
    pub(super) fn new() -> Self {
        Self(ByAddress::new())
    }

    /// Measures a value. Recurses into what was not measured before, which is never deeper than
    /// one parsed text: every value that closing makes is measured when it is made.
    pub(super) fn of(&mut self, value: &Value) -> Size {
        if let Some(size) = self.0.get(value) {
            return *size;
        }
        let size = match value {
            Value::Object(object) => object.iter().fold(Size::one(0), |size, (key, child)| {
                size.with(self.of(&child.value)).with_bytes(key.len())
            }),
            Value::Array(values) => self.all(values),
            Value::Open(open) => match &**open {
                Open::Reference(reference) => Size::one(reference.name.len()),
                Open::Concat(pieces) => pieces
                    .iter()
                    .fold(Size::one(0), |size, piece| size.with(self.of(&piece.value.value))),
                Open::Stack(layers) => self.all(layers),
            },
            Value::String(text) => return Size::one(text.len()),
            Value::Number(number) => return Size::one(number.spelling().len()),
            Value::Null | Value::Bool(_) => return Size::one(4),
        };
        self.0.insert(value, size);
        size
    }

    fn all(&mut self, values: &[Spanned]) -> Size {
        values.iter().fold(Size::one(0), |size, child| size.with(self.of(&child.value)))
    }
}

impl Size {
    fn one(bytes: usize) -> Self {
        Self { nodes: 1, bytes: bytes as u64, depth: 1 }
    }

    fn with(self, child: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(child.nodes),
            bytes: self.bytes.saturating_add(child.bytes),
            depth: self.depth.max(child.depth.saturating_add(1)),
        }
    }

    /// Returns what two values amount to side by side.
    pub(super) fn beside(self, other: Self) -> Self {
        Self { depth: self.depth.max(other.depth), ..self.with(other) }
    }

    fn with_bytes(self, bytes: usize) -> Self {
        Self { bytes: self.bytes.saturating_add(bytes as u64), ..self }
    }

    /// Returns the name of the limit it breaks, if it breaks one.
    pub(super) fn broken_limit(&self, limits: &Limits) -> Option<&'static str> {
        if self.depth > limits.tree_depth.min(Limits::TREE_DEPTH_CEILING) {
            Some("tree_depth")
        } else if self.nodes > limits.nodes {
            Some("nodes")
        } else if self.bytes > limits.output_bytes {
            Some("output_bytes")
        } else {
            None
        }
    }
}
