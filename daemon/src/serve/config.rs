//! `GET /v1/config`: the merged configuration, or a part of it.

use std::{borrow::Cow, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{AGE, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, VARY},
};
use resolver::{KeyPath, Reveal};
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout},
};

use super::{
    conditional::{accepted_format, has_already},
    desk::Desk,
    problem::Refusal,
};
use crate::{
    health::Health,
    protocol::{BodyFormat, ConfigQuery, STATE_HEADER},
    publish::{Answer, Body, Published, Subscriber},
};

/// How long a question waits for the first answer: a little longer than the first answer waits for
/// a server that says nothing.
const FIRST_ANSWER_WAIT: Duration = Duration::from_secs(7);
/// Differences that a key may have to be suggested in the place of an unknown one.
const MAX_SUGGESTION_DISTANCE: usize = 3;

/// A question for the configuration, understood.
struct Question<'a> {
    path: Cow<'a, str>,
    format: BodyFormat,
    reveal: Option<Reveal>,
}

/// Answers from what is there already; `None` if the answer has yet to be made or waited for.
pub(super) fn ready_answer(
    desk: &Desk,
    query: &str,
    headers: &HeaderMap,
    reveal: Option<Reveal>,
) -> Option<Response<Full<Bytes>>> {
    let query = ConfigQuery::parse(query).ok()?;
    let question = understand(&query, headers, reveal).ok()?;
    let subscriber = desk.subscriber(query.profile.as_deref()).ok()?;
    let Answer::Some(published) = subscriber.answer() else { return None };
    let body = published.ready_body(&question.path, question.format, reveal)?;
    Some(respond(body, question.format, headers, subscriber))
}

/// Answers, and makes or waits for what is not there yet.
pub(super) async fn answer(
    desk: &Desk,
    query: &str,
    headers: &HeaderMap,
    reveal: Option<Reveal>,
) -> Result<Response<Full<Bytes>>, Refusal> {
    let query = ConfigQuery::parse(query)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let question = understand(&query, headers, reveal)?;
    let subscriber = desk.subscriber(query.profile.as_deref())?;
    let published = first_published(subscriber).await?;
    let body = make_body(published, &question).await?;
    Ok(respond(body, question.format, headers, subscriber))
}

fn understand<'a>(
    query: &ConfigQuery<'a>,
    headers: &HeaderMap,
    reveal: Option<Reveal>,
) -> Result<Question<'a>, Refusal> {
    let format = match query.format {
        Some(format) => format,
        None => accepted_format(headers).ok_or_else(|| {
            Refusal::new(StatusCode::NOT_ACCEPTABLE, "no format that is accepted can be given")
                .with_hint("add `format=json`, `hocon`, `yaml` or `env` to the query")
        })?,
    };
    Ok(Question { path: query.path.clone(), format, reveal })
}

async fn first_published(subscriber: &Subscriber) -> Result<Arc<Published>, Refusal> {
    let answer = match subscriber.answer() {
        Answer::Waiting => timeout(FIRST_ANSWER_WAIT, subscriber.first_answer()).await,
        answer => Ok(answer),
    };
    match answer {
        Ok(Answer::Some(published)) => Ok(published),
        Ok(Answer::None(reason)) => Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("the configuration has no answer: {reason}"),
        )),
        Ok(Answer::Waiting) | Err(_) => Err(Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the configuration has not been read yet",
        )
        .with_hint("ask again in a moment")),
    }
}

/// Returns the body, spelled now if it never was. A large one takes longer than others may wait
/// for their turn, so that it is spelled elsewhere.
async fn make_body(published: Arc<Published>, question: &Question<'_>) -> Result<Body, Refusal> {
    let path = KeyPath::parse(&question.path)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let (typed, format, reveal) =
        (question.path.clone().into_owned(), question.format, question.reveal);
    let made = spawn_blocking(move || {
        let body = published.body(&typed, &path, format, reveal);
        body.ok_or_else(|| unknown_path(&published, &path))
    });
    made.await.unwrap_or_else(|_| {
        Err(Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the configuration cannot be spelled: a fault of this program",
        ))
    })
}

fn respond(
    body: Body,
    format: BodyFormat,
    headers: &HeaderMap,
    subscriber: &Subscriber,
) -> Response<Full<Bytes>> {
    subscriber.count_answer();
    let is_known = has_already(headers, &body.tag);
    let mut response = Response::new(if is_known { Full::default() } else { body.bytes.into() });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.reserve(8);
    if !is_known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    }
    headers.insert(ETAG, body.tag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(VARY, HeaderValue::from_static("accept"));
    insert_state(headers, &subscriber.health());
    response
}

/// Says how old the answer is and how its vaults fare.
fn insert_state(headers: &mut HeaderMap, health: &Health) {
    let state = HeaderValue::from_static(health.vaults.state.name());
    headers.insert(HeaderName::from_static(STATE_HEADER), state);
    if let Some(age) = health.vaults.age(Instant::now().into_std()) {
        headers.insert(AGE, HeaderValue::from(age.as_secs()));
    }
}

/// Says that there is nothing at a path, and what the asker may have meant.
fn unknown_path(published: &Published, path: &KeyPath) -> Refusal {
    let refusal = Refusal::new(StatusCode::NOT_FOUND, format!("nothing is set at `{path}`"));
    match suggestion(published, path) {
        Some(suggestion) => refusal.with_hint(format!("did you mean `{suggestion}`?")),
        None => refusal,
    }
}

/// Walks down as far as the path leads, and returns the path with the nearest key there is in the
/// place of the first that is not.
fn suggestion(published: &Published, path: &KeyPath) -> Option<KeyPath> {
    let mut known = KeyPath::root();
    for key in path.keys() {
        let next = known.join(key.clone());
        if published.snapshot.get(&next).is_none() {
            break;
        }
        known = next;
    }
    let missing = path.keys().get(known.len())?;
    let there = published.snapshot.get(&known)?.as_object()?;
    let near = there
        .iter()
        .map(|(key, _)| (strsim::osa_distance(key, missing), key))
        .filter(|(distance, _)| *distance <= MAX_SUGGESTION_DISTANCE.min(missing.len() / 2));
    let (_, key) = near.min_by_key(|(distance, _)| *distance)?;
    let rest = path.keys().iter().skip(known.len() + 1);
    let suggested: KeyPath = known.keys().iter().chain([key]).chain(rest).cloned().collect();
    published.snapshot.get(&suggested).map(|_| suggested)
}
