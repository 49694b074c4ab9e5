//! `+=` where it adds to nothing.

use crate::{
    diagnostic::{Quoted, Severity},
    origin::Format,
};

use super::{Findings, Rule, Scene};

pub(super) const RULE: Rule = Rule {
    id: "append-adds-nothing",
    severity: Severity::Warning,
    about: "`+=` adds a list to a list of the same text; a single value replaces it, and the lists of lower layers are replaced in any case",
};

pub(super) fn find(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.text.format != Format::Hocon || !scene.is_closed_alone() {
        return;
    }
    for append in &scene.appends {
        let spelled = append.path.to_string();
        let path = Quoted(&spelled);
        if append.is_replacing {
            let message =
                format!("the stock clients take this `+=` for `=`: {path} becomes {}", append.kind);
            findings
                .add(RULE.at(append.origin, message).with_help("put what is to be added in `[ ]`"));
        } else if let Some(below) = scene.place_below(&append.path) {
            let message = format!(
                "`+=` adds to {path} of this text alone, and so replaces that of the layers below"
            );
            findings.add(
                RULE.at(append.origin, message)
                    .with_related(below, "what is replaced")
                    .with_help("repeat here what is to stay"),
            );
        }
    }
}
