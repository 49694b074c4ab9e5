//! YAML words and times that are no text to YAML 1.1.

use crate::{
    diagnostic::{Quoted, Severity},
    origin::Format,
    value::Value,
};

use super::{Findings, Rule, Scene};

pub(super) const TRUTH: Rule = Rule {
    id: "yaml-word-is-boolean",
    severity: Severity::Note,
    about: "`yes`, `no`, `on` and `off` are truth values in YAML 1.1, the country code of Norway, too",
};

pub(super) const SEXAGESIMAL: Rule = Rule {
    id: "yaml-time-is-number",
    severity: Severity::Warning,
    about: "digits with colons between are a number to base 60 in YAML 1.1: `22:22` is 1342, a port map or a time",
};

pub(super) fn find_truth_words(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.text.format != Format::Yaml {
        return;
    }
    scene.each_value(|path, value| {
        let Value::Bool(truth) = value.value else { return };
        let is_word =
            !scene.at(value.origin).eq_ignore_ascii_case(if truth { "true" } else { "false" });
        let is_boolean_below = matches!(scene.below.get(path), Some(Value::Bool(_)));
        if is_word && !is_boolean_below {
            let message = format!("{} is the truth value `{truth}`", Quoted(&path.to_string()));
            findings.add(
                TRUTH.at(value.origin, message).with_help("put the word in quotes if it is text"),
            );
        }
    });
}

pub(super) fn find_numbers_to_base_60(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.text.format != Format::Yaml {
        return;
    }
    scene.each_value(|path, value| {
        if matches!(value.value, Value::Number(_)) && scene.at(value.origin).contains(':') {
            let message = format!("{} is a number to base 60", Quoted(&path.to_string()));
            findings.add(
                SEXAGESIMAL.at(value.origin, message).with_help("put it in quotes if it is text"),
            );
        }
    });
}
