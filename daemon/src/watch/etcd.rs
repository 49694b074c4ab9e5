//! Following the vaults of one profile in etcd.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, watch},
    time::sleep_until,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{
    pace::Pace,
    telling::{Closed, tell},
};
use crate::{
    api::{ClientLimits, FetchError},
    etcd::{EtcdClient, Reading, Watch, WatchEnd},
    event::Event,
    settings::{Etcd, ServerUrl, Verify},
};

/// What following one profile's vaults depends on.
#[derive(Debug)]
pub(crate) struct Following {
    /// Whose vaults.
    pub(crate) profile: Arc<str>,
    /// Where they are.
    pub(crate) etcd: Arc<Etcd>,
    /// How long to wait between readings while nothing happens.
    pub(crate) pace: Pace,
    /// Counts the orders to read at once.
    pub(crate) order: watch::Receiver<u64>,
}

/// Reads until it is told to stop: at each change that the watch tells, and once an interval, which
/// shows that a watch that says nothing has not died unnoticed.
pub(crate) async fn watch_etcd(
    mut following: Following,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
) {
    // Either end closes only when the daemon ends.
    let _ = stop.run_until_cancelled(following.run(&events)).await;
}

impl Following {
    async fn run(&mut self, events: &mpsc::Sender<Event>) -> Result<(), Closed> {
        if self.etcd.verify == Verify::No && self.etcd.endpoints.iter().any(ServerUrl::is_https) {
            warn!(profile = &*self.profile, "the certificates of etcd are not checked");
        }
        let first = Instant::now() + self.pace.first_pause();
        self.sleep_or_obey(first).await?;
        loop {
            // A new client reads certificates anew, which may have been exchanged meanwhile.
            match EtcdClient::new(&self.etcd, ClientLimits::default()) {
                Ok(client) => self.follow(client, events).await?,
                Err(source) => {
                    let order = *self.order.borrow_and_update();
                    let next = Instant::now() + self.pace.after_failure(None);
                    let answer = Err(FetchError::Unasked { host: self.first_host(), source });
                    tell(
                        events,
                        Event::VaultsAsked { profile: self.profile.clone(), answer, next, order },
                    )
                    .await?;
                    // Certificates may come later.
                    self.sleep_or_obey(next).await?;
                }
            }
        }
    }

    /// Returns the member that would be asked first; empty if there is none.
    fn first_host(&self) -> String {
        self.etcd.endpoints.first().map(|url| url.host().to_owned()).unwrap_or_default()
    }

    /// Reads and watches by one client until a reading fails.
    async fn follow(
        &mut self,
        mut client: EtcdClient,
        events: &mpsc::Sender<Event>,
    ) -> Result<(), Closed> {
        let mut watch = None;
        loop {
            let order = *self.order.borrow_and_update();
            let read = client.read().await;
            let revision = read.as_ref().map(|reading| reading.revision).ok();
            let next = Instant::now() + self.pause(&read);
            let answer = read.map(|reading| reading.answer);
            tell(events, Event::VaultsAsked { profile: self.profile.clone(), answer, next, order })
                .await?;
            let Some(revision) = revision else { return self.sleep_or_obey(next).await };
            self.wait(&mut client, &mut watch, revision, next).await?;
        }
    }

    /// Waits until there is a reason to read again. A watch that is lost is one, but not at once: a
    /// member that drops each watch must not make us read without end.
    async fn wait(
        &mut self,
        client: &mut EtcdClient,
        watch: &mut Option<Watch>,
        revision: i64,
        next: Instant,
    ) -> Result<(), Closed> {
        if watch.is_none() {
            *watch = client.watch(revision).await.ok();
        }
        let end = match watch {
            None => Err(WatchEnd::Lost),
            Some(watch) => {
                watch.know(revision);
                tokio::select! {
                    news = watch.next() => news,
                    waited = sleep_or_obey(&mut self.order, next) => {
                        // It has lived as long as it must.
                        self.pace.succeeded();
                        return waited;
                    }
                }
            }
        };
        let Err(end) = end else {
            self.pace.succeeded();
            return Ok(());
        };
        debug!(profile = &*self.profile, ?end, "the watch of etcd ended");
        *watch = None;
        let soon = Instant::now() + self.pace.after_failure(None);
        self.sleep_or_obey(soon.min(next)).await
    }

    /// A reading that goes well says nothing about the watch, whose failures count on.
    fn pause(&mut self, read: &Result<Reading, FetchError>) -> Duration {
        if read.is_ok() { self.pace.interval() } else { self.pace.after_answer(read) }
    }

    async fn sleep_or_obey(&mut self, next: Instant) -> Result<(), Closed> {
        sleep_or_obey(&mut self.order, next).await
    }
}

/// Waits until it is time to read, or somebody orders it.
async fn sleep_or_obey(order: &mut watch::Receiver<u64>, next: Instant) -> Result<(), Closed> {
    tokio::select! {
        () = sleep_until(next.into()) => Ok(()),
        ordered = order.changed() => ordered.map_err(|_| Closed),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{task::JoinSet, time::timeout};

    use super::*;
    use crate::{
        health::{Moment, State},
        publish::{self, samples},
        settings::Profile,
    };

    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn certificates_that_are_not_there_are_told_and_looked_for_again() {
        let mut etcd = Etcd::default();
        etcd.endpoints.push("https://etcd-1.example.com:2379".parse().unwrap());
        etcd.verify = Verify::CaFile("/nowhere/ca.pem".into());
        let (events, mut told) = mpsc::channel(1);
        let (_order, order) = watch::channel(0);
        let (poll_interval, splay) = (Duration::from_millis(20), Duration::ZERO);
        let profile = Profile { poll_interval, splay, ..Profile::default() };
        let health = samples::health(State::Absent, Moment::now());
        let pace = Pace::new(&profile, publish::channel(health).1);
        let following = Following { profile: "default".into(), etcd: Arc::new(etcd), pace, order };
        let mut tasks = JoinSet::new();
        tasks.spawn(watch_etcd(following, events, CancellationToken::new()));
        for _ in 0..2 {
            match timeout(PATIENCE, told.recv()).await {
                Ok(Some(Event::VaultsAsked {
                    answer: Err(FetchError::Unasked { host, .. }),
                    ..
                })) => assert_eq!(host, "etcd-1.example.com:2379"),
                other => panic!("{other:?}"),
            }
        }
    }
}
