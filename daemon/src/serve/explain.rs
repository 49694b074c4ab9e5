//! `GET /v1/explain`: who sets a part of the configuration, and whom that hides.

use hyper::StatusCode;
use resolver::{KeyPath, Reveal, Value};

use super::{
    config_service::ConfigService,
    part::{published, read_path, unknown_path},
    permissions::Permissions,
    problem::Refusal,
    reply::{Reply, say},
    status::quarantine_status,
};
use crate::{
    explanation,
    protocol::{AssignmentStatus, BodyFormat, ConfigQuery, ConfigView, Explanation},
    publish::Published,
};

pub(super) fn answer(
    service: &ConfigService,
    permissions: &Permissions,
    query: &str,
) -> Result<Reply, Refusal> {
    let query = ConfigQuery::parse(query)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    if query.format.is_some() || query.wait.is_some() || query.view != ConfigView::Merged {
        let detail = "only `path`, `profile` and `secrets` can be said of what is explained";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, detail));
    }
    let path = read_path(&query.path)?;
    let (subscriber, reveal) =
        service.permit(permissions, query.profile.as_deref(), &query.path)?;
    let reveal = query.secrets.seen(reveal);
    let published = published(subscriber.answer())?;
    let explanation = Explanation {
        path: path.to_string(),
        assignments: assignments(&published, &path, reveal)?,
        rewritten: published.snapshot.is_rewritten(&path),
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
    let spell = |value: &Value| published.spell_value(value, path, reveal);
    let assignments = explanation::assignments(&published.snapshot, path, spell);
    if assignments.is_empty() { Err(unknown_path(published, path)) } else { Ok(assignments) }
}
