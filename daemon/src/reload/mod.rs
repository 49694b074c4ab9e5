//! Events in, answers out: the only writer.

mod answers;
mod file_layers;
mod keeping;
mod profile;
mod recipe;
mod said;
#[cfg(test)]
mod tests;
mod user_names;
mod vault_layers;
mod vault_tier;
mod work;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use resolver::SourceIds;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::spawn_blocking,
    time::sleep_until,
};
use tokio_util::sync::CancellationToken;

use self::{keeping::Sealing, profile::Keeper};
use crate::{
    ambient::Ambient, api::Endpoint, event::Event, health::Moment, publish::Subscriber,
    settings::Settings,
};

/// How long the first answer waits for a server that says nothing. Whoever asks in the meantime
/// waits as long; then the files alone are served, and the state says so.
const FIRST_ANSWER_WAIT: Duration = Duration::from_secs(5);

/// The writer of all profiles' answers.
#[derive(Debug)]
pub(crate) struct Reload {
    keepers: BTreeMap<Arc<str>, Keeper>,
    ids: Arc<Mutex<SourceIds>>,
    started: Moment,
    paths: watch::Sender<Arc<BTreeSet<PathBuf>>>,
    order: watch::Sender<u64>,
    told: watch::Sender<()>,
    pending: Vec<Pending>,
}

/// Somebody who waits until everything has been read and asked again.
#[derive(Debug)]
struct Pending {
    order: u64,
    /// The profiles whose server has not been asked yet.
    profiles: BTreeSet<Arc<str>>,
    done: oneshot::Sender<bool>,
}

/// What the other tasks hold of the writer.
#[derive(Debug)]
pub(crate) struct Ends {
    /// For each profile, where its answers come out.
    pub(crate) subscribers: BTreeMap<Arc<str>, Subscriber>,
    /// For each profile that may ask an API server, which one.
    pub(crate) endpoints: BTreeMap<Arc<str>, watch::Receiver<Option<Arc<Endpoint>>>>,
    /// All files and folders that an answer depends on.
    pub(crate) paths: watch::Receiver<Arc<BTreeSet<PathBuf>>>,
    /// Counts the orders to ask the servers at once.
    pub(crate) order: watch::Receiver<u64>,
    /// Changes whenever an answer or a source's health may have.
    pub(crate) told: watch::Receiver<()>,
}

impl Reload {
    /// Returns a writer that has read nothing yet, and what the other tasks need of it.
    pub(crate) fn new(settings: &Settings, ambient: &Ambient) -> (Self, Ends) {
        let started = Moment::now();
        let (paths, paths_end) = watch::channel(Arc::default());
        let (order, order_end) = watch::channel(0);
        let (told, told_end) = watch::channel(());
        let ambient = Arc::new(ambient.clone());
        let sealing = Sealing::open(settings.state.as_ref(), ambient.user_id);
        let mut keepers = BTreeMap::new();
        let (mut subscribers, mut endpoints) = (BTreeMap::new(), BTreeMap::new());
        for (name, profile) in &settings.profiles {
            let name: Arc<str> = name.as_str().into();
            let keeping = sealing.keeping(&name, profile);
            let (keeper, ends) =
                Keeper::new(name.clone(), settings, profile, &ambient, keeping, started);
            keepers.insert(name.clone(), keeper);
            subscribers.insert(name.clone(), ends.subscriber);
            endpoints.extend(ends.endpoint.map(|endpoint| (name, endpoint)));
        }
        let ids = Arc::default();
        let reload = Self { keepers, ids, started, paths, order, told, pending: Vec::new() };
        let (paths, order, told) = (paths_end, order_end, told_end);
        (reload, Ends { subscribers, endpoints, paths, order, told })
    }

    /// Takes events until it is told to stop.
    pub(crate) async fn run(mut self, mut inbox: mpsc::Receiver<Event>, stop: CancellationToken) {
        loop {
            self.renew().await;
            tokio::select! {
                event = inbox.recv() => match event {
                    Some(event) => self.note(event, Moment::now()),
                    None => return,
                },
                () = until(self.deadline()) => {}
                () = stop.cancelled() => return,
            }
            while let Ok(event) = inbox.try_recv() {
                self.note(event, Moment::now());
            }
            self.tick(Moment::now());
        }
    }

