//! Where a reference leads: the keys of the tree first, then the environment.

use smol_str::{SmolStr, format_smolstr};

use super::{
    evaluate::{Closing, State, Step},
    sites::SiteId,
};
use crate::{
    context::{Mode, Variable},
    diagnostic::Diagnostic,
    origin::Origin,
    value::{Open, Reference, Spanned, Value},
};

/// Ends the name of a reference to several variables, `${NAME[]}`: `NAME_0`, `NAME_1`, … (HOCON
/// specification, "List values from environment variables").
const LIST_SUFFIX: &str = "[]";

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

    /// Walks the keys from the root; `Done(None)` where there is no such value.
    fn look_up(&mut self, from: SiteId, keys: &[SmolStr], origin: Origin) -> Step<Option<Spanned>> {
        let mut current = self.root.clone();
        for (index, key) in keys.iter().enumerate() {
            if let Some(site) = self.sites.number(&current.value) {
                match self.states.get(site) {
                    Some(State::Closed(Some(closed))) => current = closed.clone(),
                    Some(State::Closed(None)) => return Step::Done(None),
                    Some(State::Open) => return Step::Needs(vec![site]),
                    Some(State::Active) => {
                        return self.look_through(
                            site,
                            from,
                            keys.get(index..).unwrap_or_default(),
                            origin,
                        );
                    }
                    Some(State::Failed) | None => return Step::Failed,
                }
            }
            match &current.value {
                Value::Object(object) => match object.get(key) {
                    Some(child) => current = child.clone(),
                    None => return Step::Done(None),
                },
                other if self.context.mode == Mode::Clearml && !other.is_open() => {
                    return self.fail_not_object(other.kind(), origin);
                }
                _ => return Step::Done(None),
            }
        }
        match self.sites.number(&current.value) {
            Some(site) if matches!(self.states.get(site), Some(State::Active)) => {
                self.look_below(site, from, origin)
            }
            _ => self.close_within(&current),
        }
    }

    /// Looks below the assignment that is being closed, at the earlier ones to the same key.
    fn look_below(&mut self, site: SiteId, from: SiteId, origin: Origin) -> Step<Option<Spanned>> {
        if let Some(open) = self.sites.get(site).map(|site| std::sync::Arc::clone(&site.open))
            && let Open::Stack(layers) = &*open
            && let Some(layer) = self.active_layers.get(site).copied().flatten()
        {
            return self.fold_layers(layers.get(..layer).unwrap_or_default());
        }
        if self.is_part_of(from, site) { Step::Done(None) } else { self.fail_cycle(origin) }
    }

    /// Looks for keys inside a value that is being closed: in its objects as they are written,
    /// then in the earlier assignments.
    fn look_through(
        &mut self,
        site: SiteId,
        from: SiteId,
        keys: &[SmolStr],
        origin: Origin,
    ) -> Step<Option<Spanned>> {
        let Some(open) = self.sites.get(site).map(|site| std::sync::Arc::clone(&site.open)) else {
            return Step::Failed;
        };
        if let Some(child) = written_in(&open, keys)
            && !self.is_active(&child.value)
        {
            return self.close_within(&child);
        }
        match self.look_below(site, from, origin) {
            Step::Done(Some(below)) => Step::Done(below_at(below, keys)),
            other => other,
        }
    }

    fn is_active(&self, value: &Value) -> bool {
        let state = self.sites.number(value).and_then(|site| self.states.get(site));
        matches!(state, Some(State::Active))
    }

    fn is_part_of(&self, mut site: SiteId, whole: SiteId) -> bool {
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

    fn environment_value(
        &mut self,
        reference: &Reference,
        origin: Origin,
    ) -> Step<Option<Spanned>> {
        if self.context.mode == Mode::Hocon
            && let Some(name) = reference.name.strip_suffix(LIST_SUFFIX)
        {
            return self.environment_list(name, reference, origin);
        }
        match self.context.environment.variable(&reference.name) {
            Variable::Set(text) => Step::Done(Some(Value::String(text.into()).spanned(origin))),
            Variable::Unset if reference.optional => Step::Done(None),
            Variable::Unset => self.fail_unresolved(reference, origin),
            Variable::Unknown => Step::Done(Some(
                Value::Open(Open::Reference(reference.clone()).into()).spanned(origin),
            )),
        }
    }

    fn environment_list(
        &mut self,
        name: &str,
        reference: &Reference,
        origin: Origin,
    ) -> Step<Option<Spanned>> {
        let mut values = Vec::new();
        for index in 0..self.context.limits.path_keys {
            match self.context.environment.variable(&format_smolstr!("{name}_{index}")) {
                Variable::Set(text) => values.push(Value::String(text.into()).spanned(origin)),
                _ => break,
            }
        }
        if !values.is_empty() {
            Step::Done(Some(Value::array(values).spanned(origin)))
        } else if reference.optional {
            Step::Done(None)
        } else {
            self.fail_unresolved(reference, origin)
        }
    }

    fn fail_unresolved<T>(&mut self, reference: &Reference, origin: Origin) -> Step<T> {
        let name = &reference.name;
        self.fail(
            Diagnostic::error(
                "reference-unresolved",
                format!("cannot close `${{{name}}}`: neither a key of this text nor an environment variable has this name"),
                origin,
            )
            .with_help(format!("define it, or write `${{?{name}}}` if it may be missing")),
        )
    }

    fn fail_not_object<T>(&mut self, kind: &str, origin: Origin) -> Step<T> {
        self.fail(
            Diagnostic::error(
                "reference-into-scalar",
                format!("this reference looks for a key inside a {kind}"),
                origin,
            )
            .with_help("name a key of an object"),
        )
    }
}

/// Returns the value of keys in the topmost object of an open value, as it is written.
fn written_in(open: &Open, keys: &[SmolStr]) -> Option<Spanned> {
    match open {
        Open::Reference(_) => None,
        Open::Concat(pieces) => {
            pieces.iter().rev().find_map(|piece| below_at(piece.value.clone(), keys))
        }
        Open::Stack(layers) => layers.iter().rev().find_map(|layer| match &layer.value {
            Value::Open(inner) => written_in_one(inner, keys),
            _ => below_at(layer.clone(), keys),
        }),
    }
}

/// As [`written_in`], for a layer of a stack: a layer is never a stack itself.
fn written_in_one(open: &Open, keys: &[SmolStr]) -> Option<Spanned> {
    match open {
        Open::Concat(pieces) => {
            pieces.iter().rev().find_map(|piece| below_at(piece.value.clone(), keys))
        }
        _ => None,
    }
}

fn below_at(value: Spanned, keys: &[SmolStr]) -> Option<Spanned> {
    keys.iter().try_fold(value, |value, key| value.value.as_object()?.get(key).cloned())
}
