//! The keys of the root and the references they make to themselves: what the clients do with them.
//!
//! The clients close `a = ${a}x` at the root of a text ahead of everything else, with what the
//! key held before, and write the result over what the key holds in the end
//! (`ConfigParser._fixup_self_references` of `clearml` 2.1.12). So they lose every assignment
//! that follows, unless it refers to the key again; and they give up where what the key held
//! before is a reference itself.

use std::collections::BTreeMap;

use lean_string::LeanStr;

use super::{
    Clearml,
    assign::{Laying, ends_in_list, put},
    earlier::Earlier,
};
use crate::{
    diagnostic::{Diagnostic, Quoted},
    object::Object,
    origin::Origin,
    overlay::{self, Beneath},
    syntax::hocon::{reader::Reader, scanner::Fault},
    value::{Open, Reference, Spanned, Value},
};

/// What is remembered of the keys of the root to which references were assigned.
pub(super) type Histories = BTreeMap<LeanStr, History>;

/// What is remembered of a key.
#[derive(Default)]
pub(super) struct History {
    /// Whether the last assignment is one that the clients cannot look at yet.
    is_open: bool,
    /// Whether it refers to the key although that held nothing before.
    refers_to_nothing: bool,
    /// The last assignment that refers to the key itself, and stays.
    own_reference: Option<Origin>,
    /// The key with the assignments that the clients lose.
    lost: Option<Object>,
    pub(super) earlier: Earlier,
}

impl History {
    /// Whether what is assigned over the key refers to what that held before, which is a reference
    /// itself.
    fn is_dead_end(&self, assigned: Assigned) -> bool {
        let looks_back = match assigned {
            Assigned::OwnReference | Assigned::OwnList => true,
            Assigned::Reference => self.refers_to_nothing,
            Assigned::Extension | Assigned::Other => false,
        };
        self.is_open && looks_back
    }

    /// Remembers an assignment. Returns what the clients find again of those that they lost, if it
    /// refers to the key.
    fn remember(
        &mut self,
        key: &str,
        value: &Spanned,
        assigned: Assigned,
        is_set: bool,
    ) -> Option<Spanned> {
        if assigned != Assigned::Extension {
            self.refers_to_nothing = assigned == Assigned::OwnReference && !is_set;
            self.is_open = matches!(assigned, Assigned::OwnReference | Assigned::Reference);
        }
        if assigned != Assigned::OwnReference || !is_set {
            return None;
        }
        self.is_open = value.value.direct_references().any(|other| !names(other, key));
        self.own_reference = Some(value.origin);
        self.lost.take()?.get(key).cloned()
    }
}

/// What is assigned to a key of the root, as far as the key's history depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Assigned {
    /// References, one of them to the key itself.
    OwnReference,
    /// References to other keys.
    Reference,
    /// A list with a reference to the key in it.
    OwnList,
    /// An object, over references.
    Extension,
    /// Anything else, or a value for a key below.
    Other,
}

impl Assigned {
    fn of(keys: &[LeanStr], value: &Value, there: Option<&Spanned>) -> Self {
        let [key] = keys else { return Self::Other };
        match value {
            Value::Open(_) if value.direct_references().any(|own| names(own, key)) => {
                Self::OwnReference
            }
            Value::Open(_) => Self::Reference,
            Value::Array(_) if is_list_that_names(value, key) => Self::OwnList,
            Value::Object(_) if there.is_some_and(|there| is_extended(&there.value)) => {
                Self::Extension
            }
            _ => Self::Other,
        }
    }
}

impl Reader<'_, '_, '_, Clearml> {
    /// Assigns to a key of the root, or below one.
    pub(super) fn put_at_root(
        &mut self,
        keys: &[LeanStr],
        value: Spanned,
        laying: Laying,
    ) -> Result<(), Fault> {
        let Some(key) = keys.first() else { return Ok(()) };
        let value = self.with_earlier(keys, value)?;
        let Some((root, _)) = self.tree.assignment() else { return Ok(()) };
        let there = root.get(key);
        let is_set = there.is_some_and(|there| there.value != Value::Null);
        let assigned = Assigned::of(keys, &value.value, there);
        let history = self.dialect.histories.entry(key.clone()).or_default();
        if is_set && history.is_dead_end(assigned) {
            return Err(self.reference_over_reference(key, value.origin));
        }
        if let Some(lost) = history.remember(key, &value, assigned, is_set) {
            root.insert(key.clone(), lost);
        }
        if let Some(own) = history.own_reference
            && own != value.origin
            && (assigned != Assigned::Extension || history.lost.is_some())
        {
            return self.lose(keys, value, laying, own);
        }
        // What is put into a list is not looked up in the end, but what the key held before.
        if assigned == Assigned::OwnList
            && is_set
            && let Some(there) = root.get_mut(key)
        {
            overlay::stack(there, value, Beneath::Dropped);
            return Ok(());
        }
        let covered = &mut self.scanner.reading.covered;
        let origin = value.origin;
        put(root, keys, value, laying, covered)
            .map_err(|below| self.braces_over_scalar(below, origin))
    }

    /// Assigns where the clients do, too, to no effect.
    fn lose(
        &mut self,
        keys: &[LeanStr],
        value: Spanned,
        laying: Laying,
        own: Origin,
    ) -> Result<(), Fault> {
        let Some(key) = keys.first() else { return Ok(()) };
        let origin = value.origin;
        let there = self.tree.assignment().and_then(|(root, _)| root.get(key).cloned());
        let Some(history) = self.dialect.histories.get_mut(key) else { return Ok(()) };
        let lost = history
            .lost
            .get_or_insert_with(|| there.into_iter().map(|there| (key.clone(), there)).collect());
        put(lost, keys, value, laying, &mut self.scanner.reading.covered)
            .map_err(|below| self.braces_over_scalar(below, origin))?;
        let message = format!("the stock clients lose this assignment to {}", Quoted(key));
        self.scanner.note(
            Diagnostic::warning("hocon-lost-assignment", message, origin)
                .with_related(own, "because this one refers to the key itself")
                .with_help("take one of the two out"),
        );
        Ok(())
    }

    pub(super) fn reference_over_reference(&mut self, key: &str, origin: Origin) -> Fault {
        let key = Quoted(key);
        let message =
            format!("this refers to the earlier value of {key}, which is a reference itself");
        let diagnostic = Diagnostic::error("hocon-reference-over-reference", message, origin)
            .with_help(
                "the stock clients cannot close that; give the earlier value a key of its own",
            );
        self.scanner.fail(diagnostic)
    }
}

/// Whether braces become a part of what is there.
fn is_extended(there: &Value) -> bool {
    matches!(there, Value::Open(open) if !ends_in_list(open))
}

/// Whether a value is a list that holds, at any depth, a reference to a key.
///
/// Recurses as deep as the list, which `Limits::tree_depth` bounds.
pub(super) fn is_list_that_names(value: &Value, key: &str) -> bool {
    fn holds(value: &Value, key: &str) -> bool {
        match value {
            Value::Open(open) => match &**open {
                Open::Stack(layers) => layers.iter().any(|layer| holds(&layer.value, key)),
                Open::Reference(_) | Open::Concat(_) => {
                    value.direct_references().any(|reference| names(reference, key))
                }
            },
            Value::Array(items) => items.iter().any(|item| holds(&item.value, key)),
            Value::Object(object) => object.iter().any(|(_, member)| holds(&member.value, key)),
            _ => false,
        }
    }
    matches!(value, Value::Array(_)) && holds(value, key)
}

fn names(reference: &Reference, key: &str) -> bool {
    reference.path.keys().first().is_some_and(|first| first == key)
}
