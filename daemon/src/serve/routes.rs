//! Which question goes where: the table of all routes.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use resolver::Reveal;

use super::{config, desk::Desk, pace::Pace, peer::Sight, probes, problem::Refusal, status};
use crate::protocol;

/// A question that is being answered.
///
/// Nearly all answers are there already and are taken at once; others are made or waited for. The
/// first kind costs no allocation, and a connection holds little for either.
pub(super) struct Answering {
    pace: Arc<Pace>,
    stage: Stage,
}

enum Stage {
    /// The answer, until it is taken.
    Ready(Option<Response<Full<Bytes>>>),
    Made(Pin<Box<dyn Future<Output = Response<Full<Bytes>>> + Send>>),
}

impl Answering {
    /// Begins to answer a question.
    pub(super) fn new<B>(
        request: &Request<B>,
        desk: &Arc<Desk>,
        sight: Sight,
        pace: &Arc<Pace>,
    ) -> Self {
        pace.answering();
        let stage = match ready_answer(request, desk, sight) {
            Some(response) => Stage::Ready(Some(response)),
            None => Stage::Made(Box::pin(make_answer(
                request.uri().clone(),
                request.headers().clone(),
                desk.clone(),
                sight,
            ))),
        };
        Self { pace: pace.clone(), stage }
    }
}

impl Future for Answering {
    type Output = Response<Full<Bytes>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match &mut self.stage {
            Stage::Ready(response) => response.take().map_or(Poll::Pending, Poll::Ready),
            Stage::Made(future) => future.as_mut().poll(context),
        };
        if response.is_ready() {
            self.pace.answered();
        }
        response
    }
}

/// Answers what takes no waiting.
fn ready_answer<B>(
    request: &Request<B>,
    desk: &Desk,
    sight: Sight,
) -> Option<Response<Full<Bytes>>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let detail = format!("`{}` is not allowed here", request.method());
        return Some(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, detail).into());
    }
    let query = request.uri().query().unwrap_or_default();
    match (request.uri().path(), may_read(sight)) {
        (protocol::CONFIG, Ok(reveal)) => {
            config::ready_answer(desk, query, request.headers(), reveal)
        }
        (protocol::STATUS, Ok(_)) => None,
        (protocol::CONFIG | protocol::STATUS, Err(refusal)) => Some(refusal.into()),
        (protocol::LIVE, _) => Some(probes::live()),
        (protocol::READY, _) => Some(probes::ready(desk, query).unwrap_or_else(Into::into)),
        (unknown, _) => Some(unknown_route(unknown).into()),
    }
}

/// Answers what has to be made or waited for.
async fn make_answer(
    uri: Uri,
    headers: HeaderMap,
    desk: Arc<Desk>,
    sight: Sight,
) -> Response<Full<Bytes>> {
    let query = uri.query().unwrap_or_default();
    let answer = match (uri.path(), may_read(sight)) {
        (protocol::CONFIG, Ok(reveal)) => config::answer(&desk, query, &headers, reveal).await,
        (protocol::STATUS, Ok(reveal)) => Ok(status::answer(&desk, reveal)),
        (unknown, _) => Err(unknown_route(unknown)),
    };
    answer.unwrap_or_else(Into::into)
}

/// Says whether a peer may read at all, and if so, what lets it see secrets.
fn may_read(sight: Sight) -> Result<Option<Reveal>, Refusal> {
    match sight {
        Sight::Full(reveal) => Ok(Some(reveal)),
        Sight::Masked => Ok(None),
        Sight::Nothing => {
            Err(Refusal::new(StatusCode::FORBIDDEN, "your user may not read the configuration")
                .with_hint("ask its owner to add you to the group `clearml-resolver`"))
        }
    }
}

fn unknown_route(path: &str) -> Refusal {
    let routes = [protocol::CONFIG, protocol::STATUS, protocol::LIVE, protocol::READY];
    Refusal::new(StatusCode::NOT_FOUND, format!("there is no `{}`", path.escape_debug()))
        .with_hint(format!("there are {}", routes.map(|route| format!("`{route}`")).join(", ")))
}
