//! A server on loopback that speaks the API as the clients use it, in a thread of its own.

use std::{
    collections::BTreeMap,
    fmt, io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use serde_json::{Value, json};
use tokio::{runtime, sync::oneshot, task::JoinSet};

use super::{fault::Fault, routes::respond};
use crate::settings::{Credentials, ServerUrl};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections at once; a first look needs two.
const MAX_CONNECTIONS: usize = 256;

/// Requests that are remembered.
const MAX_SEEN: usize = 10_000;

/// A server on loopback; it ends with this value.
pub struct ApiServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A request that the server got.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers; those of one name are joined by `, `.
    pub headers: BTreeMap<String, String>,
}

/// What the server knows; tests change it while it runs.
pub(super) struct State {
    /// Secret keys by access key.
    pub(super) keys: BTreeMap<String, String>,
    pub(super) signing_key: hmac::Key,
    pub(super) vaults: Vec<Value>,
    pub(super) preferences: Value,
    /// Claims that cover the usual ones; `null` takes one out.
    pub(super) claims: BTreeMap<String, Value>,
    /// Whether `enabled` and `types` of a request count.
    pub(super) filters: bool,
    /// Seconds by which the server's clock is ahead of ours.
    clock_ahead: i64,
    pub(super) faults: Vec<Fault>,
    pub(super) seen: Vec<SeenRequest>,
}

impl ApiServer {
    /// Starts a server that knows nobody and keeps nothing, on a port of the system's choice.
    ///
    /// # Errors
    /// The system gives no port, no thread or no randomness.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::new(new_signing_key()?)));
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let shared = state.clone();
        let thread = thread::Builder::new().name("dev-api-server".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    result = accept(listener, shared) => {
                        if let Err(error) = result {
                            tracing::error!(%error, "the API server of --dev stopped");
                        }
                    }
                }
            });
        })?;
        Ok(Self { address, state, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the server's address.
    ///
    /// # Panics
    /// Never: a loopback address is one.
    pub fn url(&self) -> ServerUrl {
        format!("http://{}", self.address).parse().expect("a loopback address is a server's")
    }

    /// Lets a user log in with these keys.
    pub fn allow(&self, access_key: &str, secret_key: &str) -> Credentials {
        self.state().keys.insert(access_key.into(), secret_key.into());
        Credentials::new(access_key, secret_key)
    }

    /// Takes all keys away. Tokens that were given stay good, as with the real server.
    pub fn revoke_all(&self) {
        self.state().keys.clear();
    }

    /// Makes all tokens that were given bad.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn expire_tokens(&self) -> io::Result<()> {
        self.state().signing_key = new_signing_key()?;
        Ok(())
    }

    /// Keeps these vaults from now on: objects as the API has them.
    pub fn set_vaults(&self, vaults: Vec<Value>) {
        self.state().vaults = vaults;
    }

    /// Keeps these preferences of the user from now on (`users.get_preferences`).
    pub fn set_preferences(&self, preferences: Value) {
        self.state().preferences = preferences;
    }

    /// Puts a claim into the tokens given from now on; `null` takes one out.
    pub fn set_claim(&self, name: &str, value: Value) {
        self.state().claims.insert(name.into(), value);
    }

    /// Sets the server's clock so many seconds ahead of ours, or behind it.
    pub fn set_clock_ahead(&self, seconds: i64) {
        self.state().clock_ahead = seconds;
    }

    /// Lets requests' `enabled` and `types` count no longer.
    pub fn stop_filtering(&self) {
        self.state().filters = false;
    }

    /// Adds a fault; the first that concerns a call happens.
    pub fn add_fault(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.state().seen.clone()
    }

    /// Returns how often a call was made.
    pub fn count(&self, call: &str) -> usize {
        let calls = |request: &&SeenRequest| {
            request.target.split('?').next().unwrap_or_default().ends_with(call)
        };
        self.state().seen.iter().filter(calls).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl fmt::Debug for ApiServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ApiServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        // The runtime ends with its thread, and every connection with the runtime.
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl State {
    fn new(signing_key: hmac::Key) -> Self {
        Self {
            keys: BTreeMap::new(),
            signing_key,
            vaults: Vec::new(),
            preferences: json!({}),
            claims: BTreeMap::new(),
            filters: true,
            clock_ahead: 0,
            faults: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Returns the seconds since 1970 by the server's clock.
    pub(super) fn now(&self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(now.as_secs()).unwrap_or(i64::MAX).saturating_add(self.clock_ahead)
    }

    /// Remembers a request.
    pub(super) fn see(&mut self, request: SeenRequest) {
        if self.seen.len() < MAX_SEEN {
            self.seen.push(request);
        }
    }
}

/// Locks the state; a thread that panicked while it held the lock changes nothing about it.
pub(super) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn new_signing_key() -> io::Result<hmac::Key> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("no randomness"))?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        while connections.try_join_next().is_some() {}
        if connections.len() >= MAX_CONNECTIONS {
            continue;
        }
        let state = state.clone();
        connections.spawn(async move {
            let service = service_fn(|request| respond(request, &state));
            // A client that hangs up, and a fault that cuts the line, end here.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
