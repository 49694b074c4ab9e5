//! Keys with dots in them where a path was meant.

use lean_string::LeanStr;

use crate::{
    diagnostic::{Quoted, Severity},
    key_path::KeyPath,
};

use super::{Findings, Rule, Scene};

pub(super) const RULE: Rule = Rule {
    id: "dotted-key",
    severity: Severity::Warning,
    about: "a key in quotes, and every key of YAML and JSON, is one key whatever dots it holds, and no path",
};

/// The sections of a ClearML configuration.
const SECTIONS: [&str; 5] = ["agent", "api", "environment", "files", "sdk"];

pub(super) fn find(scene: &Scene<'_>, findings: &mut Findings) {
    scene.each_value(|path, value| {
        let Some((last, above)) = path.keys().split_last() else { return };
        if !last.contains('.') {
            return;
        }
        let as_path: KeyPath = above.iter().map(LeanStr::as_str).chain(last.split('.')).collect();
        let begins_section = above.is_empty()
            && last.split('.').next().is_some_and(|first| SECTIONS.contains(&first));
        if !begins_section && scene.below.get(&as_path).is_none() {
            return;
        }
        let message =
            format!("{} is one key with dots in its name, not a path", Quoted(&path.to_string()));
        findings.add(
            RULE.at(value.origin, message)
                .with_help("write a section for each part, or, in HOCON, leave the quotes away"),
        );
    });
}
