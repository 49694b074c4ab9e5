//! What two answers differ in, in the words of the protocol: the daemon says it on its socket, the
//! command line where no daemon is.

use resolver::{Change, ChangeKind, Fate, KeyPath, Snapshot, Spanned, Value, diff};
use serde_json::value::RawValue;

use crate::{
    explanation::placed,
    protocol::{AssignmentStatus, ChangeName, ChangeStatus},
};

/// Says what differs below a path, in the order of `after`.
///
/// `spell_before` and `spell_after` give a value of either answer as JSON, as the asker may see it.
pub fn changes(
    (before, spell_before): (&Snapshot, impl Fn(&Value, &KeyPath) -> String),
    (after, spell_after): (&Snapshot, impl Fn(&Value, &KeyPath) -> String),
    path: &KeyPath,
) -> Vec<ChangeStatus> {
    let changes = diff(before.root(), after.root());
    let below = changes.iter().filter(|change| change.path.starts_with(path));
    let said = below.map(|change| ChangeStatus {
        path: change.path.to_string(),
        kind: kind(change),
        before: spelled(change.before.as_ref(), |value| spell_before(value, &change.path)),
        after: spelled(change.after.as_ref(), |value| spell_after(value, &change.path)),
        set_by: change.after.as_ref().and_then(|_| set_by(after, &change.path)),
    });
    said.collect()
}

fn kind(change: &Change) -> ChangeName {
    match change.kind() {
        ChangeKind::Added => ChangeName::Added,
        ChangeKind::Changed => ChangeName::Changed,
        ChangeKind::Removed => ChangeName::Removed,
    }
}

fn spelled(value: Option<&Spanned>, spell: impl Fn(&Value) -> String) -> Option<Box<RawValue>> {
    // A reference that gives nothing is spelled as nothing.
    RawValue::from_string(spell(&value?.value)).ok()
}

fn set_by(snapshot: &Snapshot, path: &KeyPath) -> Option<AssignmentStatus> {
    let provenance = snapshot.explain(path);
    let winner = provenance.assignments.iter().find(|found| found.fate == Fate::Wins)?;
    Some(placed(snapshot, winner))
}
