//! What a text is allowed to say and its author probably did not mean.
//!
//! A rule looks at one text in its place: what is written there, and what the layers below it hold.
//! What is wrong with the text by itself is not repeated; that is in its [`Build`].

mod appends;
mod arguments;
mod comments;
mod covering;
mod escapes;
mod formats;
mod indentation;
mod items;
mod keys;
mod numbers;
mod protected;
mod references;
mod repeated;
mod rule;
mod scene;
mod tabs;
mod words;

use std::sync::Arc;

use crate::{
    context::Context,
    diagnostic::Diagnostic,
    layer::{Build, Layer, Precedence},
    origin::{Format, SourceText},
};
pub use rule::Rule;
use scene::Scene;

/// A text in its place, for [`lint`].
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// What came of building the text.
    pub build: &'a Build,
    /// Which tier it belongs to.
    pub precedence: Precedence,
    /// The layers below it, lowest first. Rules that compare with them are silent without any.
    pub below: &'a [Arc<Layer>],
    /// What it was built with.
    pub context: &'a Context<'a>,
}

/// A rule, and what looks for it.
type Check = (&'static Rule, fn(&Scene<'_>, &mut Findings));

const CHECKS: &[Check] = &[
    (&formats::YAML, formats::find_in_yaml),
    (&formats::JSON, formats::find_in_json),
    (&appends::RULE, appends::find),
    (&references::ACROSS_LAYERS, references::find_across_layers),
    (&references::LEFT_OPEN, references::find_left_open),
    (&repeated::RULE, repeated::find),
    (&numbers::LOST_ZERO, numbers::find_lost_zeros),
    (&numbers::LOST_DIGITS, numbers::find_lost_digits),
    (&protected::RULE, protected::find),
    (&arguments::SECRET, arguments::find_secrets),
    (&arguments::JOINED, arguments::find_joined),
    (&covering::ERASED, covering::find_erased),
    (&covering::OTHER_KIND, covering::find_other_kinds),
    (&keys::RULE, keys::find),
    (&tabs::RULE, tabs::find),
    (&comments::RULE, comments::find),
    (&escapes::RULE, escapes::find),
    (&indentation::RULE, indentation::find),
    (&items::RULE, items::find),
    (&words::TRUTH, words::find_truth_words),
    (&words::SEXAGESIMAL, words::find_numbers_to_base_60),
];

/// Returns all rules, in the order in which their findings are made.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    CHECKS.iter().map(|(rule, _)| *rule)
}

/// Looks for all that [`rules`] name in one text; findings come in the order of their places.
///
/// All places lie in the text itself, those of `related` also in the texts of the layers below.
/// Of each rule at most `Limits::diagnostics` findings are given. A broken text has few: rules
/// that need its keys are silent.
pub fn lint(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let Some(scene) = Scene::of(subject) else { return Vec::new() };
    let most = subject.context.limits.diagnostics;
    let mut found = Vec::new();
    for (_, find) in CHECKS {
        let mut findings = Findings { found: Vec::new(), most };
        find(&scene, &mut findings);
        found.append(&mut findings.found);
    }
    found.sort_by_key(|diagnostic| diagnostic.origin.map(|origin| origin.start));
    found
}

/// Whether the stock clients find something else in a text than its format says, or nothing: they
/// read every text as HOCON. A broken text is none to compare with.
pub fn is_read_otherwise(subject: &Subject<'_>) -> bool {
    let is_hocon = |text: &SourceText| text.format == Format::Hocon;
    if subject.build.texts.first().is_none_or(is_hocon) {
        return false;
    }
    let Some(scene) = Scene::of(subject) else { return false };
    let mut findings = Findings { found: Vec::new(), most: 1 };
    formats::find_in_yaml(&scene, &mut findings);
    formats::find_in_json(&scene, &mut findings);
    !findings.found.is_empty()
}

/// What one rule has found.
struct Findings {
    found: Vec<Diagnostic>,
    most: usize,
}

impl Findings {
    /// Keeps a finding, unless there are enough.
    fn add(&mut self, finding: Diagnostic) {
        if self.found.len() < self.most {
            self.found.push(finding);
        }
    }
}

#[cfg(test)]
mod tests;
