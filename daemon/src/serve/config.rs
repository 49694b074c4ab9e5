//! `GET /v1/config`: the merged configuration, or a part of it.

use std::time::Duration;

use bytes::Bytes;
use hyper::{
    HeaderMap, StatusCode,
    header::{
        AGE, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH, VARY,
    },
};
use resolver::Reveal;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{
    conditional::{accepted_format, has_already},
    desk::Desk,
    part::Part,
    problem::Refusal,
    reply::{Reply, ReplyBody},
    sights::Sights,
};
use crate::{
    health::Health,
    protocol::{BodyFormat, ConfigQuery, STATE_HEADER},
    publish::{Answer, Body, Subscriber},
};

/// The longest that a question waits for another answer, whatever it asks for: within the time that
/// clients and what stands between usually give an answer.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// Headers of an answer that we set.
const MAX_OWN_HEADERS: usize = 6;
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
        sights: &Sights,
        query: &'a str,
        headers: &'a HeaderMap,
    ) -> Result<Self, Refusal> {
        let query = ConfigQuery::parse(query)
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        let (subscriber, reveal) = desk.permit(sights, query.profile.as_deref(), &query.path)?;
        let reveal = query.secrets.seen(reveal);
        let format = match query.format {
            Some(format) => format,
            None => accepted_format(headers).ok_or_else(|| {
                Refusal::new(StatusCode::NOT_ACCEPTABLE, "no format that is accepted can be given")
                    .with_hint("add `format=json`, `hocon`, `yaml` or `env` to the query")
            })?,
        };
        Ok(Self { subscriber, query, format, reveal, headers })
    }

    /// Answers from what is there; `None` if the answer has to be made or waited for.
    pub(super) fn ready_answer(&self) -> Option<Reply> {
        let Answer::Some(published) = self.subscriber.answer() else { return None };
        let shown = published.in_view(self.query.view)?;
        let body = shown.ready_body(&self.query.path, self.format, self.reveal)?;
        let is_known = has_already(self.headers.get_all(IF_NONE_MATCH), &body.tag);
        if is_known && self.query.wait.is_some() {
            return None;
        }
        Some(respond(body, self.format, is_known, self.subscriber))
    }

    /// Returns the question with all it needs, to be answered later.
    pub(super) fn into_patient(self) -> PatientQuestion {
        let part = Part {
            subscriber: self.subscriber.clone(),
            path: self.query.path.into(),
            format: self.format,
            reveal: self.reveal,
            view: self.query.view,
        };
        PatientQuestion {
            part,
            known: self.headers.get_all(IF_NONE_MATCH).iter().cloned().collect(),
            wait: self.query.wait.unwrap_or_default().min(LONGEST_WAIT),
        }
    }
}

/// A question whose answer is made or waited for.
pub(super) struct PatientQuestion {
    part: Part,
    /// What `If-None-Match` says.
    known: Box<[HeaderValue]>,
    /// How long to wait for an answer that is not known.
    wait: Duration,
}

impl PatientQuestion {
    /// Answers; when told to stop, at once.
    pub(super) async fn answer(mut self, stop: &CancellationToken) -> Result<Reply, Refusal> {
        let deadline = Instant::now() + self.wait;
        loop {
            let body = self.part.body().await?.ok_or_else(|| self.part.unknown_path())?;
            let is_known = has_already(&self.known, &body.tag);
            if !is_known || !self.has_changed_before(deadline, stop).await {
                return Ok(respond(body, self.part.format, is_known, &self.part.subscriber));
            }
        }
    }

    /// Waits for the next answer; `false` if there is none in time.
    async fn has_changed_before(&mut self, deadline: Instant, stop: &CancellationToken) -> bool {
        if Instant::now() >= deadline {
            return false;
        }
        tokio::select! {
            changed = timeout_at(deadline, self.part.subscriber.changed()) => changed == Ok(true),
            () = stop.cancelled() => false,
        }
    }
}

fn respond(body: Body, format: BodyFormat, is_known: bool, subscriber: &Subscriber) -> Reply {
    subscriber.count_answer();
    let bytes = if is_known { Bytes::new() } else { body.bytes };
    let mut response = Reply::new(ReplyBody::Whole(bytes));
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