    /// Notes what an event changes; nothing is made yet.
    fn note(&mut self, event: Event, now: Moment) {
        match event {
            Event::FilesChanged => self.keepers.values_mut().for_each(Keeper::read_again),
            Event::VaultsAsked { profile, answer, next, order } => {
                if let Some(keeper) = self.keepers.get_mut(&profile) {
                    keeper.asked(answer, next, now);
                }
                for pending in &mut self.pending {
                    if pending.order <= order {
                        pending.profiles.remove(&profile);
                    }
                }
            }
            Event::NamesAsked { profile, answer } => {
                if let Some(keeper) = self.keepers.get_mut(&profile) {
                    keeper.names_asked(answer);
                }
            }
            Event::ReloadAsked { done } => self.reload_all(done),
            Event::EmptyAcknowledged { profile, done } => {
                self.obey(&profile, done, |keeper| keeper.acknowledge_empty(now));
            }
            Event::PinAsked { profile, digest, reveal, done } => {
                self.obey(&profile, done, |keeper| keeper.pin(&digest, reveal));
            }
            Event::UnpinAsked { profile, done } => self.obey(&profile, done, Keeper::unpin),
        }
    }

    /// Does what an administrator asks for, and says whether there was anything to do.
    fn obey(
        &mut self,
        profile: &str,
        done: oneshot::Sender<bool>,
        order: impl FnOnce(&mut Keeper) -> bool,
    ) {
        let was_done = self.keepers.get_mut(profile).is_some_and(order);
        // Whoever asked may be gone.
        let _ = done.send(was_done);
    }

    fn reload_all(&mut self, done: oneshot::Sender<bool>) {
        self.keepers.values_mut().for_each(Keeper::read_again);
        self.order.send_modify(|order| *order += 1);
        let asking = self.keepers.iter().filter(|(_, keeper)| keeper.asks_a_server());
        let profiles = asking.map(|(name, _)| name.clone()).collect();
        self.pending.push(Pending { order: *self.order.borrow(), profiles, done });
    }

    fn tick(&mut self, now: Moment) {
        let waited = now.instant.saturating_duration_since(self.started.instant);
        for keeper in self.keepers.values_mut() {
            keeper.tick(waited >= FIRST_ANSWER_WAIT, now);
        }
    }

    /// Returns when [`Self::tick`] changes something.
    fn deadline(&self) -> Option<Instant> {
        let first_answer = self.started.instant + FIRST_ANSWER_WAIT;
        self.keepers.values().filter_map(|keeper| keeper.deadline(first_answer)).min()
    }

    /// Makes and publishes all answers that may have changed.
    async fn renew(&mut self) {
        self.work_off().await;
        // What all answers have left for later: to keep vaults on disk.
        self.work_off().await;
        self.publish_paths();
        self.told.send_replace(());
        self.tell_the_waiting();
    }

    /// Does one piece of work of each profile that has some.
    async fn work_off(&mut self) {
        for keeper in self.keepers.values_mut() {
            let Some(task) = keeper.task(self.ids.clone()) else { continue };
            let now = Moment::now();
            // Reading and merging take longer than a question may wait for its turn.
            match spawn_blocking(move || task.run(now)).await {
                Ok(done) => keeper.finish(done),
                Err(error) => keeper.failed(&error),
            }
        }
    }

    fn publish_paths(&self) {
        let mut paths = BTreeSet::new();
        self.keepers.values().for_each(|keeper| paths.extend(keeper.paths()));
        self.paths.send_if_modified(|there| {
            let differ = **there != paths;
            if differ {
                *there = Arc::new(paths);
            }
            differ
        });
    }

    fn tell_the_waiting(&mut self) {
        for pending in self.pending.extract_if(.., |pending| pending.profiles.is_empty()) {
            // Whoever asked may be gone.
            let _ = pending.done.send(true);
        }
    }
}

/// Sleeps until a moment, or for ever.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}
