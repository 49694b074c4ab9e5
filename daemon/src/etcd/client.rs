//! A client of etcd: reads all vaults at one revision, and opens watches.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use hyper::body::Incoming;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::timeout;

use super::{
    Watch,
    gateway::{
        Authenticate, AuthenticateAnswer, ErrorAnswer, KeyValue, Range, RangeAnswer, WatchRequest,
    },
    keys,
};
use crate::{
    api::{Call, ClientError, ClientLimits, FetchError, VaultAnswer},
    connection::{Answer, BodyError, Connection, Route, client_config},
    settings::{Etcd, ServerUrl},
};

/// Vaults below one prefix: far more than anybody orders by hand.
const MAX_KEYS: u32 = 1000;

/// gRPC's statuses that mean something to us.
const INVALID_ARGUMENT: u32 = 3;
const PERMISSION_DENIED: u32 = 7;
const FAILED_PRECONDITION: u32 = 9;
const UNAUTHENTICATED: u32 = 16;

/// A client of the members of one etcd; holds its token, and no connection between calls.
pub(crate) struct EtcdClient {
    settings: Arc<Etcd>,
    limits: ClientLimits,
    /// The members, the one that answered last at the front.
    members: Vec<Member>,
    token: Option<SecretString>,
}

/// What was read at one revision.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The vaults.
    pub(crate) answer: VaultAnswer,
    /// The revision of the store at which they stood so.
    pub(crate) revision: i64,
}

/// One member of etcd, and the way to it.
struct Member {
    url: ServerUrl,
    route: Route,
}

/// What came of a call.
enum Reply<T> {
    Data(T),
    /// The token is not accepted, or none was sent.
    TokenRefused,
}

impl EtcdClient {
    /// Returns a client that has not asked anything yet. Blocks for as long as it takes to read
    /// certificates.
    ///
    /// # Errors
    /// Certificates cannot be read, or a proxy cannot be used.
    pub(crate) fn new(settings: &Arc<Etcd>, limits: ClientLimits) -> Result<Self, ClientError> {
        let tls = settings.endpoints.iter().any(ServerUrl::is_https);
        let tls = tls.then(|| client_config(&settings.verify, settings.certificate.as_ref()));
        let tls = tls.transpose()?;
        let members = settings.endpoints.iter().map(|url| {
            let tls = tls.clone().filter(|_| url.is_https());
            let route = Route::new(url.clone(), &settings.proxies, tls)?;
            Ok(Member { url: url.clone(), route })
        });
        let members = members.collect::<Result<_, ClientError>>()?;
        Ok(Self { settings: settings.clone(), limits, members, token: None })
    }

    /// Reads all vaults, as they stand at one revision, from the first member that answers.
    ///
    /// # Errors
    /// See [`FetchError`]; the last one, if no member answers.
    pub(crate) async fn read(&mut self) -> Result<Reading, FetchError> {
        let mut tried = 0;
        loop {
            let error = match self.read_from_first().await {
                Ok(reading) => return Ok(reading),
                Err(error) => error,
            };
            tried += 1;
            if error.is_refusal() || tried >= self.members.len() {
                return Err(error);
            }
            self.members.rotate_left(1);
        }
    }

    async fn read_from_first(&mut self) -> Result<Reading, FetchError> {
        let range = Range::of_prefix(self.settings.prefix(), MAX_KEYS);
        let answer: RangeAnswer = self.call(Call::ReadKeys, &range).await?;
        if answer.more {
            return Err(self.first()?.garbage(Call::ReadKeys, "there are more than 1000 keys"));
        }
        let list = keys::vaults(self.settings.prefix(), &answer.kvs);
        Ok(Reading { answer: VaultAnswer::new(list), revision: answer.header.revision() })
    }

