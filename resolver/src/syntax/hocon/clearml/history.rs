//! The keys of the root and the references they make to themselves: what the clients do with them.
//!
//! The clients close `a = ${a}x` at the root of a text ahead of everything else, with what the
//! key held before, and write the result over what the key holds in the end
//! (`ConfigParser._fixup_self_references` of `clearml` 2.1.12). So they lose every assignment
//! that follows, unless it refers to the key again; and they give up where what the key held
//! before is a reference itself.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::{
    Clearml,
    assign::{Laying, put},
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
pub(super) type Histories = BTreeMap<SmolStr, History>;

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
}

impl Reader<'_, '_, '_, Clearml> {
    /// Assigns to a key of the root, or below one.
    pub(super) fn put_at_root(
        &mut self,
        keys: &[SmolStr],
        value: Spanned,
        laying: Laying,
    ) -> Result<(), Fault> {
        let Some(key) = keys.first() else { return Ok(()) };
        let Some((root, _)) = self.tree.assignment() else { return Ok(()) };
        let there = root.get(key).map(|there| &there.value);
        let is_set = there.is_some_and(|there| *there != Value::Null);
        let is_open = keys.len() == 1 && value.value.is_open();
        let extends =
            keys.len() == 1 && value.value.is_object() && there.is_some_and(Value::is_open);
        let own = is_open && direct_references(&value.value).any(|own| names(own, key));
        let history = self.dialect.histories.entry(key.clone()).or_default();
        if is_set && history.is_open && (own || (is_open && history.refers_to_nothing)) {
            return Err(self.reference_over_reference(key, value.origin));
        }
        if !extends {
            history.refers_to_nothing = own && !is_set;
            history.is_open = is_open;
        }
        if own && is_set {
            history.is_open = direct_references(&value.value).any(|other| !names(other, key));
            history.own_reference = Some(value.origin);
            if let Some(found) = history.lost.take().and_then(|lost| lost.get(key).cloned()) {
                root.insert(key.clone(), found);
            }
        } else if let Some(own) = history.own_reference
            && (!extends || history.lost.is_some())
        {
            return self.lose(keys, value, laying, own);
        }
        // What is put into a list is not looked up in the end, but what the key held before.
        if keys.len() == 1
            && is_set
            && is_list_that_names(&value.value, key)
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
        keys: &[SmolStr],
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

    fn reference_over_reference(&mut self, key: &str, origin: Origin) -> Fault {
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

/// Returns the references that a value is made of, those in lists and objects left out.
fn direct_references(value: &Value) -> impl Iterator<Item = &Reference> {
    let (alone, pieces) = match value {
        Value::Open(open) => match &**open {
            Open::Reference(reference) => (Some(reference), &[][..]),
            Open::Concat(pieces) => (None, &pieces[..]),
            Open::Stack(_) => (None, &[][..]),
        },
        _ => (None, &[][..]),
    };
    let in_pieces = pieces.iter().filter_map(|piece| match &piece.value.value {
        Value::Open(open) => match &**open {
            Open::Reference(reference) => Some(reference),
            Open::Concat(_) | Open::Stack(_) => None,
        },
        _ => None,
    });
    alone.into_iter().chain(in_pieces)
}

/// Whether a value is a list that holds, at any depth, a reference to a key.
///
/// Recurses as deep as the list, which `Limits::tree_depth` bounds.
pub(super) fn is_list_that_names(value: &Value, key: &str) -> bool {
    fn holds(value: &Value, key: &str) -> bool {
        match value {
            Value::Open(_) => direct_references(value).any(|reference| names(reference, key)),
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
