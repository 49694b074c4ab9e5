//! What all sessions share: the answers, who may read them, and since when.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use hyper::StatusCode;
use nix::unistd::geteuid;
use resolver::Reveal;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::{
    header_templates::HeaderTemplates,
    metrics::{Connections, Metrics},
    part::read_path,
    peer::{Peer, Permission, ReadersGroup},
    permissions::{Permissions, Rules},
    problem::Refusal,
    reply::Reply,
    timers::Timers,
    watcher_slots::WatcherSlots,
};
use crate::{
    event::Event,
    health::Moment,
    publish::Subscriber,
    settings::{Access, AccessRules, Subject},
};

/// The profile that is meant where there are several and none is named.
const DEFAULT_PROFILE: &str = "default";
/// Peers whose permission is remembered, so that the log says it once; beyond, it starts over.
const MAX_KNOWN_PEERS: usize = 4096;

/// Administrators who may wait for changes: as many as may connect.
const FEW_WATCHERS: usize = 16;

/// What all sessions share.
#[derive(Debug)]
pub(crate) struct ConfigService {
    /// The answers by profile.
    pub(super) subscribers: BTreeMap<Arc<str>, Subscriber>,
    /// Who may read what.
    pub(super) rules: Rules,
    pub(super) readers: ReadersGroup,
    /// Where orders go; `None` where none are taken.
    pub(super) orders: Option<mpsc::Sender<Event>>,
    /// Cancelled when it is time to end.
    pub(super) stop: CancellationToken,
    /// What becomes of connections.
    pub(super) connections: Arc<Connections>,
    /// Told whenever a rush of connections is over.
    pub(super) rush_over: Arc<Notify>,
    /// What monitors ask for.
    pub(super) metrics: Metrics,
    /// Who may wait for changes.
    pub(super) watcher_slots: WatcherSlots,
    /// What waiting takes.
    pub(super) timers: Timers,
    /// The headers of answers.
    pub(super) header_templates: HeaderTemplates,
    /// Since when we serve.
    pub(super) since: Moment,
    /// The peers whose permissions the log was told.
    known_peers: Mutex<BTreeSet<(u32, Cow<'static, str>)>>,
}

impl ConfigService {
    /// Returns the service of readers, whose time is that of the runtime we are called on.
    pub(crate) fn new(
        subscribers: BTreeMap<Arc<str>, Subscriber>,
        rules: BTreeMap<Arc<str>, AccessRules>,
        max_watchers: usize,
        stop: CancellationToken,
    ) -> Self {
        let connections: Arc<Connections> = Arc::default();
        Self {
            metrics: Metrics::new(subscribers.clone(), connections.clone()),
            subscribers,
            rules: Rules::new(rules),
            readers: ReadersGroup::default(),
            orders: None,
            stop,
            connections,
            rush_over: Arc::default(),
            watcher_slots: WatcherSlots::new(max_watchers),
            timers: Timers::of_this_runtime(),
            header_templates: HeaderTemplates::default(),
            since: Moment::now(),
            known_peers: Mutex::default(),
        }
    }

    /// Returns the service of administrators, who are the user of this process and root.
    pub(crate) fn of_administrators(
        subscribers: BTreeMap<Arc<str>, Subscriber>,
        orders: mpsc::Sender<Event>,
        stop: CancellationToken,
    ) -> Self {
        let administrators = [0, geteuid().as_raw()].map(Subject::User).to_vec();
        let whole = Access { secrets: administrators, redacted: Vec::new() };
        let rules = AccessRules { whole, parts: Vec::new() };
        let rules = subscribers.keys().map(|profile| (profile.clone(), rules.clone())).collect();
        Self { orders: Some(orders), ..Self::new(subscribers, rules, FEW_WATCHERS, stop) }
    }

    /// Returns what is told whenever a rush of connections is over.
    pub(crate) fn rush_over(&self) -> Arc<Notify> {
        self.rush_over.clone()
    }

    /// Returns the profile that is meant, and what lets the peer see its secrets, if anything does.
    ///
    /// # Errors
    /// There is no such profile, the path is none, or the peer may not see what is there.
    pub(super) fn permit(
        &self,
        permissions: &Permissions,
        profile: Option<&str>,
        path: &str,
    ) -> Result<(&Subscriber, Option<Reveal>), Refusal> {
        let (name, subscriber) = self.meant(profile)?;
        let permission = permissions.of(name, || read_path(path))?;
        let reveal = permission.may_read().ok_or_else(|| forbidden(permissions, name))?;
        Ok((subscriber, reveal))
    }

    /// Returns the profile that is meant, if the peer may see any part of it.
    ///
    /// # Errors
    /// There is no such profile, or the peer may see nothing of it.
    pub(super) fn permit_any(
        &self,
        permissions: &Permissions,
        profile: Option<&str>,
    ) -> Result<&Subscriber, Refusal> {
        let (name, subscriber) = self.meant(profile)?;
        permissions.best_of(name).may_read().ok_or_else(|| forbidden(permissions, name))?;
        Ok(subscriber)
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

    /// Says no, without any secret that is known: of any profile, as the one who asks may have meant
    /// another.
    pub(super) fn refuse(&self, refusal: Refusal) -> Reply {
        let known: Vec<_> = self.subscribers.values().filter_map(Subscriber::published).collect();
        let mask = |text: &str| {
            known.iter().fold(text.to_owned(), |text, published| published.redactor.mask(&text))
        };
        refusal.masked(mask).into()
    }

    /// Tells the log what a user may see, once.
    pub(super) fn note_permissions(&self, peer: &Peer, permissions: &Permissions) {
        let told = permissions.told();
        let mut known = self.known_peers.lock().unwrap_or_else(PoisonError::into_inner);
        let told = (peer.user_id, told);
        if known.contains(&told) {
            return;
        }
        if known.len() >= MAX_KNOWN_PEERS {
            known.clear();
        }
        let (user_id, process_id, permission) = (peer.user_id, peer.process_id, &*told.1);
        info!(user_id, process_id, permission, "a user asks");
        known.insert(told);
    }
}

/// Says that a peer may not see what it asked for.
pub(super) fn forbidden(permissions: &Permissions, profile: &str) -> Refusal {
    let detail = "your user may not read this";
    let parts: Vec<_> =
        permissions.parts_seen(profile).iter().map(|path| format!("`{path}`")).collect();
    let hint = match (permissions.best_of(profile), &parts[..]) {
        (Permission::Nothing, _) | (_, []) => {
            "ask its owner to add you to the group `clearml-resolver`".to_owned()
        }
        (_, parts) => {
            format!("there are rules of their own for {}: ask for less", parts.join(", "))
        }
    };
    Refusal::new(StatusCode::FORBIDDEN, detail).with_hint(hint)
}
