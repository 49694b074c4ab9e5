//! Paths of Windows whose backslashes are read as escapes.

use crate::{
    diagnostic::{Quoted, Severity},
    value::Value,
};

use super::{Findings, Rule, Scene};

pub(super) const RULE: Rule = Rule {
    id: "escape-in-path",
    severity: Severity::Warning,
    about: "in double quotes `C:\\new` holds a line feed and `C:\\temp` a tab",
};

pub(super) fn find(scene: &Scene<'_>, findings: &mut Findings) {
    scene.each_value(|path, value| {
        if matches!(value.value, Value::String(_)) && is_misread_path(scene.at(value.origin)) {
            let message =
                format!("the backslashes in {} are read as escapes", Quoted(&path.to_string()));
            findings.add(RULE.at(value.origin, message).with_help(r"write `\\` or `/`"));
        }
    });
}

/// Whether a text in double quotes begins like a path with a drive, and one of its parts begins
/// like an escape that stands for a character.
fn is_misread_path(quoted: &str) -> bool {
    let Some(inside) = quoted.strip_prefix('"') else { return false };
    let mut characters = inside.chars();
    let has_drive = characters.next().is_some_and(|drive| drive.is_ascii_alphabetic())
        && characters.next() == Some(':')
        && characters.next() == Some('\\');
    if !has_drive {
        return false;
    }
    let mut after_backslash = true;
    for character in characters {
        if after_backslash && matches!(character, 'n' | 'r' | 't') {
            return true;
        }
        after_backslash = character == '\\' && !after_backslash;
    }
    false
}
