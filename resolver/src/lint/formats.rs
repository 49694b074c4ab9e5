//! Texts in other formats, which the stock clients read as HOCON all the same.

use crate::{
    context::Mode,
    diagnostic::{Diagnostic, Quoted, Severity},
    key_path::KeyPath,
    origin::{Format, Origin, SourceText},
    syntax,
    value::{Spanned, Value},
};

use super::{Findings, Rule, Scene};

pub(super) const YAML: Rule = Rule {
    id: "yaml-read-as-hocon",
    severity: Severity::Warning,
    about: "stock clients ignore the format of a vault: they read YAML as HOCON, and find other values in it or none",
};

pub(super) const JSON: Rule = Rule {
    id: "json-read-as-hocon",
    severity: Severity::Warning,
    about: "stock clients ignore the format of a vault: they read JSON as HOCON, which keeps other escapes and no empty items of lists",
};

/// Differences that are told; more would not make it clearer.
const MOST_DIFFERENCES: usize = 4;

pub(super) fn find_in_yaml(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.text.format == Format::Yaml {
        find(&YAML, scene, findings);
    }
}

pub(super) fn find_in_json(scene: &Scene<'_>, findings: &mut Findings) {
    if matches!(scene.text.format, Format::Json | Format::Json5) {
        find(&JSON, scene, findings);
    }
}

fn find(rule: &Rule, scene: &Scene<'_>, findings: &mut Findings) {
    if scene.layer.is_none() {
        return;
    }
    let text = SourceText { format: Format::Hocon, ..scene.text.clone() };
    let (theirs, faults) = syntax::parse_alone(&text, Mode::Clearml, &scene.context.limits);
    let help = "write it in HOCON for as long as stock clients read it, too";
    if let Some(fault) = faults.iter().find(|fault| fault.is_error()) {
        let message = "the stock clients read this text as HOCON and stop here: they go on without the whole of it";
        findings.add(rule.at(fault.origin.unwrap_or_default(), message).with_help(help));
        return;
    }
    let mut differences = Vec::new();
    let theirs = theirs.unwrap_or_else(|| Value::Null.spanned(Origin::default()));
    compare(&scene.root, &theirs, &mut KeyPath::root(), &mut differences);
    if let Some(finding) = told(rule, &differences) {
        findings.add(finding.with_help(help));
    }
}

/// One place where the clients read something else.
struct Difference {
    origin: Origin,
    words: String,
}

/// Makes one finding of all differences: they have one cause.
fn told(rule: &Rule, differences: &[Difference]) -> Option<Diagnostic> {
    let (first, others) = differences.split_first()?;
    let message = format!("the stock clients read this text as HOCON: {}", first.words);
    let finding = rule.at(first.origin, message);
    Some(others.iter().fold(finding, |finding, other| {
        finding.with_related(other.origin, format!("and {}", other.words))
    }))
}

/// Recurses as deep as the shallower of the two, which `Limits::tree_depth` bounds.
fn compare(ours: &Spanned, theirs: &Spanned, at: &mut KeyPath, found: &mut Vec<Difference>) {
    if found.len() >= MOST_DIFFERENCES {
        return;
    }
    let (Value::Object(our_keys), Value::Object(their_keys)) = (&ours.value, &theirs.value) else {
        if ours.value != theirs.value {
            found.push(Difference { origin: ours.origin, words: difference(at, ours, theirs) });
        }
        return;
    };
    for (key, our_value) in our_keys.iter() {
        at.push(key.clone());
        match their_keys.get(key) {
            Some(their_value) => compare(our_value, their_value, at, found),
            None if found.len() < MOST_DIFFERENCES => {
                let words = format!("they find no {}", Quoted(&at.to_string()));
                found.push(Difference { origin: our_value.origin, words });
            }
            None => {}
        }
        at.pop();
    }
    for (key, their_value) in their_keys.iter() {
        if found.len() < MOST_DIFFERENCES && our_keys.get(key).is_none() {
            let words = format!("they find a key {}", Quoted(&at.join(key.clone()).to_string()));
            found.push(Difference { origin: their_value.origin, words });
        }
    }
}

fn difference(at: &KeyPath, ours: &Spanned, theirs: &Spanned) -> String {
    let (our_kind, their_kind) = (ours.value.kind(), theirs.value.kind());
    let path = at.to_string();
    let path = Quoted(&path);
    if our_kind == their_kind {
        format!("{path} is another {our_kind} to them")
    } else {
        let (ours, theirs) = (ours.value.kind_with_article(), theirs.value.kind_with_article());
        format!("{path}, here {ours}, is {theirs} to them")
    }
}
