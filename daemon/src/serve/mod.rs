//! Answering on the socket: one task accepts, one task a connection.

mod admin;
mod conditional;
mod config;
mod config_service;
mod credential;
mod diff;
mod drain_signal;
mod events;
mod explain;
mod header_templates;
mod metrics;
mod pace;
mod part;
mod peer;
mod permissions;
mod probes;
mod problem;
mod redact;
mod reply;
mod routes;
mod rush;
mod session;
mod socket;
mod status;
#[cfg(test)]
mod tests;
mod timers;
mod watcher_slots;

use std::{
    collections::{HashMap, HashSet},
    io,
    pin::pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::{
    net::{
        UnixListener, UnixStream,
        unix::{SocketAddr, UCred},
    },
    task::{AbortHandle, Id, JoinError, JoinSet},
};
use tracing::{error, warn};

pub use self::socket::SocketError;
pub(crate) use self::{
    config_service::ConfigService,
    credential::{CredentialService, give_credentials},
    pace::{SweepClock, keep_time},
    socket::{SocketAccess, SocketFile},
};
use self::{
    drain_signal::DrainSignal,
    pace::{Pace, Verdict},
    rush::Rush,
    session::serve_session,
};

/// Said to a connection that is one too many.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\n\
    content-length: 116\r\n\
    retry-after: 1\r\n\
    connection: close\r\n\r\n\
    {\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"too many connections are open\",\
    \"hint\":\"ask again in a moment\"}";
/// Connections in all, if the process may have as many descriptors: room for 10,000 that wait for
/// changes, at 14 KiB each.
const MOST_CONNECTIONS: usize = 16_384;
/// Descriptors kept for everything else: files, the server, what the runtime needs.
const RESERVED_FILES: usize = 64;
/// Descriptors of a process if the kernel does not say.
const FEW_FILES: u64 = 1024;
/// How long accepting rests after the system refused: it is out of descriptors or memory.
const REST: Duration = Duration::from_millis(100);

/// How many connections may be open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionLimits {
    /// In all.
    pub(crate) total: usize,
    /// Of one user.
    pub(crate) per_user: usize,
}

impl ConnectionLimits {
    /// Enough for those who give orders; their descriptors are kept for them.
    pub(crate) const FEW: Self = Self { total: 16, per_user: 12 };

    /// Returns what the process can hold, after raising its limit of descriptors as far as it may.
    ///
    /// One user may take seven of eight connections, so that no user can lock all others out.
    pub(crate) fn of_this_process() -> Self {
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((FEW_FILES, FEW_FILES));
        let files = match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
            Ok(()) => hard,
            Err(_) => soft,
        };
        let files = usize::try_from(files).unwrap_or(usize::MAX);
        let total = files.saturating_sub(RESERVED_FILES).clamp(1, MOST_CONNECTIONS);
        Self { total, per_user: total - total / 8 }
    }
}

/// Accepts connections until told to stop, then ends them in order: open questions are answered,
/// and what is still open after `drain_timeout` is cut.
pub(crate) async fn serve(
    listener: UnixListener,
    service: Arc<ConfigService>,
    limits: ConnectionLimits,
    clock: Arc<SweepClock>,
    drain_timeout: Duration,
) {
    let mut acceptor = Acceptor {
        rush: Rush::new(service.rush_over.clone()),
        service,
        limits,
        clock,
        sessions: JoinSet::new(),
        open: HashMap::new(),
        per_user: HashMap::new(),
        told: HashSet::new(),
        cannot_accept: false,
    };
    acceptor.run(listener).await;
    acceptor.drain(drain_timeout).await;
}

/// The connections that are open.
struct Acceptor {
    service: Arc<ConfigService>,
    limits: ConnectionLimits,
    clock: Arc<SweepClock>,
    sessions: JoinSet<()>,
    open: HashMap<Id, Open>,
    per_user: HashMap<u32, usize>,
    rush: Rush,
    /// The users of whom the log was told that they have too many.
    told: HashSet<u32>,
    /// Whether the log was told that no connection can be accepted.
    cannot_accept: bool,
}

/// One connection that is open.
struct Open {
    user_id: u32,
    pace: Arc<Pace>,
    drain_signal: Arc<DrainSignal>,
    task: AbortHandle,
}

