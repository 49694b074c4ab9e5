//! `GET /v1/config`: the merged configuration, or a part of it.

use std::time::Duration;

use bytes::Bytes;
use hyper::{HeaderMap, StatusCode, header::HeaderValue};
use resolver::Reveal;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    conditional::{accepted_format, has_already, known_tags},
    config_service::ConfigService,
    header_templates::HeaderTemplates,
    part::Part,
    permissions::Permissions,
    problem::Refusal,
    reply::{Reply, ReplyBody},
    watcher_slots::WatcherSlot,
};
use crate::{
    protocol::{BodyFormat, ConfigQuery},
    publish::{Body, Subscriber},
};

/// The longest that a question waits for another answer, whatever it asks for: within the time that
/// clients and what stands between usually give an answer.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// A question for the configuration, understood.
pub(super) struct Question<'a> {
    service: &'a ConfigService,
    subscriber: &'a Subscriber,
    query: ConfigQuery<'a>,
    format: BodyFormat,
    reveal: Option<Reveal>,
    headers: &'a HeaderMap,
}

impl<'a> Question<'a> {
    pub(super) fn understand(
        service: &'a ConfigService,
        permissions: &Permissions,
        query: &'a str,
        headers: &'a HeaderMap,
    ) -> Result<Self, Refusal> {
        let query = ConfigQuery::parse(query)
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        let (subscriber, reveal) =
            service.permit(permissions, query.profile.as_deref(), &query.path)?;
        let reveal = query.secrets.seen(reveal);
        let format = match query.format {
            Some(format) => format,
            None => accepted_format(headers).ok_or_else(|| {
                Refusal::new(StatusCode::NOT_ACCEPTABLE, "no format that is accepted can be given")
                    .with_hint("add `format=json`, `hocon`, `yaml` or `env` to the query")
            })?,
        };
        Ok(Self { service, subscriber, query, format, reveal, headers })
    }

    /// Answers from what is there; `None` if the answer has to be made or waited for.
    pub(super) fn ready_answer(&self) -> Option<Reply> {
        let published = self.subscriber.published()?;
        let shown = published.in_view(self.query.view)?;
        let body = shown.ready_body(&self.query.path, self.format, self.reveal)?;
        let is_known = has_already(known_tags(self.headers), &body.tag);
        if is_known && self.query.wait.is_some() {
            return None;
        }
        Some(if is_known {
            confirm(body, &self.service.header_templates, self.subscriber)
        } else {
            give(body, self.format, &self.service.header_templates, self.subscriber)
        })
    }

    /// Returns the question with all it needs, to be answered later.
    ///
    /// # Errors
    /// It may have to wait for a change, and as many do as may.
    pub(super) fn into_patient(self) -> Result<PatientQuestion, Refusal> {
        let wait = self.query.wait.unwrap_or_default().min(LONGEST_WAIT);
        let slot = if wait.is_zero() { None } else { Some(self.service.watcher_slots.take()?) };
        let part = Part {
            timers: self.service.timers.clone(),
            subscriber: self.subscriber.clone(),
            path: self.query.path.into(),
            format: self.format,
            reveal: self.reveal,
            view: self.query.view,
        };
        let known = known_tags(self.headers).cloned().collect();
        Ok(PatientQuestion { _slot: slot, part, known, wait })
    }
}

/// A question whose answer is made or waited for.
pub(super) struct PatientQuestion {
    /// Where it waits, if it may have to.
    _slot: Option<WatcherSlot>,
    part: Part,
    /// What `If-None-Match` says.
    known: Box<[HeaderValue]>,
    /// How long to wait for an answer that is not known.
    wait: Duration,
}

impl PatientQuestion {
    /// Answers; when told to stop, at once.
    pub(super) async fn answer(mut self, service: &ConfigService) -> Result<Reply, Refusal> {
        let deadline = Instant::now() + self.wait;
        loop {
            let body = self.part.body().await?.ok_or_else(|| self.part.unknown_path())?;
            let is_known = has_already(&self.known, &body.tag);
            let Part { format, subscriber, .. } = &self.part;
            if !is_known {
                return Ok(give(body, *format, &service.header_templates, subscriber));
            }
            if !self.has_changed_before(deadline, &service.stop).await {
                return Ok(confirm(body, &service.header_templates, &self.part.subscriber));
            }
        }
    }

    /// Waits for the next answer; `false` if there is none in time.
    async fn has_changed_before(&mut self, deadline: Instant, stop: &CancellationToken) -> bool {
        if Instant::now() >= deadline {
            return false;
        }
        let Part { timers, subscriber, .. } = &mut self.part;
        let changed = timers.timeout_at(deadline, subscriber.changed());
        tokio::select! {
            changed = changed => changed == Ok(true),
            () = stop.cancelled() => false,
        }
    }
}

/// Answers with a body.
fn give(
    body: Body,
    format: BodyFormat,
    header_templates: &HeaderTemplates,
    subscriber: &Subscriber,
) -> Reply {
    subscriber.count_answer();
    let mut reply = Reply::new(ReplyBody::Whole(body.bytes));
    *reply.headers_mut() = header_templates.of_whole(format, body.tag, &subscriber.health());
    reply
}

/// Answers that the asker has the body already.
fn confirm(body: Body, header_templates: &HeaderTemplates, subscriber: &Subscriber) -> Reply {
    subscriber.count_answer();
    let mut reply = Reply::new(ReplyBody::Whole(Bytes::new()));
    *reply.status_mut() = StatusCode::NOT_MODIFIED;
    *reply.headers_mut() = header_templates.of_known(body.tag, &subscriber.health());
    reply
}
