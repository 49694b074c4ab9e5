//! Who sets a part of the configuration, in the words of the protocol: the daemon says it on its
//! socket, the command line where no daemon is.

use resolver::{Assignment, Fate, KeyPath, Open, Scope, Snapshot, SourceName, Value};
use serde_json::value::RawValue;

use crate::protocol::{AssignmentFate, AssignmentStatus, VaultName};

/// Says what sets a path, highest first. `spell` gives a value as JSON, as the asker may see it.
pub fn assignments(
    snapshot: &Snapshot,
    path: &KeyPath,
    spell: impl Fn(&Value) -> String,
) -> Vec<AssignmentStatus> {
    let found = snapshot.explain(path).assignments;
    let said = found.iter().map(|assignment| AssignmentStatus {
        // A reference that gives nothing is spelled as nothing.
        value: assignment.value.as_ref().and_then(|value| RawValue::from_string(spell(value)).ok()),
        open: assignment.value.as_ref().map(variables).unwrap_or_default(),
        ..placed(snapshot, assignment)
    });
    said.collect()
}

/// Returns the word for whose vault it is.
pub fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::User => "user",
        Scope::Group => "group",
    }
}

/// Says where an assignment is and what became of it, but not what it sets.
pub(crate) fn placed(snapshot: &Snapshot, assignment: &Assignment) -> AssignmentStatus {
    let text = snapshot.text(assignment.origin.source);
    let place = text.map(|text| text.line_column(assignment.origin.start));
    let name = text.map_or_else(|| assignment.layer.name(), |text| &text.name);
    AssignmentStatus {
        fate: match assignment.fate {
            Fate::Wins => AssignmentFate::Wins,
            Fate::Extends => AssignmentFate::Extends,
            Fate::Shadowed => AssignmentFate::Shadowed,
            Fate::Protected => AssignmentFate::Protected,
        },
        layer: assignment.layer.precedence().to_string(),
        source: name.to_string(),
        vault: match name {
            SourceName::Vault { id, description, scope } => Some(VaultName {
                id: id.to_string(),
                name: description.to_string(),
                scope: scope_name(*scope).into(),
            }),
            _ => None,
        },
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        value: None,
        open: Vec::new(),
    }
}

/// Returns the names of the variables that a value waits for, sorted, each once.
fn variables(value: &Value) -> Vec<String> {
    let mut names = Vec::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(object) => waiting.extend(object.iter().map(|(_, child)| &child.value)),
            Value::Array(values) => waiting.extend(values.iter().map(|child| &child.value)),
            Value::Open(open) => match &**open {
                Open::Reference(reference) => names.push(reference.name.to_string()),
                Open::Concat(pieces) => {
                    waiting.extend(pieces.iter().map(|piece| &piece.value.value));
                }
                Open::Stack(layers) => waiting.extend(layers.iter().map(|layer| &layer.value)),
            },
            _ => {}
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}
