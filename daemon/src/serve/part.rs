//! A part of the configuration in one spelling, made once for all who ask for it.

use std::{sync::Arc, time::Duration};

use hyper::StatusCode;
use resolver::{KeyPath, Reveal};
use tokio::task::spawn_blocking;

use super::{problem::Refusal, timers::Timers};
use crate::{
    protocol::{BodyFormat, ConfigView},
    publish::{Answer, Body, Published, Subscriber},
};

/// How long a question waits for the first answer: a little longer than the first answer waits for
/// a server that says nothing.
const FIRST_ANSWER_WAIT: Duration = Duration::from_secs(7);
/// Differences that a key may have to be suggested in the place of an unknown one.
const MAX_SUGGESTION_DISTANCE: usize = 3;

/// A part of the configuration, as somebody asks for it. Thousands may be kept by those who wait,
/// so that it holds what it needs and no more.
pub(super) struct Part {
    pub(super) timers: Timers,
    pub(super) subscriber: Subscriber,
    /// The path as typed.
    pub(super) path: Box<str>,
    pub(super) format: BodyFormat,
    pub(super) reveal: Option<Reveal>,
    pub(super) view: ConfigView,
}

impl Part {
    /// Returns the newest body, spelled now if it never was; `None` if there is nothing at the path.
    ///
    /// A large one takes longer than others may wait for their turn, so that it is spelled
    /// elsewhere.
    pub(super) async fn body(&mut self) -> Result<Option<Body>, Refusal> {
        let published = self.published().await?;
        let Some(shown) = published.in_view(self.view) else { return Ok(None) };
        if let Some(body) = shown.ready_body(&self.path, self.format, self.reveal) {
            return Ok(Some(body));
        }
        let path = self.key_path()?;
        if shown.snapshot.get(&path).is_none() {
            return Ok(None);
        }
        let (typed, format, reveal, view) =
            (self.path.clone(), self.format, self.reveal, self.view);
        let made =
            spawn_blocking(move || published.in_view(view)?.body(&typed, &path, format, reveal));
        made.await.map_err(|_| Refusal::broken())
    }

    /// Says that there is nothing at the path, and what the asker may have meant.
    pub(super) fn unknown_path(&self) -> Refusal {
        match (published(self.subscriber.answer()), self.key_path()) {
            (Ok(published), Ok(path)) => unknown_path(&published, &path),
            (Err(refusal), _) | (_, Err(refusal)) => refusal,
        }
    }

    /// Returns the path, understood.
    pub(super) fn key_path(&self) -> Result<KeyPath, Refusal> {
        read_path(&self.path)
    }

    async fn published(&mut self) -> Result<Arc<Published>, Refusal> {
        let answer = match self.subscriber.newest_answer() {
            Answer::Waiting => {
                match self.timers.timeout(FIRST_ANSWER_WAIT, self.subscriber.first_answer()).await {
                    Ok(_) => self.subscriber.newest_answer(),
                    Err(_) => Answer::Waiting,
                }
            }
            answer => answer,
        };
        published(answer)
    }
}

/// Reads a path as people type it.
pub(super) fn read_path(typed: &str) -> Result<KeyPath, Refusal> {
    KeyPath::parse(typed).map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, error.to_string()))
}

/// Returns what an answer holds, or says why it holds nothing.
pub(super) fn published(answer: Answer) -> Result<Arc<Published>, Refusal> {
    let unavailable = |detail| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, detail);
    match answer {
        Answer::Some(published) => Ok(published),
        Answer::None(reason) => {
            Err(unavailable(format!("the configuration has no answer: {reason}")))
        }
        Answer::Waiting => Err(unavailable("the configuration has not been read yet".into())
            .with_hint("ask again in a moment")),
    }
}

/// Says that there is nothing at a path, and what the asker may have meant.
pub(super) fn unknown_path(published: &Published, path: &KeyPath) -> Refusal {
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
