//! Closing references: every `${…}` of a tree becomes the value it names.
//!
//! # Why a work list
//! A reference may lead to another, and a text may hold a chain of twenty thousand, so nothing
//! here calls itself along a chain. Every open value of the tree is a [`Site`](sites::Site) with a
//! number. Evaluating a site either gives its value or says which sites must be closed first;
//! those go on a list and the site is asked again afterwards. Each is closed once, and what it
//! gave is shared by all that name it, so a text of 40 doublings costs 40 steps.
//!
//! # Self references
//! A reference that leads back to the key whose value is being closed means what lies *below*:
//! the earlier assignments to that key (HOCON specification, "Self-referential substitutions").
//! A site that is being closed and that has assignments below ([`Open::Stack`](crate::Open)) is
//! therefore looked through; any other is a cycle. One that leads to an object around the key sees
//! that object with what lies below the key in its place ([`around`]). So does a way round through
//! other keys; where it begins with one of those, its own value is asked for again from where it leads
//! back ([`waiting`]), so that in mode `hocon` the order of keys decides nothing.

mod address;
mod around;
mod covered;
mod environment;
mod evaluate;
mod fold;
mod lookup;
mod sites;
mod size;
mod waiting;
mod within;

use crate::{
    diagnostic::Diagnostic,
    document::{Document, Reading},
    object::Object,
    value::{Spanned, Value},
};
use evaluate::Closing;

/// Closes the references of one text against its own keys, then the environment.
///
/// What goes wrong is in `reading`. References that only a later asker's environment can close
/// stay open.
pub(crate) fn substitute(document: &Document, reading: &mut Reading<'_>) -> Spanned {
    if document.opens == 0 {
        return document.root.clone();
    }
    let (root, diagnostics) = close(&document.root, reading.context);
    for diagnostic in diagnostics {
        reading.report(diagnostic);
    }
    root
}

/// Closes the references of a tree against its own keys, then the environment.
pub(crate) fn close(
    root: &Spanned,
    context: &crate::context::Context<'_>,
) -> (Spanned, Vec<Diagnostic>) {
    let mut closing = Closing::new(root, context);
    let closed = closing.close_root();
    let empty = || Value::object(Object::new()).spanned(root.origin);
    (closed.unwrap_or_else(empty), closing.into_diagnostics())
}

#[cfg(test)]
mod tests;
