//! Values that a comment cuts short.

use crate::{
    context::Mode,
    diagnostic::{Quoted, Severity},
    origin::Format,
    value::Value,
};

use super::{Findings, Rule, Scene};

pub(super) const RULE: Rule = Rule {
    id: "comment-cuts-value",
    severity: Severity::Warning,
    about: "a `#` in unquoted text begins a comment even in the middle of a word, such as a password",
};

pub(super) fn find(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.text.format != Format::Hocon {
        return;
    }
    scene.each_value(|path, value| {
        let is_text =
            matches!(value.value, Value::String(_)) && !scene.at(value.origin).ends_with('"');
        let (_, behind) = scene.around(value.origin);
        let is_cut = behind.starts_with('#')
            || scene.context.mode == Mode::Hocon && behind.starts_with("//");
        if is_text && is_cut {
            let message =
                format!("{} ends here: what follows is a comment", Quoted(&path.to_string()));
            findings.add(
                RULE.at(value.origin, message).with_help(
                    "put the whole value in double quotes, or a blank before the comment",
                ),
            );
        }
    });
}
