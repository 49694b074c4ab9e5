//! One call of the API: a request within its time, and what the answer means.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::Full;
use hyper::body::Incoming;
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::time::timeout;

use super::{
    ClientError, ClientLimits, Endpoint, FetchError, endpoint::Identity, envelope::Envelope,
    fetch_error::Call,
};
use crate::{
    connection::{Answer, BodyError, Connection, Route, client_config},
    settings::{Method, Verify},
};

/// Redirects followed on the same server; more are a circle.
const MAX_REDIRECTS: usize = 3;

/// What we call ourselves.
const CLIENT_NAME: &str = concat!("clearml-resolver-", env!("CARGO_PKG_VERSION"));

/// Makes calls to one server.
pub(super) struct Caller {
    endpoint: Endpoint,
    limits: ClientLimits,
    route: Route,
    worker: HeaderValue,
}

/// What is asked.
struct Question<'a> {
    call: Call,
    query: &'a str,
    identity: &'a Identity,
    /// What a call that changes something says.
    body: Option<Bytes>,
}

/// What the server, and not something before it, says to a call.
pub(super) enum Reply {
    /// Its data.
    Data(Value),
    /// It does not accept who we are (401), or what we want (403).
    Refused { code: u16, subcode: u32 },
    /// It does not know the call (404).
    Unknown,
}

