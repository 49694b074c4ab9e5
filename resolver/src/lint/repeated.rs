//! Keys that one HOCON text sets twice; the other formats say so themselves.

use crate::{
    diagnostic::{Quoted, Severity},
    document::Covered,
    origin::Format,
};

use super::{Findings, Rule, Scene};

pub(super) const RULE: Rule = Rule {
    id: "repeated-key",
    severity: Severity::Warning,
    about: "a key is set twice in one text, and the earlier value is never seen",
};

pub(super) fn find(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.text.format != Format::Hocon || scene.covered.is_empty() {
        return;
    }
    let mut covered = scene.covered.clone();
    covered.sort_by_key(|covered| covered.by);
    scene.each_value(|path, value| {
        let first = covered.partition_point(|covered| covered.by < value.origin);
        let of_value = covered.iter().skip(first).take_while(|covered| covered.by == value.origin);
        // An object that is set below a scalar's key carries the place of the key within.
        let Some(Covered { origin, by }) = of_value.into_iter().next() else { return };
        let message = format!("{} is set twice in this text", Quoted(&path.to_string()));
        findings.add(
            RULE.at(*by, message)
                .with_related(*origin, "the value that is never seen")
                .with_help("take one of them out; the later one counts"),
        );
    });
}
