//! Closing the open values that lie in a list or object, at any depth.

use lean_string::LeanStr;

use super::evaluate::{Closing, Step};
use crate::{
    context::Mode,
    object::Object,
    origin::Origin,
    value::{Spanned, Value},
};

impl Closing<'_> {
    /// Returns a value with all open values in it closed; asks for those that are not yet.
    pub(super) fn close_within(&mut self, spanned: &Spanned) -> Step<Option<Spanned>> {
        if !self.sites.is_or_holds_open(&spanned.value) {
            return Step::Done(Some(spanned.clone()));
        }
        if let Some(closed) = self.closed.get(&spanned.value) {
            return Step::Done(Some(closed.clone()));
        }
        match &spanned.value {
            Value::Object(object) => self.close_object(object, spanned),
            Value::Array(values) => self.close_list(values, spanned),
            open => {
                let Some(site) = self.sites.number(open) else { return Step::Failed };
                self.result_of(site, spanned.origin)
            }
        }
    }

    fn close_object(&mut self, object: &Object, spanned: &Spanned) -> Step<Option<Spanned>> {
        let for_now = self.closed_for_now;
        let closed = self
            .close_members(object, spanned.origin, |closing, _, child| closing.close_within(child));
        match closed {
            Step::Done(closed) => self.remember(spanned, Value::object(closed), for_now),
            Step::Needs(sites) => Step::Needs(sites),
            Step::Failed => Step::Failed,
        }
    }

    /// Closes the members of an object, each by `close`; asks for all that they need.
    pub(super) fn close_members(
        &mut self,
        object: &Object,
        origin: Origin,
        mut close: impl FnMut(&mut Self, &LeanStr, &Spanned) -> Step<Option<Spanned>>,
    ) -> Step<Object> {
        if !self.may_look_through(object.len(), origin) {
            return Step::Failed;
        }
        let mut closed = Object::new();
        let mut needs = Vec::new();
        for (key, child) in object {
            match close(self, key, child) {
                Step::Done(Some(value)) => closed.push_new(key.clone(), value),
                Step::Done(None) => {}
                Step::Needs(sites) => needs.extend(sites),
                Step::Failed => return Step::Failed,
            }
        }
        if needs.is_empty() { Step::Done(closed) } else { Step::Needs(needs) }
    }

    fn close_list(&mut self, values: &[Spanned], spanned: &Spanned) -> Step<Option<Spanned>> {
        if !self.may_look_through(values.len(), spanned.origin) {
            return Step::Failed;
        }
        let mut closed = Vec::with_capacity(values.len());
        let mut needs = Vec::new();
        let for_now = self.closed_for_now;
        for child in values {
            match self.close_within(child) {
                Step::Done(Some(value)) => closed.push(value),
                // As pyhocon of `clearml` 2.1.12; the specification leaves the item out.
                Step::Done(None) if self.context.mode == Mode::Clearml => {
                    closed.push(Value::Null.spanned(child.origin));
                }
                Step::Done(None) => {}
                Step::Needs(sites) => needs.extend(sites),
                Step::Failed => return Step::Failed,
            }
        }
        if !needs.is_empty() {
            return Step::Needs(needs);
        }
        self.remember(spanned, Value::array(closed), for_now)
    }

    /// Counts the values of a list or object that is gone through; says whether it may be.
    ///
    /// It is gone through once to ask for what its values need and once to close it, as far as that
    /// is kept. What is closed for now only is closed for each that asks: a text can hold many.
    fn may_look_through(&mut self, values: usize, origin: Origin) -> bool {
        /// How often each value of the largest tree may be looked at.
        const LOOKS: u64 = 4;
        self.looked_through = self.looked_through.saturating_add(values as u64);
        let is_within = self.looked_through <= self.context.limits.nodes.saturating_mul(LOOKS);
        if !is_within {
            self.report_limit("nodes", origin);
        }
        is_within
    }

    /// Gives what a list or object came to; keeps it unless a part of it was closed for now only
    /// since there were so many as `for_now`.
    fn remember(
        &mut self,
        source: &Spanned,
        value: Value,
        for_now: usize,
    ) -> Step<Option<Spanned>> {
        let closed = value.spanned(source.origin);
        let step = self.checked(Some(closed.clone()));
        if matches!(step, Step::Done(_)) && self.closed_for_now == for_now {
            self.closed.insert(&source.value, closed);
        }
        step
    }
}
