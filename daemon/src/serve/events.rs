//! `GET /v1/watch`: an event whenever one part of the configuration changes (Server-Sent Events).
//!
//! An event names the digest of the part, which is also its entity tag and the event's id, so that
//! who comes back with `Last-Event-ID` misses nothing and hears nothing twice. It does not hold the
//! part: whoever reads slowly gets the newest state next, not a queue of old ones.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::{
    HeaderMap, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue},
};
use tokio_util::sync::{CancellationToken, ReusableBoxFuture};

use super::{
    config_service::ConfigService,
    pace::Pace,
    part::Part,
    permissions::Permissions,
    problem::Refusal,
    reply::{Reply, ReplyBody},
    watcher_slots::WatcherSlot,
};
use crate::protocol::{BodyFormat, ChangeEvent, ConfigQuery, ConfigView};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The id of an event that says that there is nothing at the path.
const NOTHING: &str = "none";

/// Begins to watch.
pub(super) fn answer(
    service: &ConfigService,
    permissions: &Permissions,
    query: &str,
    headers: &HeaderMap,
    pace: &Arc<Pace>,
) -> Result<Reply, Refusal> {
    let query = ConfigQuery::parse(query)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let view = query.view;
    if query.format.is_some() || query.wait.is_some() || view != ConfigView::Merged {
        let detail = "only `path`, `profile` and `secrets` can be said of what is watched";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, detail));
    }
    let (subscriber, reveal) =
        service.permit(permissions, query.profile.as_deref(), &query.path)?;
    let reveal = query.secrets.seen(reveal);
    let part = Part {
        timers: service.timers.clone(),
        subscriber: subscriber.clone(),
        path: query.path.into(),
        format: BodyFormat::Json,
        reveal,
        view,
    };
    part.key_path()?;
    let last_id = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let slot = service.watcher_slots.take()?;
    let watch =
        Watch { _slot: slot, part, last_id: last_id.map(Into::into), stop: service.stop.clone() };
    let mut reply = Reply::new(ReplyBody::Events(Box::new(Events::new(watch, pace.clone()))));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(reply)
}

/// The events of one watcher.
pub(super) struct Events {
    next: ReusableBoxFuture<'static, Option<(Watch, Bytes)>>,
    pace: Arc<Pace>,
}

/// What a watcher watches.
struct Watch {
    /// Where it waits.
    _slot: WatcherSlot,
    part: Part,
    /// The id of the last event; `None` before the first.
    last_id: Option<Box<str>>,
    stop: CancellationToken,
}

impl Events {
    fn new(watch: Watch, pace: Arc<Pace>) -> Self {
        Self { next: ReusableBoxFuture::new(watch.next_event()), pace }
    }

    /// Returns the next event; `None` when the daemon ends.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Poll::Ready(next) = self.next.poll(context) else { return Poll::Pending };
        let Some((watch, event)) = next else {
            self.next.set(std::future::pending());
            return Poll::Ready(None);
        };
        self.next.set(watch.next_event());
        Poll::Ready(Some(event))
    }
}

/// While there are events, the connection is not at rest.
impl Drop for Events {
    fn drop(&mut self) {
        self.pace.answered();
    }
}

impl Watch {
    /// Waits for a state that the watcher does not know.
    async fn next_event(mut self) -> Option<(Self, Bytes)> {
        let stop = self.stop.clone();
        let event = stop.run_until_cancelled(self.unknown_state()).await??;
        Some((self, event))
    }

    async fn unknown_state(&mut self) -> Option<Bytes> {
        loop {
            let body = self.part.body().await.unwrap_or_default();
            let digest = body.map(|body| body.digest().to_owned());
            let id = digest.as_deref().unwrap_or(NOTHING);
            if self.last_id.as_deref() != Some(id) {
                self.last_id = Some(id.into());
                return Some(self.spell(id, digest.clone()));
            }
            if !self.part.subscriber.changed().await {
                return None;
            }
        }
    }

    fn spell(&self, id: &str, digest: Option<String>) -> Bytes {
        let change = ChangeEvent {
            revision: self.part.subscriber.revision(),
            digest,
            state: self.part.subscriber.health().vaults.state.into(),
        };
        let data = serde_json::to_string(&change).expect("texts and numbers can be spelled");
        format!("id: {id}\nevent: change\ndata: {data}\n\n").into()
    }
}
