//! Finding the open values of a tree, and how they lie in one another.

use std::sync::Arc;

use super::address::ByAddress;
use crate::{
    origin::Origin,
    value::{Open, Spanned, Value},
};

/// The number of an open value in its tree.
pub(super) type SiteId = usize;

/// An open value of the tree.
pub(super) struct Site {
    pub(super) open: Arc<Open>,
    pub(super) origin: Origin,
    /// The open value it is part of.
    pub(super) inside: Option<SiteId>,
    /// If that is a stack: the layer of it that this is or lies in, from 0 for the lowest.
    pub(super) layer: Option<usize>,
    /// Whether it lies in a list or object of what it is part of.
    pub(super) is_nested: bool,
    /// Whether it is an item of a list, where nothing means `null` or no item, not no key.
    pub(super) in_list: bool,
}

/// All open values of a tree.
pub(super) struct Sites {
    found: Vec<Site>,
    numbers: ByAddress<SiteId>,
    /// The lists and objects that hold open values at any depth.
    holders: ByAddress<()>,
}

impl Sites {
    pub(super) fn of(root: &Spanned) -> Self {
        let mut sites =
            Self { found: Vec::new(), numbers: ByAddress::new(), holders: ByAddress::new() };
        sites.walk(root, Place::default());
        sites
    }

    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    pub(super) fn get(&self, id: SiteId) -> Option<&Site> {
        self.found.get(id)
    }

    pub(super) fn number(&self, value: &Value) -> Option<SiteId> {
        self.numbers.get(value).copied()
    }

    /// Whether a value is open or holds open values.
    pub(super) fn is_or_holds_open(&self, value: &Value) -> bool {
        match value {
            Value::Open(_) => self.numbers.get(value).is_some(),
            Value::Array(_) | Value::Object(_) => self.holders.get(value).is_some(),
            _ => false,
        }
    }

    /// Recurses as deep as a parsed text nests, which `Limits::tree_depth` bounds.
    fn walk(&mut self, spanned: &Spanned, place: Place) -> bool {
        let value = &spanned.value;
        if self.is_or_holds_open(value) {
            return true;
        }
        let holds = match value {
            Value::Object(object) => object.iter().fold(false, |holds, (_, child)| {
                let member = Place { is_nested: true, in_list: false, ..place };
                self.walk(child, member) || holds
            }),
            Value::Array(values) => values.iter().fold(false, |holds, child| {
                let item = Place { is_nested: true, in_list: true, ..place };
                self.walk(child, item) || holds
            }),
            Value::Open(open) => return self.add(spanned, open, place),
            _ => false,
        };
        if holds {
            self.holders.insert(value, ());
        }
        holds
    }

    fn add(&mut self, spanned: &Spanned, open: &Arc<Open>, place: Place) -> bool {
        let id = self.found.len();
        self.numbers.insert(&spanned.value, id);
        self.found.push(Site {
            open: Arc::clone(open),
            origin: spanned.origin,
            inside: place.inside,
            layer: place.layer,
            is_nested: place.is_nested,
            in_list: place.in_list,
        });
        let part = Place { inside: Some(id), ..Place::default() };
        match &**open {
            Open::Reference(_) => {}
            Open::Concat(pieces) => {
                for piece in pieces {
                    self.walk(&piece.value, part);
                }
            }
            Open::Stack(layers) => {
                for (layer, value) in layers.iter().enumerate() {
                    self.walk(value, Place { layer: Some(layer), ..part });
                }
            }
        }
        true
    }
}

#[derive(Clone, Copy, Default)]
struct Place {
    inside: Option<SiteId>,
    layer: Option<usize>,
    is_nested: bool,
    in_list: bool,
}
