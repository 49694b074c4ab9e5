//! Asking the API server of one profile for what it keeps, again and again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, watch},
    time::sleep_until,
};
use tokio_util::sync::CancellationToken;

use super::{
    pace::Pace,
    telling::{Closed, tell},
};
use crate::{
    api::{Client, ClientLimits, Endpoint, FetchError, Succession},
    event::Event,
};

/// How long the names that a user hides count as known: people change them a few times in a life.
const NAMES_INTERVAL: Duration = Duration::from_secs(10 * 60);

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
    /// The names that the user hides.
    pub(crate) names: Names,
}

/// What is known of the names that a user hides in the web application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Nobody wants to know them.
    Unwanted,
    /// Nothing.
    Unknown,
    /// They were asked for; that counts until then, and until an order above this one.
    Known { until: Instant, order: u64 },
}

impl Names {
    /// Notes that another user's may be meant now.
    fn forget(&mut self) {
        if let Self::Known { .. } = self {
            *self = Self::Unknown;
        }
    }

    fn are_due(self, order: u64, now: Instant) -> bool {
        match self {
            Self::Unwanted => false,
            Self::Unknown => true,
            Self::Known { until, order: obeyed } => until <= now || obeyed < order,
        }
    }
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
                    self.names.forget();
                }
                Err(source) => {
                    let host = endpoint.url().host().to_owned();
                    let order = *self.order.borrow_and_update();
                    let next = Instant::now() + self.pace.after_failure(None);
                    let answer = Err(FetchError::Unasked { host, source });
                    tell(
                        events,
                        Event::VaultsAsked { profile: self.profile.clone(), answer, next, order },
                    )
                    .await?;
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
            // Before the vaults are told: nobody is to see a value that is about to be hidden.
            self.ask_for_names(&mut succession, order, events).await?;
            let next = Instant::now() + self.pace.after_answer(&answer);
            tell(events, Event::VaultsAsked { profile: self.profile.clone(), answer, next, order })
                .await?;
            if self.is_other_server_meant_before(next).await? {
                return Ok(succession);
            }
        }
    }

    /// Asks for the names that the user hides, if that is due. What fails is asked again with the
    /// next vaults.
    async fn ask_for_names(
        &mut self,
        succession: &mut Succession,
        order: u64,
        events: &mpsc::Sender<Event>,
    ) -> Result<(), Closed> {
        if !self.names.are_due(order, Instant::now()) {
            return Ok(());
        }
        let Some(answer) = Box::pin(succession.fetch_names()).await else { return Ok(()) };
        if answer.is_ok() {
            self.names = Names::Known { until: Instant::now() + NAMES_INTERVAL, order };
        }
        tell(events, Event::NamesAsked { profile: self.profile.clone(), answer }).await
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{task::JoinSet, time::timeout};

    use super::*;
    use crate::{
        ambient::Ambient,
        api::VaultAnswer,
        dev::ApiServer,
        health::{Moment, State},
        publish::{self, samples},
        settings::{Profile, Server, Verify},
    };

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Polling of one server, whose endpoint a test exchanges.
    struct Fixture {
        endpoint: watch::Sender<Option<Arc<Endpoint>>>,
        events: mpsc::Receiver<Event>,
        order: watch::Sender<u64>,
        _tasks: JoinSet<()>,
    }

    impl Fixture {
        fn start(endpoint: Endpoint, names: Names) -> Self {
            let (endpoint, endpoint_end) = watch::channel(Some(Arc::new(endpoint)));
            let (order, order_end) = watch::channel(0);
            let (events, events_end) = mpsc::channel(1);
            let health = samples::health(State::Stale, Moment::now());
            let poll_interval = Duration::from_millis(20);
            let profile = Profile { poll_interval, splay: Duration::ZERO, ..Profile::default() };
            let polling = Polling {
                profile: "default".into(),
                pace: Pace::new(&profile, publish::channel(health).1),
                endpoint: endpoint_end,
                order: order_end,
                names,
            };
            let mut tasks = JoinSet::new();
            tasks.spawn(watch_vaults(polling, events, CancellationToken::new()));
            Self { endpoint, events: events_end, order, _tasks: tasks }
        }

        /// Returns the next answer with vaults.
        async fn next(&mut self) -> Result<VaultAnswer, FetchError> {
            loop {
                match timeout(PATIENCE, self.events.recv()).await {
                    Ok(Some(Event::VaultsAsked { answer, .. })) => return answer,
                    Ok(Some(Event::NamesAsked { .. })) => {}
                    other => panic!("{other:?}"),
                }
            }
        }

        /// Returns what comes before the next `vaults` answers with vaults, and those.
        async fn kinds(&mut self, vaults: usize) -> Vec<&'static str> {
            let mut kinds = Vec::new();
            while kinds.iter().filter(|kind| **kind == "vaults").count() < vaults {
                kinds.push(match timeout(PATIENCE, self.events.recv()).await {
                    Ok(Some(Event::VaultsAsked { .. })) => "vaults",
                    Ok(Some(Event::NamesAsked { .. })) => "names",
                    other => panic!("{other:?}"),
                });
            }
            kinds
        }
    }

    fn endpoint(server: &ApiServer, secret_key: &str, verify: Verify) -> Endpoint {
        let url = server.url().to_string();
        // Certificates matter to https alone; what answers there does not.
        let url = if verify == Verify::Yes { url } else { url.replace("http:", "https:") };
        let settings = Server {
            url: Some(url.parse().unwrap()),
            access_key: Some("k".into()),
            secret_key: Some(secret_key.into()),
            verify: Some(verify),
            worker: "node".into(),
            ..Server::default()
        };
        let none = samples::snapshot("");
        Endpoint::complete(&settings, &none, &Ambient::of_variables(&[])).unwrap()
    }

    #[tokio::test]
    async fn a_server_that_cannot_be_asked_is_told_and_tried_again() {
        let server = ApiServer::start().unwrap();
        let _known = server.allow("k", "s");
        let missing = Verify::CaFile("/nowhere/ca.pem".into());
        let mut fixture = Fixture::start(endpoint(&server, "s", missing), Names::Unwanted);
        for _ in 0..2 {
            let error = fixture.next().await.unwrap_err();
            assert!(matches!(error, FetchError::Unasked { .. }), "{error:?}");
        }
        fixture.endpoint.send_replace(Some(Arc::new(endpoint(&server, "s", Verify::Yes))));
        timeout(PATIENCE, async { while fixture.next().await.is_err() {} }).await.unwrap();
    }

    #[tokio::test]
    async fn keys_that_are_exchanged_leave_no_gap() {
        let server = ApiServer::start().unwrap();
        let _known = server.allow("k", "old");
        let mut fixture = Fixture::start(endpoint(&server, "old", Verify::Yes), Names::Unwanted);
        assert_eq!(fixture.next().await.unwrap().warning, None);
        fixture.endpoint.send_replace(Some(Arc::new(endpoint(&server, "new", Verify::Yes))));
        let warned = async { while fixture.next().await.unwrap().warning.is_none() {} };
        timeout(PATIENCE, warned).await.unwrap();
        let _known = server.allow("k", "new");
        let worked = async { while fixture.next().await.unwrap().warning.is_some() {} };
        timeout(PATIENCE, worked).await.unwrap();
    }

    #[tokio::test]
    async fn names_come_before_the_vaults_and_seldom() {
        let server = ApiServer::start().unwrap();
        let _known = server.allow("k", "s");
        let mut fixture = Fixture::start(endpoint(&server, "s", Verify::Yes), Names::Unknown);
        assert_eq!(fixture.kinds(3).await, ["names", "vaults", "vaults", "vaults"]);
        fixture.order.send_modify(|order| *order += 1);
        let ordered = async { while fixture.kinds(1).await != ["names", "vaults"] {} };
        timeout(PATIENCE, ordered).await.unwrap();
    }

    #[tokio::test]
    async fn names_that_nobody_wants_are_never_asked_for() {
        let server = ApiServer::start().unwrap();
        let _known = server.allow("k", "s");
        let mut fixture = Fixture::start(endpoint(&server, "s", Verify::Yes), Names::Unwanted);
        fixture.order.send_modify(|order| *order += 1);
        assert_eq!(fixture.kinds(3).await, ["vaults"; 3]);
        assert_eq!(server.count("users.get_preferences"), 0);
    }
}
