//! The whole daemon in this process: over files, a folder of vaults, and an API server of its own.

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::{Signal, raise};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{
    client::{self, AskError, Reply},
    dev::{ApiServer, Fault, FaultKind},
    protocol::{State, Status},
    settings::Overrides,
};

const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait before a condition is looked at again.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A daemon that runs in a thread of its own.
///
/// Signals go to the whole process, so that each test here needs one of its own, as `cargo nextest`
/// gives it; where they share one, each waits for its turn.
struct Fixture {
    folder: TempDir,
    systemd: UnixDatagram,
    thread: Option<thread::JoinHandle<Result<(), RunError>>>,
    _turn: std::sync::MutexGuard<'static, ()>,
}

static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());

impl Fixture {
    /// Starts a daemon over `base.conf` with this text, and waits until it serves.
    fn start(text: &str, overrides: Overrides) -> Self {
        let turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("base.conf"), text).unwrap();
        let systemd = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        systemd.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut fixture = Self { folder, systemd, thread: None, _turn: turn };
        fixture.run(overrides);
        fixture
    }

    fn run(&mut self, mut overrides: Overrides) {
        let ambient = ambient(self.folder.path());
        overrides.config = vec![self.path("base.conf")];
        overrides.socket = Some(self.socket());
        let settings = Settings::load(None, overrides, &ambient).unwrap();
        self.thread = Some(thread::spawn(move || run(&settings, &ambient, |_| {})));
        assert_eq!(self.systemd_hears("READY="), "READY=1");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn socket(&self) -> PathBuf {
        self.path("run/resolver.sock")
    }

    /// Returns the next message that begins like this; status lines come in between.
    fn systemd_hears(&self, beginning: &str) -> String {
        loop {
            let mut buffer = [0; 4096];
            let length = self.systemd.recv(&mut buffer).expect("systemd is told in time");
            let message = String::from_utf8(buffer[..length].to_vec()).unwrap();
            if message.starts_with(beginning) {
                return message;
            }
        }
    }

    fn ask(&self, target: &str) -> Result<Reply, AskError> {
        client::ask(&self.socket(), target, PATIENCE)
    }

    fn config(&self) -> String {
        String::from_utf8(self.ask("/v1/config").unwrap().body).unwrap()
    }

    fn status(&self) -> Status {
        serde_json::from_slice(&self.ask("/v1/status").unwrap().body).unwrap()
    }

    fn state(&self) -> State {
        self.status().profiles["default"].state
    }

    /// Waits until a condition holds; watchers need a moment.
    fn eventually(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < deadline, "not in time: {what}; {:?}", self.status());
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    fn end(mut self) {
        raise(Signal::SIGTERM).unwrap();
        self.systemd_hears("STOPPING=1");
        let ended = self.thread.take().unwrap().join().unwrap();
        assert!(ended.is_ok(), "{ended:?}");
        assert!(!self.socket().exists(), "the socket goes with the daemon");
    }
}

fn ambient(home: &Path) -> Ambient {
    let notify = home.join("notify").to_str().unwrap().to_owned();
    let interval = ("CLEARML_RESOLVER_POLL_INTERVAL".to_owned(), "1s".to_owned());
    Ambient {
        environment: BTreeMap::from([("NOTIFY_SOCKET".to_owned(), notify), interval]),
        home: Some(home.to_owned()),
        user_id: nix::unistd::geteuid().as_raw(),
        group_id: nix::unistd::getegid().as_raw(),
        host_name: "node".into(),
        working_directory: home.to_owned(),
    }
}

fn no_vaults() -> Overrides {
    Overrides { vaults: Some(crate::settings::VaultChoice::Off), ..Overrides::default() }
}

fn api_server() -> (ApiServer, String) {
    let server = ApiServer::start().unwrap();
    server.allow("access", "secret");
    server.set_vaults(vec![vault("a: from the vault")]);
    let text = format!(
        "api {{ api_server: \"{}\", credentials {{ access_key: access, secret_key: secret }} }}\n\
         a: from the file",
        server.url()
    );
    (server, text)
}

fn vault(text: &str) -> serde_json::Value {
    json!({
        "id": "v1", "description": "sample", "type": "config", "scope": "user",
        "format": "hocon", "enabled": true, "data": text,
    })
}

