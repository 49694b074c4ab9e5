//! References to the object that they lie in, which they can only see as it was before.

use lean_string::LeanStr;

use super::{
    evaluate::{Closing, Step},
    sites::SiteId,
};
use crate::{
    context::Mode,
    origin::Origin,
    value::{Open, Spanned, Value},
};

impl Closing<'_> {
    /// Looks at the list or object that an open value lies in, for which there is only what was
    /// there before: the object without the assignment that is being closed (as `config` 1.4 of
    /// Lightbend). Without an earlier one there is none.
    pub(super) fn look_around(
        &mut self,
        around: &Spanned,
        from: SiteId,
        keys: &[LeanStr],
        origin: Origin,
    ) -> Step<Option<Spanned>> {
        if let Some(stack) = self.stack_around(from)
            && self.has_before(stack)
            && let Some(below) = self.look_in_layers_below(stack)
            && let Some(inside) = self.keys_inside(stack, around, keys)
        {
            return match below {
                Step::Done(below) => self.close_around(around, &inside, below.as_ref()),
                other => other,
            };
        }
        if self.context.mode == Mode::Clearml
            && let Some(inside) = self.keys_covered_beside(from, keys)
        {
            return self.close_around(around, &inside, None);
        }
        if self.is_optional(from) { Step::Done(None) } else { self.fail_cycle(origin) }
    }

    /// Whether what lies in a stack sees the object around that as it was before.
    ///
    /// To the clients there is a before only where that is made of references, too: they write
    /// what these come to into the tree before they look at the next ones.
    fn has_before(&self, stack: SiteId) -> bool {
        match self.context.mode {
            Mode::Hocon => !self.is_at_container(stack),
            Mode::Clearml => self.layer_below(stack).is_some_and(|below| below.value.is_open()),
        }
    }

    /// Returns the layer below the one that a stack is at.
    fn layer_below(&self, stack: SiteId) -> Option<&Spanned> {
        let active = self.active_layers.get(stack).copied().flatten()?;
        match &*self.sites.get(stack)?.open {
            Open::Stack(layers) => layers.get(active.checked_sub(1)?),
            Open::Reference(_) | Open::Concat(_) => None,
        }
    }

    /// Returns the keys that lead from an object, which is at `keys`, to a reference in it, if what
    /// the reference is joined with sets them anew: `a.b = ${a} {b: 1}` is no circle to the clients,
    /// who close what is left in the end.
    fn keys_covered_beside(&self, reference: SiteId, keys: &[LeanStr]) -> Option<Box<[LeanStr]>> {
        let site = self.sites.get(reference)?;
        let inside = site.keys.strip_prefix(keys)?;
        let concat = self.sites.get(site.inside.filter(|_| !site.is_nested)?)?;
        let Open::Concat(pieces) = &*concat.open else { return None };
        let mut values = pieces.iter().map(|piece| &piece.value.value);
        values.by_ref().find(|value| self.sites.number(value) == Some(reference))?;
        values.any(|beside| covers(beside, inside)).then(|| inside.into())
    }

    /// Returns the innermost stack that an open value is part of.
    fn stack_around(&self, mut site: SiteId) -> Option<SiteId> {
        loop {
            site = self.sites.get(site)?.inside?;
            if let Open::Stack(_) = *self.sites.get(site)?.open {
                return Some(site);
            }
        }
    }

    /// Returns the keys that lead from an object, which is at `keys`, to an open value in it; none
    /// where there is more than objects on the way.
    fn keys_inside(
        &self,
        site: SiteId,
        around: &Spanned,
        keys: &[LeanStr],
    ) -> Option<Box<[LeanStr]>> {
        let inside = self.sites.get(site)?.keys.strip_prefix(keys)?;
        let there = inside.iter().try_fold(&around.value, |value, key| {
            let layer = self.layer_being_closed(value).map(|(.., layer)| &layer.value);
            Some(&layer.unwrap_or(value).as_object()?.get(key)?.value)
        })?;
        (self.sites.number(there) == Some(site)).then(|| inside.into())
    }

    /// Returns the stack that a value is, the layers below the one that is being closed, and that
    /// one.
    fn layer_being_closed<'v>(
        &self,
        value: &'v Value,
    ) -> Option<(SiteId, &'v [Spanned], &'v Spanned)> {
        let site = self.sites.number(value)?;
        let active = self.active_layers.get(site).copied().flatten()?;
        let Value::Open(open) = value else { return None };
        let Open::Stack(layers) = &**open else { return None };
        let (below, from) = layers.split_at_checked(active)?;
        Some((site, below, from.first()?))
    }

    /// Closes an object as it was before one of the values in it was assigned, of which `keys` is
    /// the path. Recurses as deep as that, which `Limits::tree_depth` bounds.
    fn close_around(
        &mut self,
        around: &Spanned,
        keys: &[LeanStr],
        below: Option<&Spanned>,
    ) -> Step<Option<Spanned>> {
        let Some((key, rest)) = keys.split_first() else { return Step::Done(below.cloned()) };
        if let Some((stack, lower, layer)) = self.layer_being_closed(&around.value) {
            let upper = match self.close_around(layer, keys, below) {
                Step::Done(upper) => upper,
                other => return other,
            };
            return match self.fold(stack, lower, lower.len()) {
                Step::Done(lower) => self.overlaid(upper.into_iter().chain(lower).collect()),
                other => other,
            };
        }
        let Value::Object(object) = &around.value else { return Step::Done(below.cloned()) };
        let closed = self.close_members(object, around.origin, |closing, name, child| {
            if name == key {
                closing.close_around(child, rest, below)
            } else {
                closing.close_within(child)
            }
        });
        match closed {
            Step::Done(closed) => {
                let closed = Value::object(closed).spanned(around.origin);
                if self.may_join(std::iter::once(&closed), around.origin) {
                    Step::Done(Some(closed))
                } else {
                    Step::Failed
                }
            }
            Step::Needs(sites) => Step::Needs(sites),
            Step::Failed => Step::Failed,
        }
    }
}

/// Whether a value that is laid over an object leaves nothing of what that has at a path.
fn covers(above: &Value, keys: &[LeanStr]) -> bool {
    let mut reached = above.as_object();
    for key in keys {
        let Some(object) = reached else { return above.is_object() };
        let Some(child) = object.get(key) else { return false };
        reached = child.value.as_object();
    }
    above.is_object() && !keys.is_empty()
}
