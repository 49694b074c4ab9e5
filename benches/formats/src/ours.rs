//! What of ours is measured.

use std::sync::Arc;

use resolver::{
    Context, Diagnostic, KeyPath, Layer, Limits, Mode, Precedence, Redactor, Reveal, Snapshot,
    SourceIds, SourceText, Spelling, merge, parse_alone, render,
};

/// Parses a text alone; says whether it is sound.
pub(crate) fn parsed(text: &SourceText, mode: Mode) -> bool {
    let (root, diagnostics) = parse_alone(text, mode, &Limits::default());
    root.is_some() && !diagnostics.iter().any(Diagnostic::is_error)
}

/// Parses a text and, in mode `clearml`, closes its references.
pub(crate) fn build_layer(text: &SourceText, mode: Mode) -> Option<Arc<Layer>> {
    let mut ids = SourceIds::default();
    Layer::build(Precedence::File, text.clone(), &KeyPath::root(), &Context::alone(mode), &mut ids)
        .layer
}

/// Merges layers.
pub(crate) fn merged(layers: &[Arc<Layer>]) -> Snapshot {
    merge(layers, &Context::alone(Mode::Clearml)).0
}

/// Spells an answer as JSON. What is secret in it is found out once for each answer and measured
/// elsewhere, so that it comes from outside.
pub(crate) fn rendered(snapshot: &Snapshot, redactor: &Redactor) -> String {
    let reveal = Some(Reveal::grant("a benchmark's own values"));
    let view = redactor.view(snapshot, &KeyPath::root(), reveal);
    render(&view.expect("the root is always there"), Spelling::Json)
}

/// Masks a line, for which a redactor that is new spells its secrets.
pub(crate) fn masked(redactor: &Redactor, line: &str) -> String {
    redactor.mask(line)
}

/// Makes one answer of a file and a vault, from their texts.
pub(crate) fn answer(texts: &[SourceText], redactor: &Redactor) -> String {
    let layers: Vec<_> = texts.iter().filter_map(|text| build_layer(text, Mode::Clearml)).collect();
    rendered(&merged(&layers), redactor)
}

/// Makes one answer of a file and a vault, and finds out what is secret in it.
pub(crate) fn answer_alone(texts: &[SourceText]) -> String {
    let layers: Vec<_> = texts.iter().filter_map(|text| build_layer(text, Mode::Clearml)).collect();
    let snapshot = merged(&layers);
    rendered(&snapshot, &Redactor::for_snapshot(&snapshot))
}
