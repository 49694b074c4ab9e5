//! Finding the open values of a tree, and how they lie in one another.

use std::sync::Arc;

use lean_string::LeanStr;

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
    /// The keys that lead to it, down to the first list.
    pub(super) keys: Box<[LeanStr]>,
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

    /// Returns how many keys lead to an open value.
    pub(super) fn depth(&self, id: SiteId) -> usize {
        self.get(id).map_or(0, |site| site.keys.len())
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
    fn walk(&mut self, spanned: &Spanned, place: Place<'_>) -> bool {
        let value = &spanned.value;
        if self.is_or_holds_open(value) {
            return true;
        }
        let holds = match value {
            Value::Object(object) => object.iter().fold(false, |holds, (key, child)| {
                let step = Trail { above: place.trail, key };
                let trail = if place.below_list { place.trail } else { Some(&step) };
                let member = Place { trail, is_nested: true, in_list: false, ..place };
                self.walk(child, member) || holds
            }),
            Value::Array(values) => values.iter().fold(false, |holds, child| {
                let item = Place { is_nested: true, in_list: true, below_list: true, ..place };
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

    fn add(&mut self, spanned: &Spanned, open: &Arc<Open>, place: Place<'_>) -> bool {
        let id = self.found.len();
        self.numbers.insert(&spanned.value, id);
        self.found.push(Site {
            open: Arc::clone(open),
            origin: spanned.origin,
            keys: keys_of(place.trail),
            inside: place.inside,
            layer: place.layer,
            is_nested: place.is_nested,
            in_list: place.in_list,
        });
        let part =
            Place { inside: Some(id), layer: None, is_nested: false, in_list: false, ..place };
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

/// Where the walk is.
#[derive(Clone, Copy, Default)]
struct Place<'a> {
    trail: Option<&'a Trail<'a>>,
    below_list: bool,
    inside: Option<SiteId>,
    layer: Option<usize>,
    is_nested: bool,
    in_list: bool,
}

/// A key and those above it.
struct Trail<'a> {
    above: Option<&'a Self>,
    key: &'a LeanStr,
}

fn keys_of(trail: Option<&Trail<'_>>) -> Box<[LeanStr]> {
    let mut keys: Vec<LeanStr> =
        std::iter::successors(trail, |step| step.above).map(|step| step.key.clone()).collect();
    keys.reverse();
    keys.into()
}
