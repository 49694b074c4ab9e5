//! Events in, answers out: what is served while files and vaults change, break and come back.

mod faults;
mod files;
mod keeping;
mod names;
mod orders;
mod vaults;

use std::{fs, path::Path};

use resolver::{Format, KeyPath, Limits, Mode, Reveal, Scope};
use tempfile::TempDir;
use tokio::{task::JoinSet, time::timeout};

use super::*;
use crate::{
    api::{FetchError, Quarantine, Vault, VaultAnswer, VaultKind, VaultList},
    health::{Health, State},
    publish::Answer,
    settings::{
        ConfigFile, KeyPlace, LogFormat, Presence, Profile, Server, ServerUrl, Sources,
        StateSettings, VaultSource,
    },
};

/// Longer than anything here takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(20);
const PROFILE: &str = "default";

/// A writer at work, with one profile over one file.
struct Fixture {
    folder: TempDir,
    events: mpsc::Sender<Event>,
    subscriber: Subscriber,
    ends: Ends,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Fixture {
    /// Starts the writer. The file is `base.conf`, with this text.
    fn start(text: &str, change: impl FnOnce(&Path, &mut Profile)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("base.conf"), text).unwrap();
        Self::start_in(folder, None, change)
    }

    /// Starts the writer over the file that is there, keeping vaults as `state` says.
    fn start_in(
        folder: TempDir,
        state: Option<StateSettings>,
        change: impl FnOnce(&Path, &mut Profile),
    ) -> Self {
        let base = folder.path().join("base.conf");
        let file = ConfigFile { path: base, presence: Presence::Optional };
        let mut profile = Profile {
            sources: Sources { files: vec![file], ..Sources::default() },
            ..Profile::default()
        };
        change(folder.path(), &mut profile);
        let settings = Settings {
            profiles: BTreeMap::from([(PROFILE.to_owned(), profile)]),
            socket: folder.path().join("s"),
            admin_socket: None,
            state,
            credential_socket: None,
            mode: Mode::Clearml,
            limits: Limits::default(),
            drain_timeout: Duration::ZERO,
            max_watchers: 0,
            log: LogFormat::Text,
        };
        let (reload, ends) = Reload::new(&settings, &ambient());
        let (events, inbox) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(reload.run(inbox, stop.clone()));
        let subscriber = ends.subscribers[PROFILE].clone();
        Self { folder, events, subscriber, ends, stop, tasks }
    }

    /// Writes a file and says that files changed.
    async fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
        self.files_changed().await;
    }

    async fn remove(&self, name: &str) {
        fs::remove_file(self.folder.path().join(name)).unwrap();
        self.files_changed().await;
    }

    async fn files_changed(&self) {
        self.send(Event::FilesChanged).await;
    }

    /// Says that the server answered.
    async fn asked_well(&self, answer: VaultAnswer, order: u64) {
        self.asked(Ok(answer), order).await;
    }

    /// Says what came of asking the server.
    async fn asked(&self, answer: Result<VaultAnswer, FetchError>, order: u64) {
        let next = Instant::now() + Duration::from_secs(60);
        self.send(Event::VaultsAsked { profile: PROFILE.into(), answer, next, order }).await;
    }

    /// Sends an event and waits until it has been worked off. The inbox has one place, so that it
    /// was taken once a second one fits, and whatever is told from then on tells of it.
    async fn send(&self, event: Event) {
        self.events.send(event).await.unwrap();
        let nobody = Event::VaultsAsked {
            profile: "nobody".into(),
            answer: Err(unreachable_server()),
            next: Instant::now(),
            order: 0,
        };
        self.events.send(nobody).await.unwrap();
        let mut told = self.ends.told.clone();
        told.mark_unchanged();
        timeout(PATIENCE, told.changed()).await.unwrap().unwrap();
    }

    /// Waits until the whole answer is this JSON.
    async fn until_served(&self, json: &str) {
        let mut told = self.ends.told.clone();
        let served = async {
            while self.served() != json {
                told.changed().await.unwrap();
            }
        };
        let outcome = timeout(PATIENCE, served).await;
        assert!(outcome.is_ok(), "not {json}, but {} is served", self.served());
    }

    /// Returns the whole answer as JSON, or why there is none.
    fn served(&self) -> String {
        match self.subscriber.answer() {
            Answer::Waiting => "waiting".into(),
            Answer::None(reason) => format!("none: {reason}"),
            Answer::Some(published) => {
                let root = published.root_body(None);
                String::from_utf8(root.unwrap().bytes.to_vec()).unwrap()
            }
        }
    }

    fn revision(&self) -> u64 {
        match self.subscriber.answer() {
            Answer::Some(published) => published.revision,
            _ => 0,
        }
    }

    fn health(&self) -> Arc<Health> {
        self.subscriber.health()
    }

    fn quarantined(&self) -> Vec<String> {
        let folder = format!("{}/", self.folder.path().display());
        let health = self.health();
        let says = |text: String| text.replace(&folder, "");
        health.quarantined.iter().map(|one| says(one.to_string())).collect()
    }

    /// Ends the writer; its folder may serve another one.
    async fn end(mut self) -> TempDir {
        self.stop.cancel();
        timeout(PATIENCE, self.tasks.join_next()).await.unwrap().unwrap().unwrap();
        self.folder
    }
}

fn ambient() -> Ambient {
    Ambient {
        environment: BTreeMap::from([("OPEN".into(), "closed by the daemon".into())]),
        home: None,
        user_id: 0,
        group_id: 0,
        host_name: "node".into(),
        working_directory: "/".into(),
    }
}

fn server(_: &Path, profile: &mut Profile) {
    let url: ServerUrl = "http://127.0.0.1:1".parse().unwrap();
    profile.sources.vaults =
        VaultSource::Server(Box::new(Server { url: Some(url), ..Server::default() }));
}

const WITH_KEYS: &str = "api.credentials { access_key: k, secret_key: s }\n";

fn vault(id: &str, text: &str) -> Vault {
    Vault {
        id: id.into(),
        description: "".into(),
        scope: Scope::User,
        kind: VaultKind::Config,
        format: Format::Hocon,
        text: text.into(),
    }
}

fn answer(vaults: &[Vault]) -> VaultAnswer {
    let list = VaultList { vaults: vaults.to_vec(), ..VaultList::default() };
    let mut digest = [0; 32];
    let texts = vaults.iter().flat_map(|vault| vault.text.bytes());
    digest.iter_mut().zip(texts).for_each(|(place, byte)| *place = byte);
    VaultAnswer { list, digest, warning: None }
}

fn unreachable_server() -> FetchError {
    FetchError::Unreachable {
        host: "api.test".into(),
        source: std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into(),
    }
}
