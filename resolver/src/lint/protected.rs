//! Keys that describe a machine, in a vault that is for many.

use crate::{
    diagnostic::{Quoted, Severity},
    key_path::KeyPath,
    layer::Precedence,
    merge::PROTECTED_KEYS,
};

use super::{Findings, Rule, Scene};

pub(super) const RULE: Rule = Rule {
    id: "protected-key-in-vault",
    severity: Severity::Warning,
    about: "a vault's value for a key that describes the machine is dropped on every host that has its own",
};

pub(super) fn find(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.precedence != Precedence::Vault {
        return;
    }
    let Some(agent) = scene.root.value.as_object().and_then(|root| root.get("agent")) else {
        return;
    };
    let Some(keys) = agent.value.as_object() else { return };
    for key in PROTECTED_KEYS {
        let Some(value) = keys.get(key) else { continue };
        let path: KeyPath = ["agent", key].into_iter().collect();
        let spelled = path.to_string();
        let path_name = Quoted(&spelled);
        let finding = match scene.place_below(&path) {
            Some(below) => RULE
                .at(
                    value.origin,
                    format!("{path_name} has no effect here: this host keeps its own"),
                )
                .with_related(below, "the value that stays"),
            None => RULE.at(
                value.origin,
                format!("{path_name} has an effect only on hosts that set none themselves"),
            ),
        };
        findings.add(finding.with_help("set it in the `clearml.conf` of each host"));
    }
}
