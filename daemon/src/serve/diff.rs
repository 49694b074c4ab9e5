//! `GET /v1/diff`: what the vaults change, or what has changed since an earlier answer.

use std::sync::Arc;

use hyper::StatusCode;
use resolver::{KeyPath, Reveal, Value};

use super::{
    config_service::ConfigService,
    part::{published, read_path},
    permissions::Permissions,
    problem::Refusal,
    reply::{Reply, say},
};
use crate::{
    difference::changes,
    protocol::{BodyFormat, ChangeStatus, DiffQuery, Difference, FILE},
    publish::{Published, Subscriber},
};

/// Compares the present answer with the files alone, or with one of the last answers.
///
/// Takes as long as the two are large.
pub(super) fn answer(
    service: &ConfigService,
    permissions: &Permissions,
    query: &str,
) -> Result<Reply, Refusal> {
    let query = DiffQuery::parse(query)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let path = read_path(&query.path)?;
    let (subscriber, reveal) =
        service.permit(permissions, query.profile.as_deref(), &query.path)?;
    let present = published(subscriber.answer())?;
    let changes = match &*query.against {
        FILE => changed_by_vaults(&present, &path, reveal)?,
        digest => changed_since(&*earlier(subscriber, digest, reveal)?, &present, &path, reveal),
    };
    let against = query.against.into_owned();
    let difference = Difference { path: path.to_string(), against, changes };
    let text = serde_json::to_vec(&difference).expect("texts and numbers can be spelled");
    Ok(say(BodyFormat::Json.media_type(), text))
}

fn changed_by_vaults(
    present: &Published,
    path: &KeyPath,
    reveal: Option<Reveal>,
) -> Result<Vec<ChangeStatus>, Refusal> {
    let files = present.files.as_ref().ok_or_else(|| {
        let detail = "the files alone give no answer to compare with";
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    })?;
    let spell = |value: &Value, at: &KeyPath| present.spell_value(value, at, reveal);
    Ok(changes((files, spell), (&present.snapshot, spell), path))
}

fn changed_since(
    earlier: &Published,
    present: &Published,
    path: &KeyPath,
    reveal: Option<Reveal>,
) -> Vec<ChangeStatus> {
    let spell_before = |value: &Value, at: &KeyPath| earlier.spell_value(value, at, reveal);
    let spell_after = |value: &Value, at: &KeyPath| present.spell_value(value, at, reveal);
    changes((&earlier.snapshot, spell_before), (&present.snapshot, spell_after), path)
}

fn earlier(
    subscriber: &Subscriber,
    digest: &str,
    reveal: Option<Reveal>,
) -> Result<Arc<Published>, Refusal> {
    subscriber.last_answer(digest, reveal).ok_or_else(|| {
        let detail = "none of the last answers has this digest";
        Refusal::new(StatusCode::NOT_FOUND, detail)
            .with_hint("compare with `file`, or with a digest that `GET /v1/status` told lately")
    })
}
