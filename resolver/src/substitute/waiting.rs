//! Open values that are asked for while they are being closed.

use super::{
    evaluate::{Closing, State, Step},
    sites::SiteId,
};
use crate::{context::Mode, origin::Origin, value::Spanned};

impl Closing<'_> {
    /// Returns what an open value came to; asks for it if that is not known yet.
    pub(super) fn result_of(&mut self, site: SiteId, origin: Origin) -> Step<Option<Spanned>> {
        match self.states.get(site) {
            Some(State::Closed(value)) => Step::Done(value.clone()),
            Some(State::Open) => Step::Needs(vec![site]),
            Some(State::Active) => self.result_for_now(site, origin),
            Some(State::Failed) | None => Step::Failed,
        }
    }

    /// Gives an open value that waits for the list or object which is being closed around it: what
    /// lies below it, in mode `hocon` (as `config` 1.4 of Lightbend, which lays the rest of a stack
    /// in its place while it closes a layer).
    fn result_for_now(&mut self, site: SiteId, origin: Origin) -> Step<Option<Spanned>> {
        if self.context.mode == Mode::Clearml {
            return self.fail_cycle(origin);
        }
        if !self.is_at_container(site)
            && let Some(below) = self.look_in_layers_below(site)
        {
            self.closed_for_now += 1;
            return below;
        }
        if self.is_optional(site) {
            return Step::Done(None);
        }
        self.ask_again(site, origin)
    }

    /// Asks for an open value again that waits already.
    ///
    /// What waits may be all that stands in the way: in `d {a: ${i.b}}, i.b: 7, i: ${d}` closing
    /// `d.a` closes `i`, which closes `d`. Asked again, from inside `i`, it sees what lies below there
    /// (as the reference implementation, which closes `i` first). Once is enough for that.
    fn ask_again(&mut self, site: SiteId, origin: Origin) -> Step<Option<Spanned>> {
        if self.asked_again.get(site).is_none_or(|asked| *asked) {
            return self.fail_cycle(origin);
        }
        self.finish(site, State::Open);
        if let Some(asked) = self.asked_again.get_mut(site) {
            *asked = true;
        }
        Step::Needs(vec![site])
    }

    /// Gives what a reference comes to that leads back to the value it is asked for: nothing, or what
    /// that is when it is asked for from here, or it is a cycle.
    pub(super) fn lead_back(
        &mut self,
        site: SiteId,
        from: SiteId,
        origin: Origin,
    ) -> Step<Option<Spanned>> {
        let comes_to_nothing = match self.context.mode {
            Mode::Hocon => self.is_optional(from) || self.is_part_of(from, site),
            // The clients give up where a path of several keys is all that it holds itself.
            Mode::Clearml => self.is_part_of(from, site) && self.sites.depth(site) == 1,
        };
        if comes_to_nothing {
            self.is_nothing_for_now(from, site);
            return Step::Done(None);
        }
        if self.context.mode == Mode::Hocon {
            self.ask_again(site, origin)
        } else {
            self.fail_cycle(origin)
        }
    }

    /// Remembers that a value comes to nothing only until another, of which it is no part, is closed.
    pub(super) fn is_nothing_for_now(&mut self, from: SiteId, site: SiteId) {
        if !self.is_part_of(from, site) {
            self.for_now.entry(site).or_default().push(from);
        }
    }
}
