//! Tabs in values, which the stock clients do not keep.

use crate::{
    diagnostic::{Quoted, Severity},
    origin::Format,
    value::Value,
};

use super::{Findings, Rule, Scene};

pub(super) const RULE: Rule = Rule {
    id: "tab-in-value",
    severity: Severity::Warning,
    about: "the stock clients turn each tab of a HOCON text into blanks up to the next eighth column, in values, too",
};

pub(super) fn find(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.text.format != Format::Hocon || !scene.is_closed_alone() {
        return;
    }
    scene.each_value(|path, value| {
        let has_tab =
            matches!(value.value, Value::String(_)) && scene.at(value.origin).contains('\t');
        if has_tab {
            let message = format!("the tabs in {} become blanks", Quoted(&path.to_string()));
            findings
                .add(RULE.at(value.origin, message).with_help(r#"write `\t` in double quotes"#));
        }
    });
}