impl Caller {
    pub(super) fn new(endpoint: Endpoint, limits: ClientLimits) -> Result<Self, ClientError> {
        let is_https = endpoint.url.is_https();
        if is_https && endpoint.verify == Verify::No {
            tracing::warn!(host = endpoint.url.host(), "the server's certificate is not checked");
        }
        let tls = if is_https { Some(client_config(&endpoint.verify, None)?) } else { None };
        let route = Route::new(endpoint.url.clone(), &endpoint.proxies, tls)?;
        let worker = HeaderValue::from_str(&endpoint.worker)
            .map_err(|_| ClientError::Header { what: "the worker's name" })?;
        authorization(&endpoint.identity).ok_or(ClientError::Header { what: "the credentials" })?;
        Ok(Self { endpoint, limits, route, worker })
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(super) fn host(&self) -> String {
        self.endpoint.url.host().to_owned()
    }

    pub(super) fn identity(&self) -> Identity {
        self.endpoint.identity.clone()
    }

    pub(super) fn garbage(&self, call: Call, what: &'static str) -> FetchError {
        FetchError::Garbage { host: self.host(), call, what }
    }

    /// Makes a call within the whole-call time, over `connection` if it can still be used.
    pub(super) async fn call(
        &self,
        call: Call,
        query: &str,
        identity: Identity,
        connection: &mut Option<Connection>,
    ) -> Result<Reply, FetchError> {
        let question = Question { call, query, identity: &identity, body: None };
        self.reply_within(&question, connection).await
    }

    /// Makes a call that changes something, by `PUT` as the documentation does: over a connection
    /// of its own, so that none is sent twice.
    pub(super) async fn change(
        &self,
        call: Call,
        body: Bytes,
        identity: Identity,
    ) -> Result<Reply, FetchError> {
        let question = Question { call, query: "", identity: &identity, body: Some(body) };
        self.reply_within(&question, &mut None).await
    }

    async fn reply_within(
        &self,
        question: &Question<'_>,
        connection: &mut Option<Connection>,
    ) -> Result<Reply, FetchError> {
        let after = self.limits.total;
        let answer = timeout(after, self.exchange(question, connection)).await;
        let Ok(answer) = answer else {
            *connection = None;
            return Err(self.timed_out(question.call, after));
        };
        self.reply(question.call, &answer?)
    }

    /// Sends requests until one is answered by something else than a redirect.
    async fn exchange(
        &self,
        question: &Question<'_>,
        connection: &mut Option<Connection>,
    ) -> Result<Answer, FetchError> {
        let (call, query) = (question.call, question.query);
        let mut path = format!("{}/{}", self.endpoint.url.base_path(), call.endpoint());
        if !query.is_empty() {
            path = format!("{path}?{query}");
        }
        for _ in 0..=MAX_REDIRECTS {
            let head = self.send(question, &path, connection).await?;
            let Some(location) = redirect(&head) else {
                return self.read(call, head, connection).await;
            };
            path = self
                .same_origin_path(&location)
                .ok_or_else(|| FetchError::Redirected { host: self.host(), call })?;
            // The redirect's body is not read, so its connection is spent.
            *connection = None;
        }
        Err(self.garbage(call, "it redirects in a circle"))
    }

    /// Sends a request. A server may close an idle connection just as the next request is on its
    /// way, so one that fails on a used connection is sent once more on a new one.
    async fn send(
        &self,
        question: &Question<'_>,
        path: &str,
        connection: &mut Option<Connection>,
    ) -> Result<Response<Incoming>, FetchError> {
        let call = question.call;
        if let Some(mut used) = connection.take()
            && used.is_usable().await
        {
            let request = self.request(question, path)?;
            if let Ok(Ok(head)) = timeout(self.limits.read, used.send(request)).await {
                *connection = Some(used);
                return Ok(head);
            }
        }
        let mut fresh = self.connect(call).await?;
        let request = self.request(question, path)?;
        let head = timeout(self.limits.read, fresh.send(request)).await;
        let head = head.map_err(|_| self.timed_out(call, self.limits.read))?;
        let head = head.map_err(|error| self.unreachable(error.into()))?;
        *connection = Some(fresh);
        Ok(head)
    }

    async fn connect(&self, call: Call) -> Result<Connection, FetchError> {
        let within = self.limits.connect;
        match timeout(within, self.route.connect(within)).await {
            Ok(connected) => connected.map_err(|error| self.unreachable(error)),
            Err(_) => Err(self.timed_out(call, within)),
        }
    }

    fn request(
        &self,
        question: &Question<'_>,
        path: &str,
    ) -> Result<Request<Full<Bytes>>, FetchError> {
        let unsendable =
            || self.garbage(question.call, "it gave something that no request can hold");
        let method = match (&question.body, self.endpoint.method) {
            (None, Method::Get) => http::Method::GET,
            (None, Method::Post) => http::Method::POST,
            (Some(_), _) | (None, Method::Put) => http::Method::PUT,
        };
        let body = question.body.clone().unwrap_or_default();
        let authorization = authorization(question.identity).ok_or_else(unsendable)?;
        let mut request = Request::builder()
            .method(method)
            .uri(self.route.target(path).map_err(|_| unsendable())?)
            .header(header::HOST, self.endpoint.url.host())
            .header(header::AUTHORIZATION, authorization)
            .header(header::ACCEPT, "application/json")
            .header(header::ACCEPT_ENCODING, "gzip")
            .header(header::USER_AGENT, CLIENT_NAME);
        for name in ["X-ClearML-Client", "X-Trains-Client"] {
            request = request.header(name, CLIENT_NAME);
        }
        for name in ["X-ClearML-Worker", "X-Trains-Worker"] {
            request = request.header(name, &self.worker);
        }
        if question.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if question.body.is_some() || self.endpoint.method != Method::Get {
            request = request.header(header::CONTENT_LENGTH, body.len());
        }
        if let Some(authorization) = self.route.proxy_authorization() {
            request = request.header(header::PROXY_AUTHORIZATION, authorization);
        }
        request.body(Full::new(body)).map_err(|_| unsendable())
    }

    async fn read(
        &self,
        call: Call,
        head: Response<Incoming>,
        connection: &mut Option<Connection>,
    ) -> Result<Answer, FetchError> {
        let (head, body) = head.into_parts();
        let (limit, wait) = (self.limits.answer_bytes, self.limits.read);
        Answer::read(head, body, limit, wait).await.map_err(|error| {
            *connection = None;
            match error {
                BodyError::Broken(error) => self.unreachable(error.into()),
                BodyError::TooLarge => FetchError::TooLarge { host: self.host(), call, limit },
                BodyError::TimedOut => self.timed_out(call, wait),
                BodyError::NoGzip => self.garbage(call, "it says gzip and is none"),
            }
        })
    }

    /// Tells what an answer means. A refusal counts only in the API's own envelope: a proxy or a
    /// log-in page before the server may say 401, 403 or 404 as well, and that is an accident.
    fn reply(&self, call: Call, answer: &Answer) -> Result<Reply, FetchError> {
        let Some(envelope) = answer.json::<Envelope>() else {
            if answer.status.is_success() {
                return Err(self.garbage(call, "it is no JSON of the API"));
            }
            return Err(self.status(call, answer, answer.status.as_u16(), 0, String::new()));
        };
        let (code, subcode) = (envelope.meta.code, envelope.meta.subcode);
        match code {
            200..=299 if answer.status.is_success() => Ok(Reply::Data(envelope.data)),
            401 | 403 => Ok(Reply::Refused { code, subcode }),
            404 => Ok(Reply::Unknown),
            _ => Err(self.status(call, answer, code, subcode, envelope.meta.message())),
        }
    }

    fn status(
        &self,
        call: Call,
        answer: &Answer,
        code: u16,
        subcode: u32,
        message: String,
    ) -> FetchError {
        let (host, retry_after) = (self.host(), answer.retry_after());
        FetchError::Status { host, call, code, subcode, message, retry_after }
    }

    fn timed_out(&self, call: Call, after: Duration) -> FetchError {
        FetchError::TimedOut { host: self.host(), call, after }
    }

    fn unreachable(&self, source: Box<dyn std::error::Error + Send + Sync>) -> FetchError {
        FetchError::of_connection(self.host(), source)
    }

    /// Returns where a redirect leads on this same server; `None` if it leads elsewhere.
    fn same_origin_path(&self, location: &str) -> Option<String> {
        let location: Uri = location.parse().ok()?;
        let here = self.endpoint.url.uri();
        let is_here = location.authority().is_none()
            || (location.scheme() == here.scheme() && location.authority() == here.authority());
        let path = location.path_and_query()?.as_str();
        // `//host/path` is a path to the URL parser, and another server to everybody else.
        (is_here && path.starts_with('/') && !path.starts_with("//")).then(|| path.to_owned())
    }
}

fn redirect(head: &Response<Incoming>) -> Option<String> {
    let is_redirect = matches!(
        head.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    let location = head.headers().get(header::LOCATION).filter(|_| is_redirect)?;
    // A redirect to nowhere we can read leads elsewhere.
    Some(location.to_str().unwrap_or("//").to_owned())
}

fn authorization(identity: &Identity) -> Option<HeaderValue> {
    let text = match identity {
        Identity::Keys(credentials) => {
            let pair = credentials.user_and_password();
            format!("Basic {}", STANDARD.encode(pair.expose_secret()))
        }
        Identity::Token(token) => format!("Bearer {}", token.expose_secret()),
    };
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
