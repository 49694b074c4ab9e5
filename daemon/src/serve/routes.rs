//! Which question goes where: the table of all routes.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use hyper::{Request, StatusCode, body::Incoming};
use resolver::Reveal;
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    admin::Order,
    config::{PatientQuestion, Question},
    desk::Desk,
    diff, events, explain,
    pace::Pace,
    peer::Sight,
    probes,
    problem::Refusal,
    redact,
    reply::{Reply, ReplyBody, say},
    status,
};
use crate::{
    event::Event,
    protocol::{self, BodyFormat},
};

/// What can be asked, for programs; a test holds it to what is answered.
const OPENAPI: &str = include_str!("openapi.json");

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
    Ready(Option<Reply>),
    Made(Pin<Box<dyn Future<Output = Reply> + Send>>),
}

impl Answering {
    /// Begins to answer a question.
    pub(super) fn new(
        request: Request<Incoming>,
        desk: &Arc<Desk>,
        sight: Sight,
        pace: &Arc<Pace>,
    ) -> Self {
        let stage = answer(request, desk, sight, pace).unwrap_or_else(Stage::refused);
        Self { pace: pace.clone(), stage }
    }
}

impl Future for Answering {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match &mut self.stage {
            Stage::Ready(response) => response.take().map_or(Poll::Pending, Poll::Ready),
            Stage::Made(future) => future.as_mut().poll(context),
        };
        // Events say so themselves, when they end.
        if matches!(&response, Poll::Ready(reply) if matches!(reply.body(), ReplyBody::Whole(_))) {
            self.pace.answered();
        }
        response
    }
}

/// Sends a question to whoever answers it. While its body comes, it is still being read.
fn answer(
    request: Request<Incoming>,
    desk: &Arc<Desk>,
    sight: Sight,
    pace: &Arc<Pace>,
) -> Result<Stage, Refusal> {
    let path = request.uri().path();
    let allowed = methods(path, desk).ok_or_else(|| unknown_route(path))?;
    if !allowed.split(", ").any(|method| method == request.method()) {
        return Err(Refusal::of_method(request.method(), allowed));
    }
    match (allowed, &desk.orders) {
        (QUESTION, _) => answer_question(&request, desk, sight, pace),
        (_, Some(orders)) if path != protocol::REDACT => {
            pace.answering();
            order(&request, desk, sight, orders.clone())
        }
        _ => {
            may_read(sight)?;
            Ok(Stage::masked(redact::Question::understand(desk, request)?, pace))
        }
    }
}

/// The methods of all that is asked and changes nothing.
const QUESTION: &str = "GET, HEAD";

/// Returns the methods for a path; `None` if there is nothing.
fn methods(path: &str, desk: &Desk) -> Option<&'static str> {
    if protocol::ROUTES.contains(&path) {
        return Some(QUESTION);
    }
    let order = || desk.orders.as_ref().and_then(|_| Order::methods(path));
    if path == protocol::REDACT { Some("POST") } else { order() }
}

fn answer_question(
    request: &Request<Incoming>,
    desk: &Arc<Desk>,
    sight: Sight,
    pace: &Arc<Pace>,
) -> Result<Stage, Refusal> {
    pace.answering();
    let query = request.uri().query().unwrap_or_default();
    let headers = request.headers();
    let reply = match request.uri().path() {
        protocol::CONFIG => {
            let question = Question::understand(desk, query, headers, may_read(sight)?)?;
            match question.ready_answer() {
                Some(reply) => reply,
                None => return Ok(Stage::patient(question.into_patient(), desk.clone())),
            }
        }
        protocol::WATCH => events::answer(desk, query, headers, may_read(sight)?, pace)?,
        protocol::EXPLAIN => return Stage::worked(explain::answer, desk, query, sight),
        protocol::DIFF => return Stage::worked(diff::answer, desk, query, sight),
        protocol::READY => probes::ready(desk, query)?,
        plain => answer_plain(plain, desk, query, sight)?,
    };
    Ok(Stage::Ready(Some(reply)))
}

/// Answers what takes no parameters.
fn answer_plain(path: &str, desk: &Desk, query: &str, sight: Sight) -> Result<Reply, Refusal> {
    let reply = match path {
        protocol::STATUS => status::answer(desk, may_read(sight)?),
        protocol::METRICS => {
            may_read(sight)?;
            desk.metrics.answer()
        }
        protocol::OPENAPI => say(BodyFormat::Json.media_type(), OPENAPI),
        protocol::LIVE => probes::live(),
        unknown => return Err(unknown_route(unknown)),
    };
    if query.is_empty() {
        return Ok(reply);
    }
    let detail = format!("`{path}` takes no query parameters");
    Err(Refusal::new(StatusCode::BAD_REQUEST, detail))
}

/// Has an order done, if an administrator gave it.
fn order(
    request: &Request<Incoming>,
    desk: &Arc<Desk>,
    sight: Sight,
    orders: mpsc::Sender<Event>,
) -> Result<Stage, Refusal> {
    let Sight::Full(reveal) = sight else {
        let detail = "only the daemon's own user and root may give orders";
        return Err(Refusal::new(StatusCode::FORBIDDEN, detail));
    };
    let query = request.uri().query().unwrap_or_default();
    let order = Order::understand(desk, request.method(), request.uri().path(), query)?;
    let desk = desk.clone();
    Ok(Stage::Made(Box::pin(async move {
        order.obey(&desk, orders, reveal).await.unwrap_or_else(Into::into)
    })))
}

impl Stage {
    fn refused(refusal: Refusal) -> Self {
        Self::Ready(Some(refusal.into()))
    }

    /// Answers by work that takes longer than others may wait for their turn.
    fn worked(
        work: fn(&Desk, &str, Option<Reveal>) -> Result<Reply, Refusal>,
        desk: &Arc<Desk>,
        query: &str,
        sight: Sight,
    ) -> Result<Self, Refusal> {
        let reveal = may_read(sight)?;
        let (desk, query) = (desk.clone(), query.to_owned());
        Ok(Self::Made(Box::pin(async move {
            let answered = spawn_blocking(move || work(&desk, &query, reveal)).await;
            answered.unwrap_or_else(|_| Err(Refusal::broken())).unwrap_or_else(Into::into)
        })))
    }

    fn masked(question: redact::Question, pace: &Arc<Pace>) -> Self {
        let pace = pace.clone();
        Self::Made(Box::pin(async move { question.answer(&pace).await.unwrap_or_else(Into::into) }))
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
    Refusal::new(StatusCode::NOT_FOUND, format!("there is no `{}`", path.escape_debug())).with_hint(
        format!("there are {}", protocol::ROUTES.map(|route| format!("`{route}`")).join(", ")),
    )
}