#[test]
fn a_file_that_changes_is_served_and_a_reload_is_told_to_systemd() {
    let fixture = Fixture::start("a: 1", no_vaults());
    assert_eq!(fixture.config(), r#"{"a":1}"#);
    fs::write(fixture.path("base.conf"), "a: 2").unwrap();
    fixture.eventually("the new file is served", |fixture| fixture.config() == r#"{"a":2}"#);
    raise(Signal::SIGHUP).unwrap();
    let reloading = fixture.systemd_hears("RELOADING=1\n");
    assert!(reloading.contains("MONOTONIC_USEC="));
    fixture.systemd_hears("READY=1");
    fixture.end();
}

#[test]
fn vaults_come_from_the_server_outlive_it_and_go_when_it_says_so() {
    let (server, text) = api_server();
    let fixture = Fixture::start(&text, Overrides::default());
    assert!(fixture.config().contains("from the vault"), "the first answer has the vaults");
    assert_eq!(fixture.state(), State::Fresh);
    server.set_vaults(vec![vault("a: changed")]);
    raise(Signal::SIGHUP).unwrap();
    fixture.systemd_hears("READY=1");
    assert!(fixture.config().contains("changed"), "a reload asks the server");
    server.add_fault(Fault::always("*", FaultKind::Page { status: 502, body: "<html>" }));
    fixture.eventually("an outage is noticed", |fixture| fixture.state() == State::Stale);
    assert!(fixture.config().contains("changed"), "and takes nothing away");
    server.clear_faults();
    fixture.eventually("its end is, too", |fixture| fixture.state() == State::Fresh);
    server.revoke_all();
    server.expire_tokens().unwrap();
    fixture.eventually("revoked keys are noticed", |fixture| fixture.state() == State::Revoked);
    assert!(fixture.config().contains("from the file"), "and withdraw the vaults");
    fixture.end();
}

#[test]
fn a_server_that_is_down_or_refuses_us_does_not_stop_the_start() {
    let (server, text) = api_server();
    server.revoke_all();
    let fixture = Fixture::start(&text, Overrides::default());
    assert_eq!(fixture.state(), State::Revoked);
    assert!(fixture.config().contains("from the file"));
    let reason = fixture.status().profiles["default"].reason.clone().unwrap();
    assert!(reason.contains(server.url().host()), "{reason}");
    assert!(!reason.contains("secret"), "{reason}");
    fixture.end();
    drop(server);
    let fixture = Fixture::start(&text, Overrides::default());
    assert_eq!(fixture.state(), State::Stale);
    fixture.end();
}

#[test]
fn orders_are_taken_on_the_admin_socket() {
    let mut overrides = no_vaults();
    let admin = tempfile::tempdir().unwrap();
    let admin_socket = admin.path().join("admin.sock");
    overrides.admin_socket = Some(admin_socket.clone());
    let fixture = Fixture::start("a: 1", overrides);
    let mut stream = std::os::unix::net::UnixStream::connect(&admin_socket).unwrap();
    let order = b"POST /v1/reload HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    stream.write_all(order).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    fixture.end();
    assert!(!admin_socket.exists());
}

#[test]
fn a_second_daemon_does_not_take_the_socket_and_a_later_one_does() {
    let mut fixture = Fixture::start("a: 1", no_vaults());
    let overrides = Overrides { socket: Some(fixture.socket()), ..no_vaults() };
    let ambient = ambient(fixture.folder.path());
    let settings = Settings::load(None, overrides, &ambient).unwrap();
    let second = run(&settings, &ambient, |_| panic!("it must not serve"));
    assert!(matches!(second, Err(RunError::Socket(SocketError::InUse { .. }))), "{second:?}");
    assert_eq!(fixture.config(), r#"{"a":1}"#, "the first one is unharmed");
    raise(Signal::SIGTERM).unwrap();
    fixture.thread.take().unwrap().join().unwrap().unwrap();
    // What a daemon leaves that was killed: a socket that nobody listens on.
    drop(std::os::unix::net::UnixListener::bind(fixture.socket()).unwrap());
    fixture.run(no_vaults());
    assert_eq!(fixture.config(), r#"{"a":1}"#);
    fixture.end();
}
