//! Asking the API server of one profile for its vaults, again and again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, watch},
    time::sleep_until,
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    api::{Backoff, Client, ClientError, ClientLimits, Endpoint, FetchError, VaultAnswer},
    event::Event,
    publish::Subscriber,
};

/// The first pause after a failure lies below this, or below the splay if that is longer; each
/// further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The part of the poll interval by which polls of a fleet are spread, up and down.
const JITTER: f64 = 0.1;

/// What one profile's polling depends on.
#[derive(Debug)]
pub(crate) struct Polling {
    /// Whose vaults.
    pub(crate) profile: Arc<str>,
    /// The pause after a success, before jitter.
    pub(crate) interval: Duration,
    /// The first question waits for a random part of this, if what is served can wait.
    pub(crate) splay: Duration,
    /// What is served.
    pub(crate) subscriber: Subscriber,
    /// Which server, as the files say now.
    pub(crate) endpoint: watch::Receiver<Option<Arc<Endpoint>>>,
    /// Counts the orders to ask at once.
    pub(crate) order: watch::Receiver<u64>,
}

/// Asks until it is told to stop.
///
/// # Why
/// The first question is splayed only if there are vaults to serve in the meantime: otherwise
/// whoever starts a daemon waits for its first answer, and a stock client would ask at that moment,
/// too. After an outage the full jitter of the pauses spreads a fleet, as far as the poll interval
/// and at least as far as the splay.
pub(crate) async fn watch_vaults(
    mut polling: Polling,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
) {
    // Either end closes only when the daemon ends.
    let _ = stop.run_until_cancelled(polling.run(&events)).await;
}

/// Says that the other end is gone.
struct Closed;

impl Polling {
    async fn run(&mut self, events: &mpsc::Sender<Event>) -> Result<(), Closed> {
        loop {
            let endpoint = self.endpoint.borrow_and_update().clone();
            match endpoint.map(|endpoint| new_client(&endpoint)) {
                Some(Ok(client)) => {
                    let first = self.first_pause();
                    self.ask_one(client, first, events).await?;
                }
                Some(Err(error)) => {
                    warn!(profile = &*self.profile, %error, "the server cannot be asked");
                    self.endpoint.changed().await.map_err(|_| Closed)?;
                }
                None => self.endpoint.changed().await.map_err(|_| Closed)?,
            }
        }
    }

    /// Asks one server until the files name another.
    async fn ask_one(
        &mut self,
        mut client: Client,
        first_pause: Duration,
        events: &mpsc::Sender<Event>,
    ) -> Result<(), Closed> {
        let first = FIRST_PAUSE.max(self.splay).min(self.interval);
        let mut backoff = Backoff::new(first, self.interval);
        if self.is_other_server_meant_before(Instant::now() + first_pause).await? {
            return Ok(());
        }
        loop {
            let order = *self.order.borrow_and_update();
            let answer = client.fetch_vaults().await;
            let next = Instant::now() + self.pause(&answer, &mut backoff);
            let profile = self.profile.clone();
            let event = Event::VaultsAsked { profile, answer, next, order };
            events.send(event).await.map_err(|_| Closed)?;
            if self.is_other_server_meant_before(next).await? {
                return Ok(());
            }
        }
    }

    /// Waits until it is time to ask, or somebody orders it. Returns whether the files name another
    /// server by then.
    async fn is_other_server_meant_before(&mut self, next: Instant) -> Result<bool, Closed> {
        tokio::select! {
            () = sleep_until(next.into()) => Ok(false),
            ordered = self.order.changed() => ordered.map(|()| false).map_err(|_| Closed),
            changed = self.endpoint.changed() => changed.map(|()| true).map_err(|_| Closed),
        }
    }

    /// Says how long to wait before the very first question: not at all if there are no vaults yet.
    fn first_pause(&self) -> Duration {
        let vaults = &self.subscriber.health().vaults;
        let is_kept = vaults.fetches == 0 && vaults.confirmed.is_some();
        if is_kept { self.splay.mul_f64(fastrand::f64()) } else { Duration::ZERO }
    }

    /// Says how long to wait. A refusal stays one until somebody acts, and a server without vaults
    /// is no failure, so that neither is asked more often than usual.
    fn pause(&self, answer: &Result<VaultAnswer, FetchError>, backoff: &mut Backoff) -> Duration {
        match answer {
            Err(error) if !error.is_refusal() && !matches!(error, FetchError::Absent { .. }) => {
                backoff.failed(error.retry_after())
            }
            _ => {
                backoff.succeeded();
                self.interval.mul_f64(1.0 - JITTER + 2.0 * JITTER * fastrand::f64())
            }
        }
    }
}

fn new_client(endpoint: &Endpoint) -> Result<Client, ClientError> {
    Client::new(endpoint.clone(), ClientLimits::default())
}
