//! What every stack of layers is held to.

use std::sync::Arc;

use resolver::{
    Context, Fate, Format, KeyPath, Layer, Mode, Precedence, RefuseIncludes, Snapshot, SourceIds,
    SourceName, SourceText, Spelling, Value, diff,
    lint::{Subject, lint},
    merge,
};

use crate::{Choices, OneVariable, References, hocon_text, limits, spell};

/// The most layers of one stack.
const MOST_LAYERS: usize = 4;

/// Makes a few texts of choices, merges them, and panics where merging breaks its word.
pub fn merge_layers(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let context = Context {
        mode: Mode::Clearml,
        environment: &OneVariable,
        includer: &RefuseIncludes,
        limits: limits(),
    };
    let mut ids = SourceIds::default();
    let mut layers: Vec<Arc<Layer>> = Vec::new();
    for _ in 0..MOST_LAYERS {
        let text = hocon_text(&mut choices, References::Some);
        layers.extend(layer_of(&text, &layers, &context, &mut ids));
    }
    let (snapshot, _) = merge(&layers, &context);
    assert!(diff(snapshot.root(), snapshot.root()).is_empty(), "an answer differs from itself");
    explains_itself(&snapshot);
    if snapshot.unresolved().is_empty() {
        is_stable_under_splitting(&layers, &snapshot, &context, &mut ids);
    }
}

/// Builds a vault's layer, and holds the linter's findings to their places.
fn layer_of(
    text: &str,
    below: &[Arc<Layer>],
    context: &Context<'_>,
    ids: &mut SourceIds,
) -> Option<Arc<Layer>> {
    let source = source_text(Format::Hocon, text, ids);
    let root = KeyPath::root();
    let build = Layer::build(Precedence::Vault, source.clone(), &root, context, ids);
    let subject = Subject { build: &build, precedence: Precedence::Vault, below, context };
    for finding in lint(&subject) {
        let origin = finding.origin.expect("a finding has a place");
        assert_eq!(origin.source, source.id, "a finding lies in its own text");
        let place = origin.start as usize..origin.end as usize;
        assert!(source.text.get(place).is_some(), "{}: {origin:?}", finding.code);
    }
    build.layer
}

fn source_text(format: Format, text: &str, ids: &mut SourceIds) -> SourceText {
    let name = SourceName::Text("fuzzed".into());
    SourceText { id: ids.next_id(), name, format, text: Arc::from(text) }
}

/// Whoever wins a path, as `explain` says, set the value that the answer has there.
fn explains_itself(snapshot: &Snapshot) {
    let root = Value::Object(Arc::new(snapshot.root().clone()));
    let mut open = vec![(KeyPath::root(), root)];
    while let Some((path, value)) = open.pop() {
        // What is open yet may be made of several layers' values.
        if value.is_open() {
            continue;
        }
        if let Value::Object(object) = &value {
            open.extend(
                object.iter().map(|(key, child)| (path.join(key.clone()), child.value.clone())),
            );
        } else {
            let provenance = snapshot.explain(&path);
            let winner = provenance.assignments.iter().find(|one| one.fate == Fate::Wins);
            let won = winner.and_then(|winner| winner.value.as_ref());
            assert!(won.is_some_and(|won| *won == value), "{path} is explained by another value");
        }
    }
}

/// Merging some layers first, and the others over what came of it, gives the same answer.
fn is_stable_under_splitting(
    layers: &[Arc<Layer>],
    whole: &Snapshot,
    context: &Context<'_>,
    ids: &mut SourceIds,
) {
    for split in 1..layers.len() {
        let (low, high) = layers.split_at(split);
        let (below, _) = merge(low, context);
        let text = source_text(Format::Json, &spell(&below, Spelling::Json), ids);
        let root = KeyPath::root();
        let build = Layer::build(Precedence::Vault, text, &root, context, ids);
        let Some(below) = build.layer else { return };
        let again: Vec<_> = std::iter::once(below).chain(high.iter().cloned()).collect();
        let (merged, _) = merge(&again, context);
        assert!(merged.same_answer(whole), "merged in two steps, the answer is another");
    }
}
