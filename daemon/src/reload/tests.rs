//! Events in, answers out: what is served while files and vaults change, break and come back.

use std::{fs, path::Path};

use resolver::{Format, Limits, Mode, Scope};
use tempfile::TempDir;
use tokio::{task::JoinSet, time::timeout};

use super::*;
use crate::{
    api::{FetchError, Quarantine, Vault, VaultAnswer, VaultKind, VaultList},
    health::{Health, State},
    publish::Answer,
    settings::{
        Access, ConfigFile, LogFormat, Presence, Profile, Server, ServerUrl, Sources, VaultSource,
    },
};

/// Longer than anything here takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(20);
const PROFILE: &str = "default";

/// A writer at work, with one profile over one file.
struct Bench {
    folder: TempDir,
    events: mpsc::Sender<Event>,
    subscriber: Subscriber,
    ends: Ends,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Bench {
    /// Starts the writer. The file is `base.conf`, with this text.
    fn start(text: &str, change: impl FnOnce(&Path, &mut Profile)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("base.conf");
        fs::write(&base, text).unwrap();
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
            mode: Mode::Clearml,
            limits: Limits::default(),
            access: Access::default(),
            drain_timeout: Duration::ZERO,
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

    async fn end(mut self) {
        self.stop.cancel();
        timeout(PATIENCE, self.tasks.join_next()).await.unwrap().unwrap().unwrap();
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
    VaultAnswer { list, digest }
}

fn unreachable_server() -> FetchError {
    FetchError::Unreachable {
        host: "api.test".into(),
        source: std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into(),
    }
}

#[tokio::test]
async fn an_answer_follows_its_file() {
    let bench = Bench::start("a: 1", |_, _| {});
    bench.until_served(r#"{"a":1}"#).await;
    assert_eq!(bench.health().vaults.state, State::Off);
    bench.write("base.conf", "a: 2").await;
    bench.until_served(r#"{"a":2}"#).await;
    bench.remove("base.conf").await;
    bench.until_served("{}").await;
    assert_eq!(bench.revision(), 3);
    bench.end().await;
}

#[tokio::test]
async fn an_equal_answer_is_no_new_one() {
    let bench = Bench::start("a: 1, b: 2", |_, _| {});
    bench.until_served(r#"{"a":1,"b":2}"#).await;
    let mut woken = bench.ends.told.clone();
    woken.mark_unchanged();
    bench.write("base.conf", "// moved\nb: 2\na: 1").await;
    assert_eq!(bench.revision(), 1);
    let Answer::Some(published) = bench.subscriber.answer() else { panic!("there is an answer") };
    let origin = published.snapshot.root().get("a").unwrap().origin;
    let text = published.snapshot.text(origin.source).unwrap();
    assert_eq!(text.line_column(origin.start).0, 3, "its origins are the new ones");
    bench.end().await;
}

#[tokio::test]
async fn a_broken_file_keeps_its_last_good_version() {
    let bench = Bench::start("a: 1", |_, _| {});
    bench.until_served(r#"{"a":1}"#).await;
    bench.write("base.conf", "a: {").await;
    assert_eq!(bench.served(), r#"{"a":1}"#);
    assert!(bench.health().quarantined[0].last_good_used);
    assert!(bench.quarantined()[0].starts_with("base.conf:1:"), "{:?}", bench.quarantined());
    bench.write("base.conf", "a: 3").await;
    assert_eq!(bench.served(), r#"{"a":3}"#);
    assert!(bench.quarantined().is_empty());
    bench.end().await;
}

#[tokio::test]
async fn a_file_that_was_never_good_gives_no_answer_until_it_is() {
    let bench = Bench::start("a: {", |_, _| {});
    bench.until_served(&bench.served()).await;
    bench.files_changed().await;
    assert!(bench.served().starts_with("none: "), "{}", bench.served());
    assert!(bench.served().contains("base.conf:1:"), "{}", bench.served());
    assert!(bench.health().fault.is_some());
    bench.write("base.conf", "a: 1").await;
    assert_eq!(bench.served(), r#"{"a":1}"#);
    assert_eq!(bench.health().fault, None);
    bench.end().await;
}

#[tokio::test]
async fn a_required_file_that_goes_keeps_its_last_good_version() {
    let bench = Bench::start("a: 1", |_, profile| {
        profile.sources.files[0].presence = Presence::Required;
    });
    bench.until_served(r#"{"a":1}"#).await;
    bench.remove("base.conf").await;
    assert_eq!(bench.served(), r#"{"a":1}"#);
    assert!(bench.quarantined()[0].contains("base.conf"), "{:?}", bench.quarantined());
    bench.end().await;
}

#[tokio::test]
async fn files_keep_their_order_when_one_falls_back() {
    let bench = Bench::start("a: 1, x: low", |folder, profile| {
        fs::write(folder.join("over.conf"), "a: 2").unwrap();
        let path = folder.join("over.conf");
        profile.sources.files.push(ConfigFile { path, presence: Presence::Required });
    });
    bench.until_served(r#"{"a":2,"x":"low"}"#).await;
    bench.remove("over.conf").await;
    bench.write("base.conf", "a: 3, x: new").await;
    assert_eq!(bench.served(), r#"{"a":2,"x":"new"}"#);
    bench.remove("base.conf").await;
    assert_eq!(bench.served(), r#"{"a":2}"#, "an optional file may go");
    bench.end().await;
}

#[tokio::test]
async fn an_included_file_is_followed() {
    let bench = Bench::start("include \"more.conf\"\na: 1", |_, _| {});
    bench.until_served(r#"{"a":1}"#).await;
    let more = bench.folder.path().join("more.conf");
    assert!(bench.ends.paths.borrow().contains(&more), "one that is missing may appear");
    bench.write("more.conf", "b: 1").await;
    assert_eq!(bench.served(), r#"{"b":1,"a":1}"#);
    bench.write("more.conf", "b: 2").await;
    assert_eq!(bench.served(), r#"{"b":2,"a":1}"#);
    assert!(bench.ends.paths.borrow().contains(&more));
    bench.end().await;
}

#[tokio::test]
async fn the_first_answer_waits_for_the_vaults() {
    let bench = Bench::start(WITH_KEYS, server);
    bench.files_changed().await;
    assert_eq!(bench.served(), "waiting");
    assert!(bench.ends.endpoints[PROFILE].borrow().is_some());
    bench.asked_well(answer(&[vault("v", "a: 1")]), 0).await;
    let expected = r#"{"api":{"credentials":{"access_key":"k","secret_key":"s"}},"a":1}"#;
    assert!(bench.served().contains(r#""a":1"#), "{} is not {expected}", bench.served());
    bench.asked(Err(unreachable_server()), 0).await;
    assert!(bench.served().contains(r#""a":1"#), "an outage takes nothing away");
    assert_eq!(bench.health().vaults.state, State::Stale);
    assert_eq!(bench.revision(), 1);
    bench.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_delays_the_first_answer_only_so_long() {
    let bench = Bench::start(WITH_KEYS, server);
    let started = tokio::time::Instant::now();
    let answer = timeout(2 * FIRST_ANSWER_WAIT, bench.subscriber.first_answer()).await.unwrap();
    assert!(matches!(answer, Answer::Some(_)));
    assert!(started.elapsed() + Duration::from_secs(1) >= FIRST_ANSWER_WAIT);
    assert_eq!(bench.health().vaults.state, State::Stale);
    bench.end().await;
}

#[tokio::test]
async fn without_server_or_keys_the_files_count_alone() {
    let bench = Bench::start("a: 1", server);
    bench.until_served(r#"{"a":1}"#).await;
    let health = bench.health();
    assert_eq!(health.vaults.state, State::Off);
    assert!(health.vaults.reason.is_some());
    assert!(bench.ends.endpoints[PROFILE].borrow().is_none());
    bench.write("base.conf", WITH_KEYS).await;
    assert!(bench.ends.endpoints[PROFILE].borrow().is_some(), "keys may come later");
    bench.end().await;
}

#[tokio::test]
async fn a_file_that_breaks_does_not_take_the_server_away() {
    let mut bench = Bench::start(WITH_KEYS, server);
    bench.asked_well(answer(&[vault("v", "a: 1")]), 0).await;
    let before = bench.served();
    let endpoint = bench.ends.endpoints.get_mut(PROFILE).unwrap();
    endpoint.mark_unchanged();
    bench.write("base.conf", "api {").await;
    assert_eq!(bench.served(), before);
    bench.write("base.conf", &format!("{WITH_KEYS}b: 1")).await;
    assert!(!bench.ends.endpoints[PROFILE].has_changed().unwrap(), "it is still the same server");
    let other_keys = WITH_KEYS.replace("s }", "t }");
    bench.write("base.conf", &other_keys).await;
    assert!(bench.ends.endpoints[PROFILE].has_changed().unwrap(), "new keys are tried");
    bench.end().await;
}

#[tokio::test]
async fn a_broken_vault_keeps_its_last_good_version_and_the_others_count() {
    let bench = Bench::start(WITH_KEYS, server);
    let lower = vault("lower", "a: 1, b: 1, c: 1");
    let upper = vault("upper", "b: 2");
    bench.asked_well(answer(&[lower.clone(), upper.clone()]), 0).await;
    bench.asked_well(answer(&[vault("lower", "a: {"), vault("upper", "b: 3, c: 3")]), 0).await;
    assert!(bench.served().contains(r#""a":1,"b":3,"c":3"#), "{}", bench.served());
    assert_eq!(bench.quarantined().len(), 1);
    assert!(bench.quarantined()[0].starts_with("vault lower:1:"), "{:?}", bench.quarantined());
    assert!(bench.health().quarantined[0].last_good_used);
    let mut unreadable = answer(&[vault("upper", "b: 4")]);
    let name = lower.name();
    unreadable.list.quarantined.push(Quarantine { name, reason: "it is no text".into() });
    bench.asked_well(unreadable, 0).await;
    assert!(bench.served().contains(r#""a":1,"b":4,"c":1"#), "{}", bench.served());
    bench.asked_well(answer(std::slice::from_ref(&upper)), 0).await;
    assert!(bench.served().ends_with(r#""b":2}"#), "a vault that is gone is gone");
    assert!(bench.quarantined().is_empty());
    bench.end().await;
}

#[tokio::test]
async fn vaults_of_a_folder_are_read_again_with_the_files() {
    let bench = Bench::start("a: 1", |folder, profile| {
        let vaults = folder.join("vaults.d");
        fs::create_dir(&vaults).unwrap();
        fs::write(vaults.join("1.yaml"), "a: 2").unwrap();
        profile.sources.vaults = VaultSource::Folder(vaults);
    });
    bench.until_served(r#"{"a":2}"#).await;
    assert_eq!(bench.health().vaults.state, State::Fresh);
    bench.write("vaults.d/2.json", r#"{"b": 3}"#).await;
    assert_eq!(bench.served(), r#"{"a":2,"b":3}"#);
    assert!(bench.ends.paths.borrow().contains(&bench.folder.path().join("vaults.d")));
    fs::remove_dir_all(bench.folder.path().join("vaults.d")).unwrap();
    bench.files_changed().await;
    assert_eq!(bench.served(), r#"{"a":2,"b":3}"#, "the last good one stays");
    assert_eq!(bench.health().vaults.state, State::Stale);
    bench.end().await;
}

#[tokio::test]
async fn only_allowed_variables_are_closed_here() {
    let bench = Bench::start("a: ${OPEN}", |_, _| {});
    bench.until_served(r#"{"a":"${OPEN}"}"#).await;
    assert_eq!(bench.health().unresolved, [resolver::KeyPath::from_iter(["a"])]);
    bench.end().await;
    let allow = |_: &Path, profile: &mut Profile| profile.environment_allow = vec!["OPEN".into()];
    let bench = Bench::start("a: ${OPEN}", allow);
    bench.until_served(r#"{"a":"closed by the daemon"}"#).await;
    bench.end().await;
}

#[tokio::test]
async fn a_reload_is_done_when_every_server_was_asked_again() {
    let bench = Bench::start(WITH_KEYS, server);
    bench.asked_well(answer(&[vault("v", "a: 1")]), 0).await;
    let (done, mut is_done) = oneshot::channel();
    fs::write(bench.folder.path().join("base.conf"), format!("{WITH_KEYS}b: 1")).unwrap();
    bench.send(Event::ReloadAsked { done }).await;
    assert!(bench.served().contains(r#""b":1"#), "files are read at once");
    let order = *bench.ends.order.borrow();
    assert_eq!(order, 1);
    bench.asked_well(answer(&[vault("v", "a: 1")]), order - 1).await;
    assert!(is_done.try_recv().is_err(), "that question was asked before");
    bench.asked(Err(unreachable_server()), order).await;
    timeout(PATIENCE, is_done).await.unwrap().unwrap();
    bench.end().await;
}

#[tokio::test]
async fn a_reload_without_servers_is_done_with_the_files() {
    let bench = Bench::start("a: 1", |_, _| {});
    bench.until_served(r#"{"a":1}"#).await;
    let (done, is_done) = oneshot::channel();
    bench.send(Event::ReloadAsked { done }).await;
    timeout(PATIENCE, is_done).await.unwrap().unwrap();
    bench.end().await;
}
