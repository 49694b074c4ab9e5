//! The work list: closing each open value once, those it needs first.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    address::ByAddress,
    fold::Folds,
    sites::{Site, SiteId, Sites},
    size::{Size, Sizes},
};
use crate::{
    concat::{self, ClosedPiece},
    context::Context,
    diagnostic::Diagnostic,
    origin::Origin,
    value::{Open, Spanned},
};

/// How far the closing of one open value has come.
#[derive(Clone)]
pub(super) enum State {
    /// Not asked for yet, or asked for and waiting.
    Open,
    /// Being closed: it waits for others.
    Active,
    /// Closed; `None` if it came to nothing, as an optional reference may.
    Closed(Option<Spanned>),
    /// It cannot be closed; the reason has been reported.
    Failed,
}

/// What evaluating gives.
pub(super) enum Step<T> {
    /// The result.
    Done(T),
    /// Nothing yet: these must be closed first.
    Needs(Vec<SiteId>),
    /// It cannot be told; the reason has been reported.
    Failed,
}

pub(super) struct Closing<'a> {
    pub(super) root: &'a Spanned,
    pub(super) context: &'a Context<'a>,
    pub(super) sites: Sites,
    pub(super) states: Vec<State>,
    /// For a stack that is being closed: the layer that is being evaluated.
    pub(super) active_layers: Vec<Option<usize>>,
    /// For a layer that is being closed: the layer its stack was at before.
    layers_before: Vec<Option<usize>>,
    /// The sites that were asked again while they waited.
    pub(super) asked_again: Vec<bool>,
    /// How often something was closed for now only, with what lies below a value in its place.
    pub(super) closed_for_now: usize,
    /// The optional references that came to nothing only because a site, the key, is being closed.
    pub(super) for_now: BTreeMap<SiteId, Vec<SiteId>>,
    pub(super) folds: Folds,
    pub(super) closed: ByAddress<Spanned>,
    sizes: Sizes,
    diagnostics: Vec<Diagnostic>,
    pub(super) steps: usize,
    pub(super) copied: u64,
    /// How many values of lists and objects were gone through to close them.
    pub(super) looked_through: u64,
    exhausted: bool,
}

