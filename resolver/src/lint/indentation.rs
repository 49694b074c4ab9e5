//! HOCON that is written as if indentation meant something.

use crate::{
    diagnostic::{Quoted, Severity},
    origin::Format,
    value::Value,
};

use super::{Findings, Rule, Scene};

pub(super) const RULE: Rule = Rule {
    id: "hocon-looks-like-yaml",
    severity: Severity::Warning,
    about: "indentation means nothing to HOCON: `a:` and `b: c` on the next line make `a` the text `b: c`",
};

pub(super) fn find(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.text.format != Format::Hocon {
        return;
    }
    scene.each_value(|path, value| {
        let Value::String(text) = &value.value else { return };
        let (before, _) = scene.around(value.origin);
        let (above, indentation) = before.rsplit_once('\n').unwrap_or(("", before));
        let stands_below_key = indentation.chars().all(|blank| matches!(blank, ' ' | '\t'))
            && above.trim_end().ends_with(':');
        let is_quoted = scene.at(value.origin).starts_with('"');
        let looks_like_yaml = text.contains(": ") || text.ends_with(':') || text.starts_with("- ");
        if stands_below_key && looks_like_yaml && !is_quoted {
            let message = format!("{} is this line as one text, not a section or a list", Quoted(&path.to_string()));
            findings.add(RULE.at(value.origin, message).with_help(
                "put braces or brackets around what belongs to the key, or declare the text as YAML",
            ));
        }
    });
}
