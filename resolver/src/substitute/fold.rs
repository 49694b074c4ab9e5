//! Folding the assignments to one key, lowest first, into the value that it has.

use std::collections::BTreeMap;

use super::{
    evaluate::{Closing, Step},
    sites::SiteId,
};
use crate::{
    context::Mode,
    overlay::{Beneath, overlay},
    value::{Open, Spanned, Value},
};

/// What is known of the folds of stacks, each by its stack and by how many layers it has.
///
/// A stack may have as many layers as a text has lines, and each of them may ask for those below
/// it: without this, each would look through all of them again.
#[derive(Default)]
pub(super) struct Folds {
    done: BTreeMap<(SiteId, usize), Option<Spanned>>,
    begun: BTreeMap<(SiteId, usize), Fold>,
}

/// A fold as far as it has come, from the highest layer down.
struct Fold {
    /// The layers above this one have been looked at.
    next: usize,
    /// What they came to, the highest first.
    upper: Vec<Spanned>,
    /// Whether one of them came to nothing because it names a `null`.
    names_null: bool,
}

impl Folds {
    /// Whether a fold waits for something that has to be closed first.
    pub(super) fn has_begun(&self, site: SiteId, count: usize) -> bool {
        self.begun.contains_key(&(site, count))
    }
}

impl Closing<'_> {
    /// Folds the lowest layers of a stack, no deeper than they matter: below a list or scalar
    /// nothing does.
    pub(super) fn fold(
        &mut self,
        site: SiteId,
        layers: &[Spanned],
        count: usize,
    ) -> Step<Option<Spanned>> {
        let mut fold = match self.folds.begun.remove(&(site, count)) {
            Some(fold) => fold,
            None => Fold { next: count, upper: Vec::new(), names_null: false },
        };
        while let Some(layer) = fold.next.checked_sub(1).and_then(|next| layers.get(next)) {
            if fold.upper.is_empty()
                && !fold.names_null
                && let Some(known) = self.folds.done.get(&(site, fold.next))
            {
                let known = known.clone();
                self.folds.done.insert((site, count), known.clone());
                return Step::Done(known);
            }
            if fold.hides(&layer.value) {
                break;
            }
            match self.close_within(layer) {
                Step::Done(closed) => {
                    fold.names_null |= closed.is_none() && self.must_be_there(&layer.value);
                    fold.next = fold.below(closed);
                }
                Step::Needs(sites) => {
                    self.folds.begun.insert((site, count), fold);
                    return Step::Needs(sites);
                }
                Step::Failed => return Step::Failed,
            }
        }
        let folded = match self.overlaid(fold.upper) {
            Step::Done(folded) => folded,
            other => return other,
        };
        self.folds.done.insert((site, count), folded.clone());
        Step::Done(folded)
    }

    /// Whether a value is made of references that come to nothing only where they name a `null`.
    fn must_be_there(&self, value: &Value) -> bool {
        self.context.mode == Mode::Clearml
            && value.is_open()
            && value.direct_references().next().is_some()
            && value.direct_references().all(|reference| !reference.optional)
    }

    /// Lays values over one another, of which the highest is the first.
    pub(super) fn overlaid(&mut self, upper: Vec<Spanned>) -> Step<Option<Spanned>> {
        let Some(origin) = upper.first().map(|highest| highest.origin) else {
            return Step::Done(None);
        };
        if !self.may_join(upper.iter(), origin) {
            return Step::Failed;
        }
        let mut upper = upper.into_iter().rev();
        let Some(mut folded) = upper.next() else { return Step::Done(None) };
        for above in upper {
            self.copied = self.copied.saturating_add(overlay(&mut folded, above, Beneath::Dropped));
        }
        self.checked(Some(folded))
    }
}

impl Fold {
    /// Whether the next layer, as it is written, counts for nothing, nor do those below it: what is
    /// hidden is not closed ("Hidden substitutions" of the specification).
    fn hides(&self, layer: &Value) -> bool {
        let is_covered = self.upper.last().is_some_and(|above| above.value.is_object());
        (is_covered || self.is_gone()) && !layer.is_object() && !layer.is_open()
    }

    /// Whether the key is gone, unless it is a section: so to the clients, if it names another
    /// one's `null`.
    fn is_gone(&self) -> bool {
        self.names_null && self.upper.is_empty()
    }

    /// Takes what the next layer came to; returns how many layers then are left to look at.
    fn below(&mut self, closed: Option<Spanned>) -> usize {
        let left = self.next - 1;
        let Some(closed) = closed else { return left };
        if self.is_gone() && !closed.value.is_object() {
            return 0;
        }
        let covers = !closed.value.is_object() && !stays_optional(&closed.value);
        let is_covered = self.upper.last().is_some_and(|above| above.value.is_object());
        if !(covers && is_covered) {
            self.upper.push(closed);
        }
        if covers { 0 } else { left }
    }
}

/// Whether a value may still come to nothing when a later asker closes it.
fn stays_optional(value: &Value) -> bool {
    match value {
        Value::Open(open) => match &**open {
            Open::Reference(reference) => reference.optional,
            Open::Concat(pieces) => pieces.iter().all(|piece| stays_optional(&piece.value.value)),
            Open::Stack(layers) => layers.iter().all(|layer| stays_optional(&layer.value)),
        },
        _ => false,
    }
}
