//! Anchors and the budget of their aliases.

use super::loader::Node;
use crate::{diagnostic::Diagnostic, origin::Origin, value::Value};

/// What a value costs once all that its aliases repeat is written out.
///
/// Repeated values are shared, so a bomb of aliases costs no memory here; but whatever walks or
/// spells the tree meets every repetition.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weight {
    /// Values, itself counted.
    pub(super) nodes: u64,
    /// Bytes of all keys and strings.
    pub(super) bytes: u64,
    /// Lists and objects in one another, itself counted.
    pub(super) height: usize,
}

impl Weight {
    /// Returns what a value without others in it costs.
    pub(super) fn of_one(bytes: usize) -> Self {
        Self { nodes: 1, bytes: u64::try_from(bytes).unwrap_or(u64::MAX), height: 0 }
    }

    /// Adds what a value in this one costs.
    pub(super) fn hold(&mut self, inner: Self) {
        self.nodes = self.nodes.saturating_add(inner.nodes);
        self.bytes = self.bytes.saturating_add(inner.bytes);
        self.height = self.height.max(inner.height.saturating_add(1));
    }
}

/// The finished values that have an anchor.
pub(super) struct Anchors {
    /// By the numbers of their anchors, which the parser hands out one after the other.
    values: Vec<Option<(Value, Weight)>>,
    aliases_left: usize,
}

impl Anchors {
    pub(super) const fn new(max_aliases: usize) -> Self {
        Self { values: Vec::new(), aliases_left: max_aliases }
    }

    /// Remembers a value under the number of its anchor, of which 0 is none.
    pub(super) fn set(&mut self, anchor: usize, node: &Node) {
        if anchor == 0 {
            return;
        }
        if self.values.len() <= anchor {
            self.values.resize_with(anchor + 1, || None);
        }
        if let Some(there) = self.values.get_mut(anchor) {
            *there = Some((node.value.value.clone(), node.weight));
        }
    }

    /// Returns the value that an alias at a place stands for, or what is wrong with the alias.
    pub(super) fn alias(
        &mut self,
        anchor: usize,
        origin: Origin,
    ) -> Result<(Value, Weight), Diagnostic> {
        let Some(left) = self.aliases_left.checked_sub(1) else {
            let message = "the text uses too many aliases";
            return Err(Diagnostic::error("yaml-too-many-aliases", message, origin)
                .with_help("write some of them out, or raise `limits.aliases`"));
        };
        self.aliases_left = left;
        // The parser has refused names that nothing has; so this one is of an open value.
        self.values.get(anchor).cloned().flatten().ok_or_else(|| {
            let message = "this alias stands inside of what it repeats";
            Diagnostic::error("yaml-recursive-alias", message, origin)
                .with_help("repeat a value that ends before the alias")
        })
    }
}
