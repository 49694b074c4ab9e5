//! Joins the parts to one running daemon; nothing is decided here.

mod memory_relief;
mod openings;
mod serving;
mod summary;
#[cfg(test)]
mod tests;
mod threads;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use self::{
    memory_relief::give_memory_back, openings::Openings, serving::Services, threads::ServingThread,
};
use crate::{
    ambient::Ambient,
    event::Event,
    log::{self, Guard},
    publish::Subscriber,
    reload::{Ends, Reload},
    serve::{self, ConfigService, CredentialService, SocketError},
    settings::{Settings, VaultSource},
    shutdown::stop_at_signal,
    systemd::{Notifier, PassedSocketError, Watchdog, feed_watchdog},
    watch::{
        Following, Names, Pace, Polling, watch_etcd, watch_files, watch_signals, watch_vaults,
    },
};

/// Events that may wait until the writer has time; watchers wait when there are more.
const INBOX: usize = 64;
/// How long the parts may take to end after the sessions have.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// What is said once the daemon serves.
#[derive(Debug)]
pub struct Serving<'a> {
    /// Where readers ask.
    pub socket: &'a Path,
    /// One line for a person: the profiles, how many keys each has, and from where.
    pub summary: &'a str,
}

/// Why the daemon did not start, or ended although nobody told it to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The socket cannot be opened.
    #[error("cannot serve")]
    Socket(#[from] SocketError),
    /// What systemd passed cannot be served on.
    #[error("cannot serve on what systemd passed")]
    PassedSocket(#[from] PassedSocketError),
    /// The system does not give what every program needs.
    #[error("the system refuses what the daemon needs")]
    System(#[from] io::Error),
    /// A part ended by itself: a fault of ours.
    #[error("the part that {0} ended by itself: a fault of this program")]
    PartEnded(&'static str),
}

/// Runs the daemon until SIGTERM or SIGINT ends it.
///
/// `announce` is called once, when the first answers are there and the socket is open.
///
/// # Errors
/// The socket cannot be opened, or a part of the daemon broke.
pub fn run(
    settings: &Settings,
    ambient: &Ambient,
    announce: impl FnOnce(&Serving<'_>) + Send,
) -> Result<(), RunError> {
    let guard = log::start(settings.log, ambient);
    let stop = CancellationToken::new();
    let open = || Openings::new(settings, ambient);
    threads::run(&stop, open, |runtime, serving_thread, readers_path| {
        let outcome = runtime.block_on(async {
            let mut daemon = Daemon::start(settings, ambient, &serving_thread, guard, &stop);
            daemon.announce(&readers_path, announce).await;
            daemon.start_watchdog(ambient, readers_path);
            daemon.run(settings.drain_timeout).await
        });
        // A file system that hangs must not keep us from ending.
        runtime.shutdown_background();
        outcome
    })
}

/// The parts, running.
struct Daemon {
    /// Each part tells at its end what it was for.
    parts: JoinSet<io::Result<&'static str>>,
    subscribers: BTreeMap<Arc<str>, Subscriber>,
    notifier: Notifier,
    stop: CancellationToken,
}

impl Daemon {
    fn start(
        settings: &Settings,
        ambient: &Ambient,
        serving_thread: &ServingThread,
        guard: Guard,
        stop: &CancellationToken,
    ) -> Self {
        let (reload, ends) = Reload::new(settings, ambient);
        let told = ends.told.clone();
        let mut daemon = Self {
            parts: JoinSet::new(),
            subscribers: ends.subscribers.clone(),
            notifier: Notifier::new(ambient),
            stop: stop.clone(),
        };
        let (events, inbox) = mpsc::channel(INBOX);
        let learning =
            teach(guard, ends.told.clone(), ends.subscribers.clone(), daemon.stop.clone());
        daemon.start_part("teaches the log what is secret", learning);
        daemon.start_watching(ends, &events, settings);
        let writing = reload.run(inbox, daemon.stop.clone());
        daemon.start_part("makes answers", writing);
        let rush_over = daemon.start_serving(settings, serving_thread, events);
        let resting = give_memory_back(told, rush_over, daemon.stop.clone());
        daemon.start_part("gives memory back", resting);
        let stopping = stop_at_signal(daemon.stop.clone());
        daemon.start_part_that_may_fail("waits for the order to stop", stopping);
        daemon
    }

    /// Starts all that say when to look again.
    fn start_watching(&mut self, ends: Ends, events: &mpsc::Sender<Event>, settings: &Settings) {
        for (name, profile) in &settings.profiles {
            let Some(subscriber) = ends.subscribers.get(name.as_str()) else { continue };
            let (pace, order) = (Pace::new(profile, subscriber.clone()), ends.order.clone());
            let (events, stop) = (events.clone(), self.stop.clone());
            let endpoint = ends.endpoints.get(name.as_str()).cloned();
            let name: Arc<str> = name.as_str().into();
            if let VaultSource::Etcd(etcd) = &profile.sources.vaults {
                let following = Following { profile: name, etcd: etcd.clone(), pace, order };
                self.start_part("follows etcd", watch_etcd(following, events, stop));
            } else if let Some(endpoint) = endpoint {
                let wants_names = profile.redaction.user_names;
                let names = if wants_names { Names::Unknown } else { Names::Unwanted };
                let polling = Polling { profile: name, pace, endpoint, order, names };
                self.start_part("asks for vaults", watch_vaults(polling, events, stop));
            }
        }
        let watching = watch_files(ends.paths, events.clone(), self.stop.clone());
        self.start_part("watches files", watching);
        let (notifier, stop) = (self.notifier.clone(), self.stop.clone());
        self.start_part_that_may_fail(
            "waits for SIGHUP",
            watch_signals(events.clone(), notifier, stop),
        );
        let told = tell_systemd(
            ends.told,
            self.subscribers.clone(),
            self.notifier.clone(),
            self.stop.clone(),
        );
        self.start_part("tells systemd", told);
    }

    /// Starts all that answers. Returns what is told when a rush of readers is over.
    fn start_serving(
        &mut self,
        settings: &Settings,
        serving_thread: &ServingThread,
        events: mpsc::Sender<Event>,
    ) -> Arc<Notify> {
        let profiles = settings.profiles.iter();
        let rules = profiles
            .map(|(name, profile)| (name.as_str().into(), profile.access.clone()))
            .collect();
        let (subscribers, stop) = (self.subscribers.clone(), self.stop.clone());
        let services = Services {
            readers: ConfigService::new(
                subscribers.clone(),
                rules,
                settings.max_watchers,
                stop.clone(),
            ),
            administrators: ConfigService::of_administrators(
                subscribers.clone(),
                events,
                stop.clone(),
            ),
            credentials: CredentialService::new(settings, &subscribers, stop.clone()),
            clocks: Default::default(),
            drain_timeout: settings.drain_timeout,
        };
        let rush_over = services.readers.rush_over();
        for clock in services.clocks.clone() {
            self.start_part("keeps the time", serve::keep_time(clock, stop.clone()));
        }
        self.start_part_that_may_fail("serves", serving_thread.serve(services));
        rush_over
    }

    /// Starts telling systemd that we live, if it wants to hear that.
    fn start_watchdog(&mut self, ambient: &Ambient, socket: PathBuf) {
        if let Some(patience) = Watchdog::patience(ambient) {
            let watchdog = Watchdog { patience, socket, subscribers: self.subscribers.clone() };
            let feeding = feed_watchdog(watchdog, self.notifier.clone(), self.stop.clone());
            self.start_part("feeds the watchdog", feeding);
        }
    }

    fn start_part(
        &mut self,
        what_for: &'static str,
        part: impl Future<Output = ()> + Send + 'static,
    ) {
        self.parts.spawn(async move {
            part.await;
            Ok(what_for)
        });
    }

    fn start_part_that_may_fail(
        &mut self,
        what_for: &'static str,
        part: impl Future<Output = io::Result<()>> + Send + 'static,
    ) {
        self.parts.spawn(async move { part.await.map(|()| what_for) });
    }

    /// Waits for the first answer of each profile, then says that we serve.
    async fn announce(&self, socket: &Path, announce: impl FnOnce(&Serving<'_>)) {
        for subscriber in self.subscribers.values() {
            let first = self.stop.run_until_cancelled(subscriber.first_answer()).await;
            if first.is_none() {
                return;
            }
        }
        self.notifier.ready();
        announce(&Serving { socket, summary: &summary::of(&self.subscribers, socket) });
    }

    /// Runs until the order to stop comes, then ends all parts.
    async fn run(mut self, drain_timeout: Duration) -> Result<(), RunError> {
        let outcome = self.first_end().await;
        self.notifier.stopping();
        self.stop.cancel();
        let ended = timeout(drain_timeout + LAST_WAIT, async {
            while self.parts.join_next().await.is_some() {}
        });
        // Whatever has not ended by now ends with the process.
        let _ = ended.await;
        outcome
    }

    /// Returns when the order to stop came, or a part ended without it.
    async fn first_end(&mut self) -> Result<(), RunError> {
        let ended = self.parts.join_next().await;
        if self.stop.is_cancelled() {
            return Ok(());
        }
        match ended {
            Some(Ok(Ok(what_for))) => Err(RunError::PartEnded(what_for)),
            Some(Ok(Err(error))) => Err(RunError::System(error)),
            Some(Err(_)) | None => Err(RunError::PartEnded("panicked")),
        }
    }
}

/// Teaches the log the secrets of the present answers, whenever there are others.
async fn teach(
    guard: Guard,
    mut told: watch::Receiver<()>,
    subscribers: BTreeMap<Arc<str>, Subscriber>,
    stop: CancellationToken,
) {
    while let Some(Ok(())) = stop.run_until_cancelled(told.changed()).await {
        let published = subscribers.values().filter_map(Subscriber::published);
        guard.learn(published.map(|published| published.redactor.clone()));
    }
}

/// Tells systemd how we are, whenever that changes.
async fn tell_systemd(
    mut told: watch::Receiver<()>,
    subscribers: BTreeMap<Arc<str>, Subscriber>,
    notifier: Notifier,
    stop: CancellationToken,
) {
    let mut last = String::new();
    while let Some(Ok(())) = stop.run_until_cancelled(told.changed()).await {
        let line = summary::states(&subscribers);
        if line != last {
            notifier.status(&line);
            last = line;
        }
    }
}
