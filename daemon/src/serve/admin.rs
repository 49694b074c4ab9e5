//! What changes something: only for the daemon's own user and root, on a socket of its own.

use std::{sync::Arc, time::Duration};

use hyper::{Method, StatusCode};
use resolver::Reveal;
use tokio::sync::{mpsc, oneshot};

use super::{
    config_service::ConfigService, permissions::Permissions, problem::Refusal, reply::Reply, status,
};
use crate::{
    event::Event,
    protocol::{self, ConfigQuery},
};

/// How long an order may take: longer than one call to a server that hangs.
const LONGEST_ORDER: Duration = Duration::from_secs(40);

/// What an administrator orders.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    Reload,
    AcknowledgeEmpty { profile: Arc<str> },
    Pin { profile: Arc<str>, digest: String },
    Unpin { profile: Arc<str> },
}

impl Order {
    /// Returns the methods of an order; `None` if there is none at the path.
    pub(super) fn methods(path: &str) -> Option<&'static [Method]> {
        const ORDER: &[Method] = &[Method::POST];
        match path {
            protocol::RELOAD | protocol::ACK_EMPTY => Some(ORDER),
            protocol::PIN => Some(&[Method::DELETE]),
            _ => pinned(path).map(|_| ORDER),
        }
    }

    /// Understands an order, whose method is one of [`Order::methods`].
    pub(super) fn understand(
        service: &ConfigService,
        method: &Method,
        path: &str,
        query: &str,
    ) -> Result<Self, Refusal> {
        let query = ConfigQuery::parse(query)
            .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        if query != (ConfigQuery { profile: query.profile.clone(), ..ConfigQuery::default() }) {
            let detail = "only `profile` can be said of an order";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, detail));
        }
        let profile = || service.profile_name(query.profile.as_deref());
        match (method, path) {
            (&Method::POST, protocol::RELOAD) => Ok(Self::Reload),
            (&Method::POST, protocol::ACK_EMPTY) => {
                Ok(Self::AcknowledgeEmpty { profile: profile()? })
            }
            (&Method::DELETE, protocol::PIN) => Ok(Self::Unpin { profile: profile()? }),
            _ => match pinned(path) {
                Some(digest) => Ok(Self::Pin { profile: profile()?, digest: digest.to_owned() }),
                None => Err(Refusal::new(StatusCode::NOT_FOUND, "there is no such order")),
            },
        }
    }

    /// Has it done, and answers with the status that follows.
    pub(super) async fn obey(
        self,
        service: &ConfigService,
        events: mpsc::Sender<Event>,
        (reveal, permissions): (Reveal, &Permissions),
    ) -> Result<Reply, Refusal> {
        let (nothing_to_do, event, done) = self.event(reveal);
        if events.send(event).await.is_err() {
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the daemon ends"));
        }
        match service.timers.timeout(LONGEST_ORDER, done).await {
            Ok(Ok(true)) => Ok(status::answer(service, permissions)),
            Ok(_) => Err(nothing_to_do),
            Err(_) => {
                let detail = "the order was taken, but is not done yet";
                Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, detail))
            }
        }
    }

    /// Returns what to say if there is nothing to do, the event, and where its end is told.
    fn event(self, reveal: Reveal) -> (Refusal, Event, oneshot::Receiver<bool>) {
        let (done, is_done) = oneshot::channel();
        let (detail, event) = match self {
            Self::Reload => ("the daemon ends", Event::ReloadAsked { done }),
            Self::AcknowledgeEmpty { profile } => {
                ("no empty answer is in doubt", Event::EmptyAcknowledged { profile, done })
            }
            Self::Pin { profile, digest } => (
                "none of the last answers has this digest",
                Event::PinAsked { profile, digest, reveal, done },
            ),
            Self::Unpin { profile } => ("no answer is pinned", Event::UnpinAsked { profile, done }),
        };
        (Refusal::new(StatusCode::CONFLICT, detail), event, is_done)
    }
}

/// Returns the digest in the path of an order to pin.
fn pinned(path: &str) -> Option<&str> {
    let digest = path.strip_prefix(protocol::PIN)?.strip_prefix('/')?;
    Some(digest).filter(|digest| !digest.is_empty() && !digest.contains('/'))
}
