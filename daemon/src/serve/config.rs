//! `GET /v1/config`: the merged configuration, or a part of it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{
        AGE, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, VARY,
    },
};
use resolver::{KeyPath, Reveal};
use tokio::{
    task::spawn_blocking,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

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
/// The longest that a question waits for another answer, whatever it asks for: within the time that
/// clients and what stands between usually give an answer.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Headers of an answer that we set.
const MAX_OWN_HEADERS: usize = 6;
/// Differences that a key may have to be suggested in the place of an unknown one.
const MAX_SUGGESTION_DISTANCE: usize = 3;

/// A question for the configuration, understood.
pub(super) struct Question<'a> {
    subscriber: &'a Subscriber,
    query: ConfigQuery<'a>,
    format: BodyFormat,
    reveal: Option<Reveal>,
    headers: &'a HeaderMap,
}

impl<'a> Question<'a> {
    pub(super) fn understand(
        desk: &'a Desk,
        query: &'a str,
        headers: &'a HeaderMap,
        reveal: Option<Reveal>,
    ) -> Result<Self, Refusal> {
        let query = ConfigQuery::parse(query)
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        let format = match query.format {
            Some(format) => format,
            None => accepted_format(headers).ok_or_else(|| {
                Refusal::new(StatusCode::NOT_ACCEPTABLE, "no format that is accepted can be given")
                    .with_hint("add `format=json`, `hocon`, `yaml` or `env` to the query")
            })?,
        };
        let subscriber = desk.subscriber(query.profile.as_deref())?;
        Ok(Self { subscriber, query, format, reveal, headers })
    }

    /// Answers from what is there; `None` if the answer has to be made or waited for.
    pub(super) fn ready_answer(&self) -> Option<Response<Full<Bytes>>> {
        let Answer::Some(published) = self.subscriber.answer() else { return None };
        let body = published.ready_body(&self.query.path, self.format, self.reveal)?;
        let is_known = has_already(self.headers.get_all(IF_NONE_MATCH), &body.tag);
        if is_known && self.query.wait.is_some() {
            return None;
        }
        Some(respond(body, self.format, is_known, self.subscriber))
    }

    /// Returns the question with all it needs, to be answered later.
    pub(super) fn into_patient(self) -> PatientQuestion {
        PatientQuestion {
            subscriber: self.subscriber.clone(),
            path: self.query.path.into(),
            format: self.format,
            reveal: self.reveal,
            known: self.headers.get_all(IF_NONE_MATCH).iter().cloned().collect(),
            wait: self.query.wait.unwrap_or_default().min(LONGEST_WAIT),
        }
    }
}

/// A question whose answer is made or waited for. Thousands may be open at once, so that it holds
/// what it needs and no more.
pub(super) struct PatientQuestion {
    subscriber: Subscriber,
    path: Box<str>,
    format: BodyFormat,
    reveal: Option<Reveal>,
    /// What `If-None-Match` says.
    known: Box<[HeaderValue]>,
    /// How long to wait for an answer that is not known.
    wait: Duration,
}

impl PatientQuestion {
    /// Answers; when told to stop, at once.
    pub(super) async fn answer(
        mut self,
        stop: &CancellationToken,
    ) -> Result<Response<Full<Bytes>>, Refusal> {
        let deadline = Instant::now() + self.wait;
        loop {
            let body = self.make_body().await?;
            let is_known = has_already(&self.known, &body.tag);
            if !is_known || !self.has_changed_before(deadline, stop).await {
                return Ok(respond(body, self.format, is_known, &self.subscriber));
            }
        }
    }

    /// Waits for the next answer; `false` if there is none in time.
    async fn has_changed_before(&mut self, deadline: Instant, stop: &CancellationToken) -> bool {
        if Instant::now() >= deadline {
            return false;
        }
        tokio::select! {
            changed = timeout_at(deadline, self.subscriber.changed()) => changed == Ok(true),
            () = stop.cancelled() => false,
        }
    }

    /// Returns the body, spelled now if it never was. A large one takes longer than others may
    /// wait for their turn, so that it is spelled elsewhere.
    async fn make_body(&mut self) -> Result<Body, Refusal> {
        let published = self.published().await?;
        if let Some(body) = published.ready_body(&self.path, self.format, self.reveal) {
            return Ok(body);
        }
        let path = KeyPath::parse(&self.path)
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        let (typed, format, reveal) = (self.path.clone(), self.format, self.reveal);
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

    async fn published(&mut self) -> Result<Arc<Published>, Refusal> {
        let answer = match self.subscriber.newest_answer() {
            Answer::Waiting => timeout(FIRST_ANSWER_WAIT, self.subscriber.first_answer()).await,
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
}

fn respond(
    body: Body,
    format: BodyFormat,
    is_known: bool,
    subscriber: &Subscriber,
) -> Response<Full<Bytes>> {
    subscriber.count_answer();
    let mut response = Response::new(if is_known { Full::default() } else { body.bytes.into() });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.reserve(MAX_OWN_HEADERS);
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
