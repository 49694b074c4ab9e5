//! References that this text alone does not close.

use std::{collections::BTreeSet, sync::Arc};

use lean_string::LeanStr;

use crate::{
    diagnostic::{Quoted, Severity},
    key_path::KeyPath,
    layer::Layer,
    origin::Origin,
    value::{Open, Reference, Spanned, Value},
};

use super::{Findings, Rule, Scene, scene::walk};

pub(super) const ACROSS_LAYERS: Rule = Rule {
    id: "reference-across-layers",
    severity: Severity::Warning,
    about: "a reference sees the keys of its own text only, not those of the layers below or above",
};

pub(super) const LEFT_OPEN: Rule = Rule {
    id: "reference-left-open",
    severity: Severity::Note,
    about: "a reference that no key of its text closes needs an environment variable of each process that asks",
};

pub(super) fn find_across_layers(scene: &Scene<'_>, findings: &mut Findings) {
    if !scene.is_closed_alone() {
        return;
    }
    each_reference(scene, |reference, origin| {
        if is_closed_here(scene, reference, origin) {
            return;
        }
        let Some(below) = scene.place_below(&reference.path) else { return };
        let path = reference.path.to_string();
        let message =
            format!("this reference does not see {}, which another text sets", Quoted(&path));
        findings.add(
            ACROSS_LAYERS.at(origin, message).with_related(below, "it is set here").with_help(
                "set the key in this text, too, or write its value in place of the reference",
            ),
        );
    });
}

pub(super) fn find_left_open(scene: &Scene<'_>, findings: &mut Findings) {
    if !scene.is_closed_alone() {
        return;
    }
    let Some(layer) = scene.layer else { return };
    let still_open = places_of_references(layer);
    each_reference(scene, |reference, origin| {
        let is_below = scene.below.get(&reference.path).is_some();
        if is_below || reference.optional || !still_open.contains(&origin) {
            return;
        }
        let message = format!(
            "{} is no key of this text: each process that asks needs an environment variable of that name",
            Quoted(&reference.name)
        );
        findings.add(
            LEFT_OPEN.at(origin, message).with_help(
                "write `${?…}` if the value may be missing, or set the key in this text",
            ),
        );
    });
}

/// Whether the text has the key that a reference names. The value that the reference is a part of
/// does not count, unless assignments lie below it.
fn is_closed_here(scene: &Scene<'_>, reference: &Reference, origin: Origin) -> bool {
    let Some(value) = spanned_at(&scene.root, reference.path.keys()) else { return false };
    let is_own = value.origin.start <= origin.start && origin.end <= value.origin.end;
    let is_alone = |open: &Open| !matches!(open, Open::Stack(_));
    !matches!(&value.value, Value::Open(open) if is_own && is_alone(open))
}

fn spanned_at<'v>(root: &'v Spanned, keys: &[LeanStr]) -> Option<&'v Spanned> {
    keys.iter().try_fold(root, |value, key| match &value.value {
        Value::Object(object) => object.get(key),
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => None,
    })
}

/// Returns where the references stand that building the layer did not close.
fn places_of_references(layer: &Layer) -> BTreeSet<Origin> {
    let mut places = BTreeSet::new();
    let root = Value::Object(Arc::clone(layer.root())).spanned(Origin::default());
    walk(&root, &mut KeyPath::root(), &mut |_, value| {
        each_in(value, &mut |_, origin| {
            places.insert(origin);
        });
    });
    places
}

/// Calls back for each reference of the text, in order.
fn each_reference(scene: &Scene<'_>, mut look: impl FnMut(&Reference, Origin)) {
    // `+=` refers to its own key, and has a rule of its own.
    let is_append = |origin| scene.appends.iter().any(|append| append.origin == origin);
    scene.each_value(|_, value| {
        each_in(value, &mut |reference, origin| {
            if !is_append(origin) {
                look(reference, origin);
            }
        });
    });
}

/// Recurses as deep as brackets lie in one another, which `Limits::depth` bounds.
fn each_in(value: &Spanned, look: &mut impl FnMut(&Reference, Origin)) {
    let Value::Open(open) = &value.value else { return };
    match &**open {
        Open::Reference(reference) => look(reference, value.origin),
        Open::Concat(pieces) => pieces.iter().for_each(|piece| each_in(&piece.value, look)),
        Open::Stack(layers) => layers.iter().for_each(|layer| each_in(layer, look)),
    }
}
