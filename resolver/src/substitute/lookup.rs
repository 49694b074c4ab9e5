//! Where a reference leads: to the keys of the tree, then to the environment.

use std::sync::Arc;

use lean_string::LeanStr;

use super::{
    evaluate::{Closing, State, Step},
    sites::{Site, SiteId},
};
use crate::{
    context::Mode,
    diagnostic::Diagnostic,
    origin::Origin,
    value::{Open, Piece, Reference, Spanned, Value},
};

/// Where a walk along keys ends.
enum Reached {
    /// At a value, which may hold open ones.
    Value(Spanned),
    /// At an open value that is being closed.
    Active(SiteId),
    /// Before its end: nothing is there, or something must be closed first.
    Step(Step<Option<Spanned>>),
}

impl Closing<'_> {
    /// Follows a reference to its value.
    pub(super) fn follow(
        &mut self,
        site: SiteId,
        reference: &Reference,
        origin: Origin,
    ) -> Step<Option<Spanned>> {
        let keys = reference.path.keys();
        let mut found = self.look_up(site, keys, origin);
        if reference.included_below > 0 && matches!(found, Step::Done(None)) {
            let outside = keys.get(reference.included_below..).unwrap_or_default();
            found = self.look_up(site, outside, origin);
        }
        match found {
            Step::Done(None) => self.environment_value(reference, origin),
            // As pyhocon of `clearml` 2.1.12, where a key cannot hold another key's null.
            Step::Done(Some(Spanned { value: Value::Null, .. })) if self.drops_null(site) => {
                Step::Done(None)
            }
            Step::Done(Some(Spanned { value, .. })) => Step::Done(Some(value.spanned(origin))),
            other => other,
        }
    }

    fn drops_null(&self, site: SiteId) -> bool {
        self.context.mode == Mode::Clearml && self.sites.get(site).is_some_and(|site| !site.in_list)
    }

    /// Looks keys up from the root; `Done(None)` where there is no such value.
    fn look_up(&mut self, from: SiteId, keys: &[LeanStr], origin: Origin) -> Step<Option<Spanned>> {
        match self.walk(self.root.clone(), from, keys, origin) {
            // A key inside the value that is looked for.
            Reached::Value(value) if is_container(&value.value) && self.is_below(from, keys) => {
                self.look_around(&value, from, keys, origin)
            }
            Reached::Value(value) => self.close_within(&value),
            Reached::Active(site) if self.is_at_container(site) => {
                self.lead_back(site, from, origin)
            }
            Reached::Active(site) => self.look_below(site, from, origin),
            Reached::Step(step) => step,
        }
    }

    /// Whether a list or object of a stack is being closed. What lies in it leads back where it
    /// refers to the stack as a whole: only a reference or a concatenation means what lies below
    /// ("Self-referential substitutions" of the specification). To the clients, a list does, too.
    pub(super) fn is_at_container(&self, site: SiteId) -> bool {
        let active = self.active_layers.get(site).copied().flatten();
        let Some(Open::Stack(layers)) = self.sites.get(site).map(|site| &*site.open) else {
            return false;
        };
        let layer = active.and_then(|active| layers.get(active));
        self.context.mode == Mode::Hocon && layer.is_some_and(|layer| is_container(&layer.value))
    }

    /// Whether an open value stands at or below a path.
    fn is_below(&self, site: SiteId, keys: &[LeanStr]) -> bool {
        self.sites.get(site).is_some_and(|site| site.keys.starts_with(keys))
    }

    /// Walks along keys from a value. Recurses once for a value on the way that is being closed,
    /// so no deeper than `Limits::path_keys`.
    fn walk(&mut self, start: Spanned, from: SiteId, keys: &[LeanStr], origin: Origin) -> Reached {
        let mut current = start;
        for (index, key) in keys.iter().enumerate() {
            if let Some(site) = self.sites.number(&current.value) {
                match self.states.get(site) {
                    Some(State::Closed(Some(closed))) => current = closed.clone(),
                    Some(State::Closed(None)) => return Reached::Step(Step::Done(None)),
                    Some(State::Open) => return Reached::Step(Step::Needs(vec![site])),
                    Some(State::Active) => {
                        let rest = keys.get(index..).unwrap_or_default();
                        return Reached::Step(self.look_through(site, from, rest, origin));
                    }
                    Some(State::Failed) | None => return Reached::Step(Step::Failed),
                }
            }
            match &current.value {
                Value::Object(object) => match object.get(key) {
                    Some(child) => current = child.clone(),
                    None => return Reached::Step(Step::Done(None)),
                },
                // To the clients, a section holds nothing where it refers to itself in vain.
                _ if self.is_optional(from) && self.is_in_section(from, keys) => {
                    return Reached::Step(Step::Done(None));
                }
                other if self.context.mode == Mode::Clearml && !other.is_open() => {
                    return Reached::Step(self.fail_not_object(other.kind_with_article(), origin));
                }
                _ => return Reached::Step(Step::Done(None)),
            }
        }
        match self.sites.number(&current.value) {
            Some(site) if matches!(self.states.get(site), Some(State::Active)) => {
                Reached::Active(site)
            }
            _ => Reached::Value(current),
        }
    }

    /// Whether an open value lies below the key of the root that a path begins with.
    fn is_in_section(&self, site: SiteId, keys: &[LeanStr]) -> bool {
        self.sites.get(site).is_some_and(|site| site.keys.first() == keys.first())
    }

    /// Looks below the assignment that is being closed, at the earlier ones to the same key.
    fn look_below(&mut self, site: SiteId, from: SiteId, origin: Origin) -> Step<Option<Spanned>> {
        // To the clients, a way round through another key is a cycle.
        let sees_layers = self.context.mode == Mode::Hocon || self.is_part_of(from, site);
        if sees_layers && let Some(found) = self.look_in_layers_below(site) {
            if matches!(found, Step::Done(None)) {
                self.is_nothing_for_now(from, site);
            }
            return found;
        }
        self.lead_back(site, from, origin)
    }

    /// Folds the layers of a stack below the one that is being closed; nothing if it is no stack.
    pub(super) fn look_in_layers_below(&mut self, site: SiteId) -> Option<Step<Option<Spanned>>> {
        let open = Arc::clone(&self.sites.get(site)?.open);
        let Open::Stack(layers) = &*open else { return None };
        let layer = self.active_layers.get(site).copied().flatten()?;
        Some(self.fold(site, layers, layer))
    }

    pub(super) fn is_optional(&self, site: SiteId) -> bool {
        let open = self.sites.get(site).map(|site| &*site.open);
        matches!(open, Some(Open::Reference(reference)) if reference.optional)
    }

    /// Looks for keys inside a value that is being closed: in its objects as they are written,
    /// then in the earlier assignments.
    fn look_through(
        &mut self,
        site: SiteId,
        from: SiteId,
        keys: &[LeanStr],
        origin: Origin,
    ) -> Step<Option<Spanned>> {
        let Some(open) = self.sites.get(site).map(|site| Arc::clone(&site.open)) else {
            return Step::Failed;
        };
        let written = if self.sees_as_written(from, site) { objects_in(&open) } else { Vec::new() };
        self.steps += written.len();
        for object in written {
            let found = match self.walk(object, from, keys, origin) {
                Reached::Value(value) => self.close_within(&value),
                Reached::Active(active) => {
                    self.look_in_layers_below(active).unwrap_or(Step::Done(None))
                }
                Reached::Step(step) => step,
            };
            if !matches!(found, Step::Done(None)) {
                return found;
            }
        }
        match self.look_below(site, from, origin) {
            Step::Done(Some(below)) => Step::Done(below_at(below, keys)),
            other => other,
        }
    }

    /// Whether a value sees the objects of another as they are written.
    ///
    /// What a value is made of sees the assignments below, what lies deeper in it all of them. In
    /// mode `hocon`, a way round through another key leads to those below, too.
    fn sees_as_written(&self, from: SiteId, site: SiteId) -> bool {
        let looks_back = self.context.mode == Mode::Hocon
            && self.sites.get(site).is_some_and(|site| matches!(*site.open, Open::Stack(_)))
            && !self.is_part_of(from, site);
        !looks_back && !self.is_direct_part(from, site)
    }

    /// Whether a value is a piece or layer of another, and not of a list or object in it.
    fn is_direct_part(&self, mut site: SiteId, whole: SiteId) -> bool {
        while site != whole {
            match self.sites.get(site) {
                Some(Site { inside: Some(around), is_nested: false, .. }) => site = *around,
                _ => return false,
            }
        }
        true
    }

    pub(super) fn is_part_of(&self, mut site: SiteId, whole: SiteId) -> bool {
        loop {
            if site == whole {
                return true;
            }
            match self.sites.get(site).and_then(|site| site.inside) {
                Some(around) => site = around,
                None => return false,
            }
        }
    }

    fn fail_not_object<T>(&mut self, kind: &str, origin: Origin) -> Step<T> {
        self.fail(
            Diagnostic::error(
                "reference-into-scalar",
                format!("this reference looks for a key inside {kind}"),
                origin,
            )
            .with_help("name a key of an object"),
        )
    }
}

/// Returns the objects that an open value is made of, as they are written, topmost first.
fn objects_in(open: &Open) -> Vec<Spanned> {
    let in_pieces = |pieces: &[Piece]| -> Vec<Spanned> {
        let values = pieces.iter().rev().map(|piece| &piece.value);
        values.filter(|value| value.value.is_object()).cloned().collect()
    };
    match open {
        Open::Reference(_) => Vec::new(),
        Open::Concat(pieces) => in_pieces(pieces),
        Open::Stack(layers) => {
            let mut objects = Vec::new();
            for layer in layers.iter().rev() {
                match &layer.value {
                    Value::Object(_) => objects.push(layer.clone()),
                    Value::Open(open) => match &**open {
                        Open::Concat(pieces) => objects.extend(in_pieces(pieces)),
                        Open::Reference(_) | Open::Stack(_) => {}
                    },
                    _ => {}
                }
            }
            objects
        }
    }
}

const fn is_container(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}

fn below_at(value: Spanned, keys: &[LeanStr]) -> Option<Spanned> {
    keys.iter().try_fold(value, |value, key| value.value.as_object()?.get(key).cloned())
}