    /// Reads all keys below the prefix as they are, from the member that answered last.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub(super) async fn read_keys(&mut self) -> Result<Vec<KeyValue>, FetchError> {
        let range = Range::of_prefix(self.settings.prefix(), MAX_KEYS);
        let answer: RangeAnswer = self.call(Call::ReadKeys, &range).await?;
        Ok(answer.kvs)
    }

    /// Watches what happens after a revision, on the member that answered last.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub(crate) async fn watch(&mut self, after: i64) -> Result<Watch, FetchError> {
        let request = WatchRequest::of_prefix(self.settings.prefix(), after.saturating_add(1));
        let member = self.first()?;
        let sending = member.send(Call::WatchKeys, &request, self.token.as_ref(), self.limits);
        let (connection, head) = sending.await?;
        if !head.status().is_success() {
            return Err(member.status(Call::WatchKeys, head.status().as_u16(), None, None));
        }
        Ok(Watch::new(connection, head.into_body(), after, self.limits.answer_bytes))
    }

    /// Makes a call; if the token is refused, gets a new one and asks again, once.
    pub(super) async fn call<T: DeserializeOwned>(
        &mut self,
        call: Call,
        body: &impl Serialize,
    ) -> Result<T, FetchError> {
        if self.token.is_none() && self.settings.user().is_some() {
            self.authenticate().await?;
        }
        if let Reply::Data(data) = self.ask(call, body).await? {
            return Ok(data);
        }
        self.authenticate().await?;
        match self.ask(call, body).await? {
            Reply::Data(data) => Ok(data),
            Reply::TokenRefused => Err(self.first()?.refused()),
        }
    }

    /// Gets a token. An etcd without users gives none and wants none.
    async fn authenticate(&mut self) -> Result<(), FetchError> {
        self.token = None;
        let Some((name, password)) = self.settings.user() else {
            return Err(self.first()?.refused());
        };
        let body = Authenticate { name, password: password.expose_secret() };
        match self.ask::<AuthenticateAnswer>(Call::Authenticate, &body).await {
            Ok(Reply::Data(answer)) => self.token = Some(answer.token.into()),
            Ok(Reply::TokenRefused) => return Err(self.first()?.refused()),
            Err(FetchError::Status { subcode: FAILED_PRECONDITION, .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        call: Call,
        body: &impl Serialize,
    ) -> Result<Reply<T>, FetchError> {
        let member = self.first()?;
        let after = self.limits.total;
        let asking = member.ask(call, body, self.token.as_ref(), self.limits);
        timeout(after, asking).await.unwrap_or_else(|_| Err(member.timed_out(call, after)))
    }

    /// Settings without a member are refused, but a caller might build its own.
    fn first(&self) -> Result<&Member, FetchError> {
        self.members.first().ok_or_else(|| FetchError::Unreachable {
            host: "etcd".into(),
            source: "no member is named in `vaults.etcd.endpoints`".into(),
        })
    }
}

impl fmt::Debug for EtcdClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EtcdClient")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Member {
    async fn ask<T: DeserializeOwned>(
        &self,
        call: Call,
        body: &impl Serialize,
        token: Option<&SecretString>,
        limits: ClientLimits,
    ) -> Result<Reply<T>, FetchError> {
        let (_connection, head) = self.send(call, body, token, limits).await?;
        let (head, body) = head.into_parts();
        let (limit, wait) = (limits.answer_bytes, limits.read);
        let answer = Answer::read(head, body, limit, wait).await.map_err(|error| match error {
            BodyError::Broken(error) => self.unreachable(error.into()),
            BodyError::TooLarge => FetchError::TooLarge { host: self.host(), call, limit },
            BodyError::TimedOut => self.timed_out(call, wait),
            BodyError::NoGzip => self.garbage(call, "it says gzip and is none"),
        })?;
        if answer.status.is_success() {
            let data = answer.json();
            return data
                .map(Reply::Data)
                .ok_or_else(|| self.garbage(call, "it is no JSON of etcd"));
        }
        let error = answer.json::<ErrorAnswer>();
        if error.as_ref().is_some_and(ErrorAnswer::refuses_token) {
            return Ok(Reply::TokenRefused);
        }
        let retry_after = answer.retry_after();
        Err(self.status(call, answer.status.as_u16(), error.as_ref(), retry_after))
    }

    /// Sends a request on a connection of its own, and waits for the head of the answer.
    async fn send(
        &self,
        call: Call,
        body: &impl Serialize,
        token: Option<&SecretString>,
        limits: ClientLimits,
    ) -> Result<(Connection, Response<Incoming>), FetchError> {
        let unsendable = || self.garbage(call, "it gave something that no request can hold");
        let path = format!("{}/v3/{}", self.url.base_path(), call.endpoint());
        let mut request = Request::post(self.route.target(&path).map_err(|_| unsendable())?)
            .header(header::HOST, self.url.host())
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            let token = HeaderValue::from_str(token.expose_secret());
            let mut token = token.map_err(|_| unsendable())?;
            token.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, token);
        }
        let body = serde_json::to_vec(body).map_err(|_| unsendable())?;
        let request = request.body(Bytes::from(body).into()).map_err(|_| unsendable())?;
        let (within, wait) = (limits.connect, limits.read);
        let connecting = timeout(within, self.route.connect(within)).await;
        let connected = connecting.map_err(|_| self.timed_out(call, within))?;
        let mut connection = connected.map_err(|error| self.unreachable(error))?;
        let head = timeout(wait, connection.send(request)).await;
        let head = head.map_err(|_| self.timed_out(call, wait))?;
        Ok((connection, head.map_err(|error| self.unreachable(error.into()))?))
    }

    /// Says what a failed call means.
    fn status(
        &self,
        call: Call,
        code: u16,
        error: Option<&ErrorAnswer>,
        retry_after: Option<Duration>,
    ) -> FetchError {
        let host = self.host();
        match error {
            Some(error) if error.refuses_user() => FetchError::UserRefused { host },
            Some(ErrorAnswer { code: PERMISSION_DENIED, .. }) => {
                FetchError::Forbidden { host, call, code, subcode: PERMISSION_DENIED }
            }
            _ => FetchError::Status {
                host,
                call,
                code,
                subcode: error.map_or(0, |error| error.code),
                message: error.map_or_else(String::new, ErrorAnswer::beginning),
                retry_after,
            },
        }
    }

    fn refused(&self) -> FetchError {
        FetchError::UserRefused { host: self.host() }
    }

    fn garbage(&self, call: Call, what: &'static str) -> FetchError {
        FetchError::Garbage { host: self.host(), call, what }
    }

    fn timed_out(&self, call: Call, after: Duration) -> FetchError {
        FetchError::TimedOut { host: self.host(), call, after }
    }

    fn unreachable(&self, source: Box<dyn std::error::Error + Send + Sync>) -> FetchError {
        FetchError::of_connection(self.host(), source)
    }

    fn host(&self) -> String {
        self.url.host().to_owned()
    }
}

impl ErrorAnswer {
    /// Characters of etcd's own words that are shown.
    const SHOWN_CHARACTERS: usize = 60;

    /// Whether a new token may help (etcd 3.4: `invalid auth token`, and `revision of auth store is
    /// old` after a change of users).
    fn refuses_token(&self) -> bool {
        self.code == UNAUTHENTICATED || self.message.contains("auth store is old")
    }

    /// Whether the user is unknown, has another password, or is missing.
    fn refuses_user(&self) -> bool {
        let says = |text| self.message.contains(text);
        self.code == INVALID_ARGUMENT
            && (says("authentication failed") || says("user name is empty"))
    }

    fn beginning(&self) -> String {
        let plain = self.message.chars().filter(|character| !character.is_control());
        plain.take(Self::SHOWN_CHARACTERS).collect()
    }
}
