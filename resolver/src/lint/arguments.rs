//! Arguments of containers: secrets in them, and options that docker does not see.

use crate::{
    diagnostic::{Quoted, Severity},
    key_path::KeyPath,
    redact::Redactor,
    snapshot::Snapshot,
    value::{Spanned, Value},
};

use super::{Findings, Rule, Scene};

pub(super) const SECRET: Rule = Rule {
    id: "secret-in-arguments",
    severity: Severity::Warning,
    about: "a secret in the arguments of a container is shown by the web UI, by `ps` and by the agent's log",
};

pub(super) const JOINED: Rule = Rule {
    id: "joined-argument",
    severity: Severity::Warning,
    about: "an option and its value in one item of a list reach docker as one argument, which it does not know",
};

/// Finds what the redactor would mask.
pub(super) fn find_secrets(scene: &Scene<'_>, findings: &mut Findings) {
    let Some(layer) = scene.layer else { return };
    let root = Value::Object(layer.root().clone()).spanned(scene.root.origin);
    let snapshot = Snapshot { root, layers: [layer.clone()].into(), rewritten: [].into() };
    let redactor = Redactor::for_snapshot(&snapshot);
    let Some(view) = redactor.view(&snapshot, &KeyPath::root(), None) else { return };
    each_argument(scene, |path, argument| {
        let Some(text) = argument.value.as_str() else { return };
        let masked = view.value().at(path).and_then(Value::as_str);
        let Some(masked) = masked.filter(|masked| *masked != text) else { return };
        let masked_word =
            text.split(' ').zip(masked.split(' ')).find(|(word, shown)| word != shown);
        let message = match masked_word.and_then(|(word, _)| variable_of(word)) {
            Some(name) => format!("the value of {} is a secret for all to see", Quoted(name)),
            None => "this argument holds a secret for all to see".to_owned(),
        };
        findings.add(
            SECRET
                .at(argument.origin, message)
                .with_help("write `-e NAME` without a value and set the variable in `environment { … }`, or mount a file"),
        );
    });
}

pub(super) fn find_joined(scene: &Scene<'_>, findings: &mut Findings) {
    each_argument(scene, |path, argument| {
        let is_item = path.keys().last().is_some_and(|key| key.parse::<usize>().is_ok());
        let Some(text) = argument.value.as_str().filter(|_| is_item) else { return };
        let option = text.trim_start().split_once(' ').map(|(option, _)| option);
        let Some(option) = option.filter(|option| is_option(option)) else { return };
        let message = format!("{} and its value are one argument here", Quoted(option));
        findings
            .add(JOINED.at(argument.origin, message).with_help("make them two items of the list"));
    });
}

/// Calls back for each argument: items of a list that is named so, or a whole text.
fn each_argument(scene: &Scene<'_>, mut look: impl FnMut(&KeyPath, &Spanned)) {
    scene.each_value(|path, value| {
        let mut keys = path.keys().iter().rev().skip_while(|key| key.parse::<usize>().is_ok());
        let named =
            keys.next().is_some_and(|key| key.ends_with("arguments") || key.ends_with("args"));
        if named {
            look(path, value);
        }
    });
}

/// Returns the name before the `=` of a word such as `NAME=value`,
/// `-eNAME=value` or `--env=NAME=value`.
fn variable_of(word: &str) -> Option<&str> {
    let prefixes = ["--env=", "-e"];
    let word = prefixes.iter().find_map(|prefix| word.strip_prefix(prefix)).unwrap_or(word);
    let name = word.split_once('=')?.0;
    let is_name =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then_some(name)
}

/// Whether a word is `-e`, `--env` or the like, and not one with its value behind `=`.
fn is_option(word: &str) -> bool {
    word.starts_with('-') && word.len() > 1 && !word.contains('=')
}
