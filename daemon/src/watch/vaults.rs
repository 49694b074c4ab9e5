//! Asking the API server of one profile for its vaults, again and again.

use std::{sync::Arc, time::Instant};

use tokio::{
    sync::{mpsc, watch},
    time::sleep_until,
};
use tokio_util::sync::CancellationToken;

use super::pace::{Closed, Pace};
use crate::{
    api::{Client, ClientLimits, Endpoint, FetchError, Succession, VaultAnswer},
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
        let mut succession = None;
        let mut first_pause = self.pace.first_pause();
        loop {
            let endpoint = self.endpoint.borrow_and_update().clone();
            let Some(endpoint) = endpoint else {
                succession = None;
                self.endpoint.changed().await.map_err(|_| Closed)?;
                continue;
            };
            let pause = std::mem::take(&mut first_pause);
            if self.is_other_server_meant_before(Instant::now() + pause).await? {
                continue;
            }
            match Client::new((*endpoint).clone(), ClientLimits::default()) {
                Ok(client) => {
                    let newest = following(succession.take(), client);
                    succession = Some(self.ask(newest, events).await?);
                }
                Err(source) => {
                    let host = endpoint.url().host().to_owned();
                    let order = *self.order.borrow_and_update();
                    let next = Instant::now() + self.pace.after_failure(None);
                    let answer = Err(FetchError::Unasked { host, source });
                    self.tell(answer, next, order, events).await?;
                    // Certificates may come later.
                    self.is_other_server_meant_before(next).await?;
                }
            }
        }
    }

    /// Asks one server until the files name another, or other keys.
    async fn ask(
        &mut self,
        mut succession: Succession,
        events: &mpsc::Sender<Event>,
    ) -> Result<Succession, Closed> {
        loop {
            let order = *self.order.borrow_and_update();
            // On the heap, which is free again while nothing is asked.
            let answer = Box::pin(succession.fetch_vaults()).await;
            let next = Instant::now() + self.pace.after_answer(&answer);
            self.tell(answer, next, order, events).await?;
            if self.is_other_server_meant_before(next).await? {
                return Ok(succession);
            }
        }
    }

    async fn tell(
        &self,
        answer: Result<VaultAnswer, FetchError>,
        next: Instant,
        order: u64,
        events: &mpsc::Sender<Event>,
    ) -> Result<(), Closed> {
        let profile = self.profile.clone();
        let event = Event::VaultsAsked { profile, answer, next, order };
        events.send(event).await.map_err(|_| Closed)
    }

    /// Waits until it is time to ask, or somebody orders it. Returns whether the files name another
    /// server or other keys by then.
    async fn is_other_server_meant_before(&mut self, next: Instant) -> Result<bool, Closed> {
        tokio::select! {
            () = sleep_until(next.into()) => Ok(false),
            ordered = self.order.changed() => ordered.map(|()| false).map_err(|_| Closed),
            changed = self.endpoint.changed() => changed.map(|()| true).map_err(|_| Closed),
        }
    }
}

fn following(before: Option<Succession>, client: Client) -> Succession {
    match before {
        Some(before) => before.followed_by(client),
        None => Succession::new(client),
    }
}
