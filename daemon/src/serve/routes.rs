//! Which question goes where: the table of all routes.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use hyper::{Method, Request, StatusCode, body::Incoming};
use tokio::{sync::mpsc, task::spawn_blocking};

use super::{
    admin::Order,
    config::{PatientQuestion, Question},
    config_service::{ConfigService, forbidden},
    diff, events, explain,
    pace::Pace,
    peer::Permission,
    permissions::Permissions,
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
        service: &Arc<ConfigService>,
        permissions: &Permissions,
        pace: &Arc<Pace>,
    ) -> Self {
        let stage = answer(request, service, permissions, pace);
        let stage = stage.unwrap_or_else(|refusal| Stage::Ready(Some(service.refuse(refusal))));
        Self { pace: pace.clone(), stage }
    }
}

impl Future for Answering {
    type Output = Result<Reply, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match &mut self.stage {
            Stage::Ready(response) => response.take().map_or(Poll::Pending, Poll::Ready),
            Stage::Made(future) => future.as_mut().poll(context),
        };
        // Events say so themselves, when they end.
        if matches!(&response, Poll::Ready(reply) if matches!(reply.body(), ReplyBody::Whole(_))) {
            self.pace.answered();
        }
        response.map(Ok)
    }
}

/// Sends a question to whoever answers it. While its body comes, it is still being read.
fn answer(
    request: Request<Incoming>,
    service: &Arc<ConfigService>,
    permissions: &Permissions,
    pace: &Arc<Pace>,
) -> Result<Stage, Refusal> {
    let path = request.uri().path();
    let route = Route::to(path, service).ok_or_else(|| unknown_route(path))?;
    if !route.methods().contains(request.method()) {
        return Err(Refusal::of_method(request.method(), route.methods()));
    }
    match route {
        Route::Question => answer_question(&request, service, permissions, pace),
        Route::Order(orders, _) => {
            pace.answering();
            order(&request, service, permissions, orders.clone())
        }
        Route::Masking => {
            Ok(Stage::masked(redact::Question::understand(service, permissions, request)?, pace))
        }
    }
}

/// Where a path leads.
enum Route<'a> {
    /// To what is asked and changes nothing.
    Question,
    /// To what masks a text.
    Masking,
    /// To an administrator's order, which goes there and has this method.
    Order(&'a mpsc::Sender<Event>, &'static [Method]),
}

impl<'a> Route<'a> {
    /// Returns where a path leads; `None` if there is nothing.
    fn to(path: &str, service: &'a ConfigService) -> Option<Self> {
        if protocol::ROUTES.contains(&path) {
            return Some(Self::Question);
        }
        if path == protocol::REDACT {
            return Some(Self::Masking);
        }
        Some(Self::Order(service.orders.as_ref()?, Order::methods(path)?))
    }

    const fn methods(&self) -> &'static [Method] {
        match self {
            Self::Question => &[Method::GET, Method::HEAD],
            Self::Masking => &[Method::POST],
            Self::Order(_, methods) => methods,
        }
    }
}

fn answer_question(
    request: &Request<Incoming>,
    service: &Arc<ConfigService>,
    permissions: &Permissions,
    pace: &Arc<Pace>,
) -> Result<Stage, Refusal> {
    pace.answering();
    let query = request.uri().query().unwrap_or_default();
    let headers = request.headers();
    let reply = match request.uri().path() {
        protocol::CONFIG => {
            let question = Question::understand(service, permissions, query, headers)?;
            match question.ready_answer() {
                Some(reply) => reply,
                None => return Ok(Stage::patient(question.into_patient()?, service.clone())),
            }
        }
        protocol::WATCH => events::answer(service, permissions, query, headers, pace)?,
        protocol::EXPLAIN => {
            return Ok(Stage::worked(explain::answer, service, query, permissions));
        }
        protocol::DIFF => return Ok(Stage::worked(diff::answer, service, query, permissions)),
        protocol::READY => probes::ready(service, query)?,
        plain => answer_plain(plain, service, query, permissions)?,
    };
    Ok(Stage::Ready(Some(reply)))
}

/// Answers what takes no parameters.
fn answer_plain(
    path: &str,
    service: &ConfigService,
    query: &str,
    permissions: &Permissions,
) -> Result<Reply, Refusal> {
    let reply = match path {
        protocol::STATUS => {
            may_read_any(permissions)?;
            status::answer(service, permissions)
        }
        protocol::METRICS => {
            may_read_any(permissions)?;
            service.metrics.answer()
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
    service: &Arc<ConfigService>,
    permissions: &Permissions,
    orders: mpsc::Sender<Event>,
) -> Result<Stage, Refusal> {
    let Permission::Full(reveal) = permissions.best() else {
        let detail = "only the daemon's own user and root may give orders";
        return Err(Refusal::new(StatusCode::FORBIDDEN, detail));
    };
    let query = request.uri().query().unwrap_or_default();
    let order = Order::understand(service, request.method(), request.uri().path(), query)?;
    let (service, permissions) = (service.clone(), permissions.clone());
    Ok(Stage::Made(Box::pin(async move {
        let obeyed = order.obey(&service, orders, (reveal, &permissions)).await;
        obeyed.unwrap_or_else(|refusal| service.refuse(refusal))
    })))
}

impl Stage {
    /// Answers by work that takes longer than others may wait for their turn.
    fn worked(
        work: fn(&ConfigService, &Permissions, &str) -> Result<Reply, Refusal>,
        service: &Arc<ConfigService>,
        query: &str,
        permissions: &Permissions,
    ) -> Self {
        let (service, permissions, query) =
            (service.clone(), permissions.clone(), query.to_owned());
        Self::Made(Box::pin(async move {
            let answered = spawn_blocking(move || {
                work(&service, &permissions, &query)
                    .unwrap_or_else(|refusal| service.refuse(refusal))
            });
            answered.await.unwrap_or_else(|_| Refusal::broken().into())
        }))
    }

    fn masked(question: redact::Question, pace: &Arc<Pace>) -> Self {
        let pace = pace.clone();
        Self::Made(Box::pin(async move { question.answer(&pace).await.unwrap_or_else(Into::into) }))
    }

    fn patient(question: PatientQuestion, service: Arc<ConfigService>) -> Self {
        Self::Made(Box::pin(async move {
            question.answer(&service).await.unwrap_or_else(|refusal| service.refuse(refusal))
        }))
    }
}

/// Says whether a peer may read anything at all.
fn may_read_any(permissions: &Permissions) -> Result<(), Refusal> {
    permissions.best().may_read().map(|_| ()).ok_or_else(|| forbidden(permissions, ""))
}

fn unknown_route(path: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, format!("there is no `{}`", path.escape_debug())).with_hint(
        format!("there are {}", protocol::ROUTES.map(|route| format!("`{route}`")).join(", ")),
    )
}
