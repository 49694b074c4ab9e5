//! The headers of a configuration's answers, made once and copied for each.

use std::time::Duration;

use hyper::header::{
    AGE, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, VARY,
};
use tokio::time::Instant;

use crate::{
    health::Health,
    protocol::{BodyFormat, STATE_HEADER},
};

const STATE: HeaderName = HeaderName::from_static(STATE_HEADER);
/// Headers that a map has room for; the next smaller size of a map is full with what we say.
const ROOM: usize = 8;
/// The place of a value that each answer sets.
const UNSET: HeaderValue = HeaderValue::from_static("");

/// The headers that answers begin with.
///
/// # Why
/// To copy a map of headers takes a third of the time of making one, which was the greatest part of
/// our own work for an answer.
#[derive(Debug)]
pub(super) struct HeaderTemplates {
    /// Of an answer in each format.
    whole: [HeaderMap; BodyFormat::ALL.len()],
    /// Of one that says that the asker has it already.
    known: HeaderMap,
}

impl Default for HeaderTemplates {
    fn default() -> Self {
        let whole = BodyFormat::ALL.map(|format| {
            let mut head = head();
            head.insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
            head
        });
        Self { whole, known: head() }
    }
}

impl HeaderTemplates {
    /// Returns the headers of an answer in a format.
    pub(super) fn of_whole(
        &self,
        format: BodyFormat,
        tag: HeaderValue,
        health: &Health,
    ) -> HeaderMap {
        let [json, hocon, yaml, env] = &self.whole;
        let head = match format {
            BodyFormat::Json => json,
            BodyFormat::Hocon => hocon,
            BodyFormat::Yaml => yaml,
            BodyFormat::Env => env,
        };
        complete(head.clone(), tag, health)
    }

    /// Returns the headers of an answer that the asker has already.
    pub(super) fn of_known(&self, tag: HeaderValue, health: &Health) -> HeaderMap {
        complete(self.known.clone(), tag, health)
    }
}

/// Returns what all answers begin with. What is not known yet has the first places, and there is more
/// room than needed, so that no map grows.
fn head() -> HeaderMap {
    let mut head = HeaderMap::with_capacity(ROOM);
    head.extend([
        (ETAG, UNSET),
        (STATE, UNSET),
        (AGE, UNSET),
        (CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (VARY, HeaderValue::from_static("accept")),
    ]);
    head
}

/// Says which answer it is, how old, and how its vaults fare.
fn complete(mut head: HeaderMap, tag: HeaderValue, health: &Health) -> HeaderMap {
    let state = HeaderValue::from_static(health.vaults.state.name());
    // The runtime's clock, which tests can stop.
    let age = health.vaults.age_by(|| Instant::now().into_std());
    let values = [tag, state, age.map_or(UNSET, seconds)];
    // In the order of `head`: to look for each by its name would take longer.
    for (place, value) in head.values_mut().zip(values) {
        *place = value;
    }
    if age.is_none() {
        head.remove(AGE);
    }
    head
}

fn seconds(age: Duration) -> HeaderValue {
    match age.as_secs() {
        0 => HeaderValue::from_static("0"),
        seconds => seconds.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        health::{Moment, State},
        publish::samples,
    };

    #[test]
    fn a_copy_is_complete_and_leaves_no_place_unset() {
        let header_templates = HeaderTemplates::default();
        let health = samples::health(State::Stale, Moment::now());
        let tag = HeaderValue::from_static("\"t\"");
        let whole = header_templates.of_whole(BodyFormat::Yaml, tag.clone(), &health);
        assert_eq!(whole[CONTENT_TYPE], "application/yaml");
        let known = header_templates.of_known(tag, &health);
        assert!(!known.contains_key(CONTENT_TYPE));
        for head in [whole, known] {
            assert_eq!(head[ETAG], "\"t\"");
            assert_eq!(head[STATE_HEADER], "stale");
            assert_eq!(head[AGE], "0");
            assert!(head.values().all(|value| !value.is_empty()), "{head:?}");
        }
    }

    #[test]
    fn an_answer_that_was_never_confirmed_has_no_age() {
        let mut health = samples::health(State::Stale, Moment::now());
        health.vaults.confirmed = None;
        let head = HeaderTemplates::default().of_known(HeaderValue::from_static("\"t\""), &health);
        assert!(!head.contains_key(AGE));
        assert_eq!(head[STATE_HEADER], "stale");
    }
}
