//! What the rules look at: a text, its tree with references open, and the layers below.

use std::sync::Arc;

use crate::{
    context::{Context, IncludeError, IncludeRequest, IncludedText, Includer, Mode},
    document::{Append, Covered, Reading},
    key_path::KeyPath,
    layer::{Layer, Precedence},
    merge::merge,
    object::Object,
    origin::{Origin, SourceIds, SourceText},
    snapshot::Snapshot,
    syntax,
    value::{Spanned, Value},
};

use super::Subject;

/// A text as the rules see it.
pub(super) struct Scene<'a> {
    pub(super) text: &'a SourceText,
    pub(super) precedence: Precedence,
    pub(super) context: &'a Context<'a>,
    /// The layer that was made of it, with its references closed.
    pub(super) layer: Option<&'a Arc<Layer>>,
    /// Its own keys; none where the text is broken. What it includes is left out.
    pub(super) root: Spanned,
    /// Its assignments that later ones cover.
    pub(super) covered: Vec<Covered>,
    /// Its first assignments by `+=`.
    pub(super) appends: Vec<Append>,
    /// What the lower layers make together.
    pub(super) below: Snapshot,
}

impl<'a> Scene<'a> {
    /// Reads the text anew; `None` where a build read none.
    pub(super) fn of(subject: &Subject<'a>) -> Option<Self> {
        let text = subject.build.texts.first()?;
        let context = Context { includer: &SkipIncludes, ..subject.context.clone() };
        let mut ids = SourceIds::default();
        let mut reading = Reading::new(&context, &mut ids);
        let root = if reading.fits(text) { syntax::parse(text, &mut reading) } else { None };
        let usable = root.filter(|root| !reading.has_error && root.value.is_object());
        let nothing = || Value::object(Object::new()).spanned(Origin::default());
        let (below, _) = merge(subject.below, subject.context);
        Some(Self {
            text,
            precedence: subject.precedence,
            context: subject.context,
            layer: subject.build.layer.as_ref(),
            root: usable.unwrap_or_else(nothing),
            covered: std::mem::take(&mut reading.covered),
            appends: std::mem::take(&mut reading.appends),
            below,
        })
    }

    /// Whether the text is closed by itself, as the stock clients do.
    pub(super) fn is_closed_alone(&self) -> bool {
        self.context.mode == Mode::Clearml
    }

    /// Returns the text at a place.
    pub(super) fn at(&self, origin: Origin) -> &'a str {
        let text: &'a str = &self.text.text;
        text.get(origin.start as usize..origin.end as usize).unwrap_or_default()
    }

    /// Returns the text before a place, and the text behind it.
    pub(super) fn around(&self, origin: Origin) -> (&'a str, &'a str) {
        let text: &'a str = &self.text.text;
        let before = text.get(..origin.start as usize).unwrap_or_default();
        (before, text.get(origin.end as usize..).unwrap_or_default())
    }

    /// Calls back for each value of the text below its root, in order, with its path.
    pub(super) fn each_value(&self, mut look: impl FnMut(&KeyPath, &Spanned)) {
        walk(&self.root, &mut KeyPath::root(), &mut look);
    }

    /// Returns where the lower layers set a path, the highest of them first.
    pub(super) fn place_below(&self, path: &KeyPath) -> Option<Origin> {
        let below = self.below.explain(path);
        below.assignments.first().map(|assignment| assignment.origin)
    }
}

/// Calls back for each value below one, with its path.
///
/// Recurses as deep as the tree, which `Limits::tree_depth` bounds.
pub(super) fn walk(value: &Spanned, path: &mut KeyPath, look: &mut impl FnMut(&KeyPath, &Spanned)) {
    if !path.is_empty() {
        look(path, value);
    }
    match &value.value {
        Value::Object(object) => {
            for (key, child) in object.iter() {
                path.push(key.clone());
                walk(child, path, look);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                walk(item, path, look);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Brings nothing: a rule looks at one text, and places in others would be of other numbers.
struct SkipIncludes;

impl Includer for SkipIncludes {
    fn include(&self, _: &IncludeRequest<'_>) -> Result<Vec<IncludedText>, IncludeError> {
        Ok(Vec::new())
    }
}
