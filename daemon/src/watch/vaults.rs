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

use super::pace::{Closed, Pace};
use crate::{
    api::{Client, ClientError, ClientLimits, Endpoint},
    event::Event,
};

/// What one profile's polling depends on.
#[derive(Debug)]
pub(crate) struct Polling {
    /// Whose vaults.
    pub(crate) profile: Arc<str>,
    /// How long to wait between questions.
    pub(crate) pace: Pace,
    /// Which server, as the files say now.
    pub(crate) endpoint: watch::Receiver<Option<Arc<Endpoint>>>,
    /// Counts the orders to ask at once.
    pub(crate) order: watch::Receiver<u64>,
}

/// Asks until it is told to stop.
pub(crate) async fn watch_vaults(
    mut polling: Polling,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
) {
    // Either end closes only when the daemon ends.
    let _ = stop.run_until_cancelled(polling.run(&events)).await;
}

impl Polling {
    async fn run(&mut self, events: &mpsc::Sender<Event>) -> Result<(), Closed> {
        loop {
            let endpoint = self.endpoint.borrow_and_update().clone();
            match endpoint.map(|endpoint| new_client(&endpoint)) {
                Some(Ok(client)) => {
                    let first = self.pace.first_pause();
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
        if self.is_other_server_meant_before(Instant::now() + first_pause).await? {
            return Ok(());
        }
        loop {
            let order = *self.order.borrow_and_update();
            let answer = client.fetch_vaults().await;
            let next = Instant::now() + self.pace.after_answer(&answer);
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
}

fn new_client(endpoint: &Endpoint) -> Result<Client, ClientError> {
    Client::new(endpoint.clone(), ClientLimits::default())
}