impl<'a> Closing<'a> {
    pub(super) fn new(root: &'a Spanned, context: &'a Context<'a>) -> Self {
        let sites = Sites::of(root);
        Self {
            root,
            context,
            states: vec![State::Open; sites.len()],
            active_layers: vec![None; sites.len()],
            layers_before: vec![None; sites.len()],
            asked_again: vec![false; sites.len()],
            closed_for_now: 0,
            sites,
            for_now: BTreeMap::new(),
            folds: Folds::default(),
            closed: ByAddress::new(),
            sizes: Sizes::new(),
            diagnostics: Vec::new(),
            steps: 0,
            copied: 0,
            looked_through: 0,
            exhausted: false,
        }
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Closes the whole tree; `None` when that failed.
    pub(super) fn close_root(&mut self) -> Option<Spanned> {
        loop {
            match self.close_within(self.root) {
                Step::Done(closed) => return closed,
                Step::Needs(sites) => {
                    for site in sites {
                        self.run(site);
                    }
                    if self.exhausted {
                        return None;
                    }
                }
                Step::Failed => return None,
            }
        }
    }

    /// Closes one open value and all that it needs.
    fn run(&mut self, first: SiteId) {
        let mut work = vec![first];
        while let Some(&site) = work.last() {
            if self.is_finished(site) {
                work.pop();
                continue;
            }
            if !self.spend_step(site) {
                return;
            }
            self.enter(site);
            match self.evaluate(site) {
                Step::Needs(sites) => work.extend(sites.into_iter().rev()),
                Step::Done(value) => self.finish(site, State::Closed(value)),
                Step::Failed => self.finish(site, State::Failed),
            }
        }
    }

    fn is_finished(&self, site: SiteId) -> bool {
        !matches!(self.states.get(site), Some(State::Open | State::Active))
    }

    /// Marks a site as being closed, and its layer as the one its stack is at.
    fn enter(&mut self, site: SiteId) {
        let Some(state @ State::Open) = self.states.get_mut(site) else { return };
        *state = State::Active;
        if let Some((stack, layer)) = self.stack_above(site)
            && let Some(active) = self.active_layers.get_mut(stack)
            && let Some(before) = self.layers_before.get_mut(site)
        {
            *before = active.replace(layer);
        }
    }

    /// Keeps a result. A layer that was closed on behalf of a higher one gives the place back, and
    /// what came to nothing because of this site is open again.
    pub(super) fn finish(&mut self, site: SiteId, state: State) {
        for waiting in self.for_now.remove(&site).unwrap_or_default() {
            if let Some(nothing @ State::Closed(None)) = self.states.get_mut(waiting) {
                *nothing = State::Open;
            }
        }
        if let Some(place) = self.states.get_mut(site) {
            *place = state;
        }
        if let Some((stack, _)) = self.stack_above(site)
            && let Some(active) = self.active_layers.get_mut(stack)
        {
            *active = self.layers_before.get(site).copied().flatten();
        }
    }

    /// Returns the stack that a site is a layer of.
    fn stack_above(&self, site: SiteId) -> Option<(SiteId, usize)> {
        let site = self.sites.get(site)?;
        Some((site.inside?, site.layer?))
    }

    fn spend_step(&mut self, site: SiteId) -> bool {
        self.steps += 1;
        if self.steps > self.context.limits.substitutions.saturating_mul(4) && !self.exhausted {
            let origin = self.sites.get(site).map_or_else(Origin::default, |site| site.origin);
            self.report_limit("substitutions", origin);
        }
        !self.exhausted
    }

    /// Evaluates one open value as far as its parts are closed.
    fn evaluate(&mut self, id: SiteId) -> Step<Option<Spanned>> {
        if self.exhausted {
            return Step::Failed;
        }
        let Some(Site { open, origin, .. }) = self.sites.get(id) else { return Step::Failed };
        let (open, origin) = (Arc::clone(open), *origin);
        match &*open {
            Open::Reference(reference) => self.follow(id, reference, origin),
            Open::Concat(pieces) => {
                let mut closed = Vec::with_capacity(pieces.len());
                let mut needs = Vec::new();
                for piece in pieces {
                    match self.close_within(&piece.value) {
                        Step::Done(value) => closed.push(ClosedPiece {
                            space: piece.space.clone(),
                            value,
                            was_reference: piece.value.value.is_open(),
                        }),
                        Step::Needs(sites) => needs.extend(sites),
                        Step::Failed => return Step::Failed,
                    }
                }
                if needs.is_empty() { self.join(closed, origin) } else { Step::Needs(needs) }
            }
            Open::Stack(layers) => {
                if !self.folds.has_begun(id, layers.len())
                    && let Some((reference, origin)) = self.covered_in_vain(layers)
                {
                    return self.fail_unresolved(reference, origin);
                }
                self.fold(id, layers, layers.len())
            }
        }
    }

    fn join(&mut self, pieces: Vec<ClosedPiece>, origin: Origin) -> Step<Option<Spanned>> {
        if !self.may_join(pieces.iter().filter_map(|piece| piece.value.as_ref()), origin) {
            return Step::Failed;
        }
        match concat::join(pieces, self.context.mode, origin) {
            Ok((joined, looked_at)) => {
                self.copied = self.copied.saturating_add(looked_at);
                self.checked(joined)
            }
            Err(diagnostic) => self.fail(*diagnostic),
        }
    }

    /// Whether values are small enough to be joined, or laid over one another; says so if not.
    ///
    /// Joining looks at no more keys and items than they have when they are written out.
    pub(super) fn may_join<'v>(
        &mut self,
        values: impl Iterator<Item = &'v Spanned>,
        origin: Origin,
    ) -> bool {
        let limits = &self.context.limits;
        let mut sum = Size::default();
        for value in values {
            sum = sum.beside(self.sizes.of(&value.value));
        }
        let broken =
            if self.copied > limits.nodes { Some("nodes") } else { sum.broken_limit(limits) };
        if let Some(limit) = broken {
            self.report_limit(limit, origin);
        }
        broken.is_none()
    }

    /// Lets a value through that is within the limits when it is written out.
    pub(super) fn checked(&mut self, value: Option<Spanned>) -> Step<Option<Spanned>> {
        let Some(value) = value else { return Step::Done(None) };
        match self.sizes.of(&value.value).broken_limit(&self.context.limits) {
            None => Step::Done(Some(value)),
            Some(limit) => {
                self.report_limit(limit, value.origin);
                Step::Failed
            }
        }
    }

    pub(super) fn fail<T>(&mut self, diagnostic: Diagnostic) -> Step<T> {
        self.diagnostics.push(diagnostic);
        Step::Failed
    }

    pub(super) fn fail_cycle<T>(&mut self, origin: Origin) -> Step<T> {
        self.fail(
            Diagnostic::error("reference-cycle", "this reference leads back to itself", origin)
                .with_help("give one of the keys on the way a value of its own"),
        )
    }

    pub(super) fn report_limit(&mut self, limit: &'static str, origin: Origin) {
        if std::mem::replace(&mut self.exhausted, true) {
            return;
        }
        self.diagnostics.push(
            Diagnostic::error("reference-limit", "its references make it too large", origin)
                .with_help(format!("use fewer references, or raise `limits.{limit}`")),
        );
    }
}