impl Acceptor {
    async fn run(&mut self, listener: UnixListener) {
        let (clock, stop) = (self.clock.clone(), self.service.stop.clone());
        let mut stopped = pin!(stop.cancelled());
        let mut ticked = pin!(clock.ticked());
        loop {
            // In a rush somebody always waits to be let in, so that the others come first.
            tokio::select! {
                biased;
                () = stopped.as_mut() => return,
                () = ticked.as_mut() => {
                    ticked.set(clock.ticked());
                    self.sweep();
                }
                Some(ended) = self.sessions.join_next_with_id() => self.forget(ended),
                accepted = listener.accept() => self.accept(accepted).await,
            }
        }
    }

    async fn accept(&mut self, accepted: io::Result<(UnixStream, SocketAddr)>) {
        let accepted = accepted.and_then(|(stream, _)| Ok((stream.peer_cred()?, stream)));
        let failed = accepted.is_err();
        match accepted {
            Ok((peer, stream)) if self.has_room(peer.uid()) => self.open(peer, stream),
            Ok((peer, stream)) => self.turn_away(peer.uid(), &stream),
            Err(error) => {
                if !self.cannot_accept {
                    warn!(%error, open = self.open.len(), "cannot accept a connection");
                }
                self.service.timers.sleep(REST).await;
            }
        }
        self.cannot_accept = failed;
    }

    fn turn_away(&mut self, user_id: u32, stream: &UnixStream) {
        if self.told.insert(user_id) {
            warn!(user_id, open = self.open.len(), "a user has as many connections as it may");
        }
        self.service.connections.refused.fetch_add(1, Relaxed);
        // Whoever floods us may not even read the refusal.
        let _ = stream.try_write(TOO_MANY);
    }

    fn has_room(&self, user_id: u32) -> bool {
        let of_user = self.per_user.get(&user_id).copied().unwrap_or_default();
        self.open.len() < self.limits.total && of_user < self.limits.per_user
    }

    fn open(&mut self, peer: UCred, stream: UnixStream) {
        let user_id = peer.uid();
        let pace = Arc::new(Pace::new(self.clock.clone()));
        let drain_signal: Arc<DrainSignal> = Arc::default();
        let session =
            serve_session(stream, peer, self.service.clone(), pace.clone(), drain_signal.clone());
        let task = self.sessions.spawn(session);
        self.open.insert(task.id(), Open { user_id, pace, drain_signal, task });
        *self.per_user.entry(user_id).or_default() += 1;
        self.rush.note(self.open.len());
        self.service.connections.open.fetch_add(1, Relaxed);
    }

    fn forget(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                if error.is_panic() {
                    error!("a session broke off: a fault of this program");
                }
                error.id()
            }
        };
        let Some(open) = self.open.remove(&id) else { return };
        self.rush.note(self.open.len());
        self.service.connections.open.fetch_sub(1, Relaxed);
        if let Some(of_user) = self.per_user.get_mut(&open.user_id) {
            *of_user -= 1;
            if *of_user < self.limits.per_user / 2 {
                self.told.remove(&open.user_id);
            }
            if *of_user == 0 {
                self.per_user.remove(&open.user_id);
            }
        }
    }

    /// Ends the connections that have taken too long. The clock rests if no other can.
    fn sweep(&self) {
        self.clock.advance();
        let mut can_be_late = false;
        for open in self.open.values() {
            match open.pace.verdict() {
                Verdict::Untimed => {}
                Verdict::Timely => can_be_late = true,
                Verdict::Late => {
                    self.service.connections.late.fetch_add(1, Relaxed);
                    open.task.abort();
                }
            }
        }
        if !can_be_late {
            self.clock.rest();
        }
    }

    async fn drain(&mut self, drain_timeout: Duration) {
        for open in self.open.values() {
            open.drain_signal.say();
        }
        let ended = async { while self.sessions.join_next().await.is_some() {} };
        let drained = self.service.timers.timeout(drain_timeout, ended);
        if drained.await.is_err() {
            warn!(
                open = self.sessions.len(),
                "open connections are cut: they took too long to end"
            );
        }
        self.sessions.shutdown().await;
    }
}
