//! `GET /v1/explain`: who sets a part of the configuration, and whom that hides.

use hyper::StatusCode;
use resolver::{Assignment, Fate, KeyPath, Reveal, Snapshot, SourceName};
use serde_json::value::RawValue;

use super::{
    desk::Desk,
    part::{published, read_path, unknown_path},
    problem::Refusal,
    reply::{Reply, say},
    status::{quarantine_status, scope_name},
};
use crate::{
    protocol::{AssignmentFate, AssignmentStatus, BodyFormat, ConfigQuery, Explanation, VaultName},
    publish::Published,
};

pub(super) fn answer(desk: &Desk, query: &str, reveal: Option<Reveal>) -> Result<Reply, Refusal> {
    let query = ConfigQuery::parse(query)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    if query.format.is_some() || query.wait.is_some() {
        let detail = "only `path` and `profile` can be said of what is explained";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, detail));
    }
    let path = read_path(&query.path)?;
    let subscriber = desk.subscriber(query.profile.as_deref())?;
    let published = published(subscriber.answer())?;
    let explanation = Explanation {
        path: path.to_string(),
        assignments: assignments(&published, &path, reveal)?,
        quarantined: subscriber.health().quarantined.iter().map(quarantine_status).collect(),
    };
    let text = serde_json::to_vec(&explanation).expect("texts and numbers can be spelled");
    Ok(say(BodyFormat::Json.media_type(), text))
}

fn assignments(
    published: &Published,
    path: &KeyPath,
    reveal: Option<Reveal>,
) -> Result<Vec<AssignmentStatus>, Refusal> {
    let found = published.snapshot.explain(path).assignments;
    if found.is_empty() {
        return Err(unknown_path(published, path));
    }
    let assignments = found.iter().map(|assignment| AssignmentStatus {
        value: spelled_value(published, path, assignment, reveal),
        ..placed(&published.snapshot, assignment)
    });
    Ok(assignments.collect())
}

fn spelled_value(
    published: &Published,
    path: &KeyPath,
    assignment: &Assignment,
    reveal: Option<Reveal>,
) -> Option<Box<RawValue>> {
    let text = published.spell_value(assignment.value.as_ref()?, path, reveal);
    // A reference that gives nothing is spelled as nothing.
    RawValue::from_string(text).ok()
}

/// Says where an assignment is and what became of it, but not what it sets.
fn placed(snapshot: &Snapshot, assignment: &Assignment) -> AssignmentStatus {
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
    }
}
