//! Values that cover more of a lower layer than their author may see.

use crate::{
    diagnostic::{Quoted, Severity},
    key_path::KeyPath,
    value::{Spanned, Value},
};

use super::{Findings, Rule, Scene};

pub(super) const ERASED: Rule = Rule {
    id: "section-erased",
    severity: Severity::Warning,
    about: "`null`, a list or a single value over an object of a lower layer takes all of its keys away",
};

pub(super) const OTHER_KIND: Rule = Rule {
    id: "other-kind-of-value",
    severity: Severity::Note,
    about: "a value is of another kind than that of the lower layer it replaces, such as text over a number",
};

pub(super) fn find_erased(scene: &Scene<'_>, findings: &mut Findings) {
    each_covering(scene, |path, value, below| {
        let Some(keys) = below.as_object().filter(|keys| !keys.is_empty()) else { return };
        let message = format!(
            "this {} erases all of {}, which has keys in the layers below ({})",
            value.value.kind(),
            Quoted(&path.to_string()),
            keys.len(),
        );
        let finding = ERASED.at(value.origin, message);
        let finding = match scene.place_below(path) {
            Some(place) => finding.with_related(place, "what is erased"),
            None => finding,
        };
        findings.add(finding.with_help("set the keys one by one if the others are to stay"));
    });
}

pub(super) fn find_other_kinds(scene: &Scene<'_>, findings: &mut Findings) {
    each_covering(scene, |path, value, below| {
        let (kind, kind_below) = (value.value.kind_with_article(), below.kind_with_article());
        let is_told =
            |value: &Value| matches!(value, Value::Null | Value::Object(_) | Value::Open(_));
        if kind == kind_below || is_told(&value.value) || is_told(below) {
            return;
        }
        let message = format!(
            "{} is {kind} here, and {kind_below} in the layers below",
            Quoted(&path.to_string())
        );
        let finding = OTHER_KIND.at(value.origin, message);
        findings.add(match scene.place_below(path) {
            Some(place) => finding.with_related(place, "what it replaces"),
            None => finding,
        });
    });
}

/// Calls back for each value that replaces one of a lower layer.
fn each_covering(scene: &Scene<'_>, mut look: impl FnMut(&KeyPath, &Spanned, &Value)) {
    let Some(below) = scene.below.get(&KeyPath::root()) else { return };
    descend(&scene.root, below, &mut KeyPath::root(), &mut look);
}

/// Recurses as deep as the shallower of the two, which `Limits::tree_depth` bounds.
fn descend(
    value: &Spanned,
    below: &Value,
    path: &mut KeyPath,
    look: &mut impl FnMut(&KeyPath, &Spanned, &Value),
) {
    let (Value::Object(keys), Value::Object(keys_below)) = (&value.value, below) else {
        if !value.value.is_open() && !matches!(value.value, Value::Object(_)) {
            look(path, value, below);
        }
        return;
    };
    for (key, child) in keys.iter() {
        if let Some(child_below) = keys_below.get(key) {
            path.push(key.clone());
            descend(child, &child_below.value, path, look);
            path.pop();
        }
    }
}
