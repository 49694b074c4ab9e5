//! What all sessions share: the answers, who may read them, and since when.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use hyper::StatusCode;
use nix::unistd::geteuid;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::{
    metrics::{Connections, Metrics},
    peer::{Peer, Sight},
    problem::Refusal,
};
use crate::{
    event::Event,
    health::Moment,
    publish::Subscriber,
    settings::{Access, Subject},
};

/// The profile that is meant where there are several and none is named.
const DEFAULT_PROFILE: &str = "default";
/// Peers whose sight is remembered, so that the log says it once; beyond, it starts over.
const MAX_KNOWN_PEERS: usize = 4096;

/// What all sessions share.
#[derive(Debug)]
pub(crate) struct Desk {
    /// The answers by profile.
    pub(super) subscribers: BTreeMap<Arc<str>, Subscriber>,
    /// Who may read.
    pub(super) access: Access,
    /// Where orders go; `None` where none are taken.
    pub(super) orders: Option<mpsc::Sender<Event>>,
    /// Cancelled when it is time to end.
    pub(super) stop: CancellationToken,
    /// What becomes of connections.
    pub(super) connections: Arc<Connections>,
    /// What monitors ask for.
    pub(super) metrics: Metrics,
    /// Since when we serve.
    pub(super) since: Moment,
    /// The peers whose sight the log was told.
    known_peers: Mutex<BTreeSet<(u32, &'static str)>>,
}

impl Desk {
    /// Returns the desk of readers.
    pub(crate) fn new(
        subscribers: BTreeMap<Arc<str>, Subscriber>,
        access: Access,
        stop: CancellationToken,
    ) -> Self {
        let connections: Arc<Connections> = Arc::default();
        Self {
            metrics: Metrics::new(subscribers.clone(), connections.clone()),
            subscribers,
            access,
            orders: None,
            stop,
            connections,
            since: Moment::now(),
            known_peers: Mutex::default(),
        }
    }

    /// Returns the desk of administrators, who are the user of this process and root.
    pub(crate) fn of_administrators(
        subscribers: BTreeMap<Arc<str>, Subscriber>,
        orders: mpsc::Sender<Event>,
        stop: CancellationToken,
    ) -> Self {
        let administrators = [0, geteuid().as_raw()].map(Subject::User).to_vec();
        let access = Access { secrets: administrators, redacted: Vec::new() };
        Self { orders: Some(orders), ..Self::new(subscribers, access, stop) }
    }

    /// Returns the profile that is meant: the one named, the only one, or `default`.
    pub(super) fn subscriber(&self, profile: Option<&str>) -> Result<&Subscriber, Refusal> {
        self.meant(profile).map(|(_, subscriber)| subscriber)
    }

    /// Returns the name of the profile that is meant.
    pub(super) fn profile_name(&self, profile: Option<&str>) -> Result<Arc<str>, Refusal> {
        self.meant(profile).map(|(name, _)| name.clone())
    }

    fn meant(&self, profile: Option<&str>) -> Result<(&Arc<str>, &Subscriber), Refusal> {
        let found = match (profile, self.subscribers.len()) {
            (Some(name), _) => self.subscribers.get_key_value(name),
            (None, 1) => self.subscribers.iter().next(),
            (None, _) => self.subscribers.get_key_value(DEFAULT_PROFILE),
        };
        found.ok_or_else(|| {
            let names: Vec<_> = self.subscribers.keys().map(|name| format!("`{name}`")).collect();
            let detail = match profile {
                Some(name) => format!("there is no profile `{}`", name.escape_debug()),
                None => "no profile is named, and there are several".into(),
            };
            Refusal::new(StatusCode::NOT_FOUND, detail)
                .with_hint(format!("add `profile=` with one of {}", names.join(", ")))
        })
    }

    /// Tells the log what a user may see, once.
    pub(super) fn note_sight(&self, peer: &Peer, sight: Sight) {
        let mut known = self.known_peers.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MAX_KNOWN_PEERS {
            known.clear();
        }
        if !known.insert((peer.user_id, sight.name())) {
            return;
        }
        let (user_id, process_id, sight) = (peer.user_id, peer.process_id, sight.name());
        info!(user_id, process_id, sight, "a user asks");
    }
}
