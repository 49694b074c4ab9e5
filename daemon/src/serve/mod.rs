//! Answering on the socket: one task accepts, one task a connection.

mod admin;
mod arrivals;
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
mod open_connections;
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

use std::{io, pin::pin, sync::Arc, time::Duration};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rustix::net::{SendFlags, send};
use tokio::{
    net::{UnixListener, UnixStream, unix::UCred},
    task::{JoinError, JoinSet},
};
use tracing::{error, warn};

pub use self::socket::SocketError;
use self::{
    arrivals::Arrivals,
    drain_signal::DrainSignal,
    open_connections::{Open, OpenConnections},
    pace::Pace,
    rush::{RUSH, Rush},
    session::serve_session,
};
pub(crate) use self::{
    config_service::ConfigService,
    credential::{CredentialService, give_credentials},
    pace::{SweepClock, keep_time},
    socket::{SocketAccess, SocketFile},
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
    let arrivals = match Arrivals::of(listener) {
        Ok(arrivals) => arrivals,
        Err(error) => return error!(%error, "cannot wait for connections"),
    };
    let counts = service.connections.clone();
    let open = Arc::new(OpenConnections::new(limits, counts, clock.clone()));
    let (sessions, rush) = (JoinSet::new(), Rush::new(service.rush_over.clone()));
    let mut acceptor = Acceptor { service, clock, open, sessions, rush, cannot_accept: false };
    acceptor.run(arrivals).await;
    acceptor.drain(drain_timeout).await;
}

/// Lets connections in and sees that they end.
struct Acceptor {
    service: Arc<ConfigService>,
    clock: Arc<SweepClock>,
    open: Arc<OpenConnections>,
    /// Their tasks, and those that have ended since we looked.
    sessions: JoinSet<()>,
    rush: Rush,
    /// Whether the log was told that no connection can be accepted.
    cannot_accept: bool,
}

impl Acceptor {
    async fn run(&mut self, arrivals: Arrivals) {
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
                Some(ended) = self.sessions.join_next(), if self.sessions.len() >= RUSH => {
                    self.forget(ended);
                }
                arrived = arrivals.next() => self.accept(arrived).await,
            }
        }
    }

    async fn accept(&mut self, arrived: io::Result<UnixStream>) {
        self.forget_ended();
        let accepted = arrived.and_then(|stream| Ok((stream.peer_cred()?, stream)));
        let failed = accepted.is_err();
        match accepted {
            Ok((peer, stream)) => self.begin(peer, stream),
            Err(error) => {
                if !self.cannot_accept {
                    warn!(%error, open = self.open.len(), "cannot accept a connection");
                }
                self.service.timers.sleep(REST).await;
            }
        }
        self.cannot_accept = failed;
    }

    fn begin(&mut self, peer: UCred, stream: UnixStream) {
        let pace = Arc::new(Pace::new(self.clock.clone()));
        let drain_signal: Arc<DrainSignal> = Arc::default();
        let open = Open::new(pace.clone(), drain_signal.clone());
        let Some(place) = self.open.take_place(peer.uid(), open) else {
            // Whoever floods us may not even read the refusal. The runtime would not write yet, as it
            // has not heard that there is room.
            let _ = send(&stream, TOO_MANY, SendFlags::NOSIGNAL);
            return;
        };
        let number = place.number();
        let session = serve_session(stream, peer, self.service.clone(), pace, drain_signal, place);
        let task = self.sessions.spawn(Box::pin(session));
        self.open.note_task(number, task);
        self.rush.note(self.sessions.len());
    }

    /// Forgets the sessions that have ended. But for a rush none wakes us for that: there is time
    /// until the next connection or sweep.
    fn forget_ended(&mut self) {
        while let Some(ended) = self.sessions.try_join_next() {
            self.forget(ended);
        }
    }

    fn forget(&mut self, ended: Result<(), JoinError>) {
        if ended.is_err_and(|error| error.is_panic()) {
            error!("a session broke off: a fault of this program");
        }
        self.rush.note(self.sessions.len());
    }

    /// Ends the connections that have taken too long. The clock rests if no other can.
    fn sweep(&mut self) {
        self.forget_ended();
        self.clock.advance();
        if !self.open.sweep() {
            self.clock.rest();
        }
    }

    async fn drain(&mut self, drain_timeout: Duration) {
        self.open.drain();
        let ended = async { while self.sessions.join_next().await.is_some() {} };
        let drained = self.service.timers.timeout(drain_timeout, ended);
        if drained.await.is_err() {
            warn!(open = self.open.len(), "open connections are cut: they took too long to end");
        }
        self.sessions.shutdown().await;
    }
}
