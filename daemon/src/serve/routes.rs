//! Which question goes where: the table of all routes.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Response, StatusCode};
use resolver::Reveal;

use super::{
    config::{PatientQuestion, Question},
    desk::Desk,
    pace::Pace,
    peer::Sight,
    probes,
    problem::Refusal,
    status,
};
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
        let stage = answer(request, desk, sight).unwrap_or_else(Stage::refused);
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

/// Sends a question to whoever answers it.
fn answer<B>(request: &Request<B>, desk: &Arc<Desk>, sight: Sight) -> Result<Stage, Refusal> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let detail = format!("`{}` is not allowed here", request.method());
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, detail));
    }
    let query = request.uri().query().unwrap_or_default();
    match request.uri().path() {
        protocol::CONFIG => {
            let reveal = may_read(sight)?;
            let question = Question::understand(desk, query, request.headers(), reveal)?;
            Ok(match question.ready_answer() {
                Some(response) => Stage::Ready(Some(response)),
                None => Stage::patient(question.into_patient(), desk.clone()),
            })
        }
        protocol::STATUS => Ok(Stage::Ready(Some(status::answer(desk, may_read(sight)?)))),
        protocol::LIVE => Ok(Stage::Ready(Some(probes::live()))),
        protocol::READY => Ok(Stage::Ready(Some(probes::ready(desk, query)?))),
        unknown => Err(unknown_route(unknown)),
    }
}

impl Stage {
    fn refused(refusal: Refusal) -> Self {
        Self::Ready(Some(refusal.into()))
    }

    fn patient(question: PatientQuestion, desk: Arc<Desk>) -> Self {
        Self::Made(Box::pin(
            async move { question.answer(&desk.stop).await.unwrap_or_else(Into::into) },
        ))
    }
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
