//! `GET /livez` and `GET /readyz`: for whoever starts and watches us, whoever that is.

use std::time::{Duration, Instant};

use hyper::StatusCode;

use super::{
    config_service::ConfigService,
    problem::Refusal,
    reply::{Reply, say},
};
use crate::{
    protocol,
    publish::{Answer, Subscriber},
};

const TEXT: &str = "text/plain; charset=utf-8";

/// Says that we serve.
pub(super) fn live() -> Reply {
    say(TEXT, "alive\n")
}

/// Says whether every profile has an answer, and none is older than asked for.
pub(super) fn ready(service: &ConfigService, query: &str) -> Result<Reply, Refusal> {
    let max_stale = protocol::parse_ready_query(query)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    for (name, subscriber) in &service.subscribers {
        if let Some(reason) = fault(subscriber, max_stale) {
            let detail = format!("profile `{name}` is not ready: {reason}");
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, detail));
        }
    }
    Ok(say(TEXT, "ready\n"))
}

/// Says why a profile is not ready, in words that give nothing away: anybody may ask.
fn fault(subscriber: &Subscriber, max_stale: Option<Duration>) -> Option<&'static str> {
    match subscriber.answer() {
        Answer::Waiting => return Some("its sources have not been read yet"),
        Answer::None(_) => return Some("it has no answer"),
        Answer::Some(_) => {}
    }
    let age = subscriber.health().vaults.age(Instant::now());
    let is_too_old = match (age, max_stale) {
        (_, None) => false,
        (Some(age), Some(most)) => age > most,
        (None, Some(_)) => true,
    };
    is_too_old.then_some("its vaults are older than `max_stale`")
}
