//! The summary that `resolve` gives without `--print`: the verdict, and what the answer is made of.

use daemon::load::{Loaded, VaultState};
use resolver::{KeyPath, Layer, Precedence, Value};
use serde_json::{Value as Json, json};

use super::answer::{Answer, ResolvedBy};
use crate::page;

/// Sums up what is at a path: lines for people.
pub(super) fn for_people(answer: &Answer, path: &KeyPath) -> String {
    let at = if path.is_empty() { String::new() } else { format!(" at `{path}`") };
    let mut lines =
        vec![format!("ok: {}{at}", page::counted(values(answer.snapshot.get(path)), "value"))];
    match &answer.resolved_by {
        ResolvedBy::Daemon => lines.push("  resolved by the daemon; `status` tells more".into()),
        ResolvedBy::ThisProcess(loaded) => {
            lines.extend(loaded.snapshot.layers().iter().map(|layer| line_of(layer)));
            let kept_out = loaded.quarantined.iter();
            lines.extend(kept_out.map(|it| format!("  not used    {}: {}", it.name, it.reason)));
        }
    }
    let open = answer.snapshot.unresolved();
    lines.extend(open.iter().map(|path| format!("  open        {path}")));
    lines.join("\n") + "\n"
}

/// Sums up what is at a path: one JSON object.
pub(super) fn for_programs(answer: &Answer, path: &KeyPath) -> String {
    let mut summary = json!({
        "ok": true,
        "values": values(answer.snapshot.get(path)),
        "unresolved": answer.snapshot.unresolved().iter().map(KeyPath::to_string).collect::<Vec<_>>(),
    });
    if let (ResolvedBy::ThisProcess(loaded), Json::Object(summary)) =
        (&answer.resolved_by, &mut summary)
    {
        summary.insert(
            "layers".into(),
            loaded
                .snapshot
                .layers()
                .iter()
                .map(|layer| {
                    json!({
                        "layer": layer.precedence().to_string(),
                        "name": layer.name().to_string(),
                        "values": values(Some(&Value::Object(layer.root().clone()))),
                    })
                })
                .collect(),
        );
        summary.insert(
            "quarantined".into(),
            loaded
                .quarantined
                .iter()
                .map(|it| json!({ "name": it.name.to_string(), "reason": it.reason }))
                .collect(),
        );
        summary.insert("vaults".into(), vault_state(loaded).into());
    }
    format!("{summary:#}\n")
}

fn line_of(layer: &Layer) -> String {
    let values = values(Some(&Value::Object(layer.root().clone())));
    let precedence = match layer.precedence() {
        Precedence::Vault => "vault".to_owned(),
        other => other.to_string(),
    };
    let name = layer.name().to_string();
    let name = name.strip_prefix("vault ").unwrap_or(&name);
    format!("  {precedence:<11} {name}: {}", page::counted(values, "value"))
}

fn vault_state(loaded: &Loaded) -> String {
    match &loaded.vault_state {
        VaultState::Off => "off".into(),
        VaultState::Fresh { .. } => "fresh".into(),
        VaultState::NoServer(error) => format!("none: {error}"),
        VaultState::Failed(error) => format!("none: {error}"),
    }
}

/// Counts the leaves of a value; a list is one.
fn values(value: Option<&Value>) -> usize {
    let mut waiting = Vec::from_iter(value);
    let mut count = 0;
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(object) => waiting.extend(object.iter().map(|(_, child)| &child.value)),
            _ => count += 1,
        }
    }
    count
}
