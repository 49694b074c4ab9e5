//! A real etcd on loopback (Debian's `etcd-server`), filled and disturbed by a test.
#![expect(clippy::panic, reason = "a test that cannot go on says so by a panic")]

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long etcd may take to start, and to answer.
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// The password of all its users.
const PASSWORD: &str = "hunter2-etcd";

/// A running etcd; it ends with this value.
pub struct Etcd {
    folder: TempDir,
    plain_port: u16,
    tls_port: u16,
    peer_port: u16,
    process: Option<Child>,
    token: Option<String>,
}

/// Certificates for TLS, as files.
pub struct Certificates {
    /// What a client must trust.
    pub authority: PathBuf,
    /// A certificate of a client that etcd trusts.
    pub client: PathBuf,
    /// Its key.
    pub client_key: PathBuf,
}

impl Etcd {
    /// Starts one that is empty.
    ///
    /// # Panics
    /// There is no `etcd` to run, or it does not start.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let [plain_port, tls_port, peer_port] = free_ports();
        let mut etcd = Self { folder, plain_port, tls_port, peer_port, process: None, token: None };
        etcd.make_certificates();
        etcd.run();
        etcd
    }

    /// Runs it again over the same data.
    ///
    /// # Panics
    /// It does not start.
    pub fn run(&mut self) {
        let (plain, tls, peer) =
            (self.url(), self.tls_url(), format!("http://127.0.0.1:{}", self.peer_port));
        let clients = format!("{plain},{tls}");
        let path = |name: &str| self.folder.path().join(name);
        let mut command = Command::new("etcd");
        command.arg("--data-dir").arg(path("data"));
        command.arg("--cert-file").arg(path("server.pem"));
        command.arg("--key-file").arg(path("server.key"));
        command.arg("--trusted-ca-file").arg(path("all.pem")).arg("--client-cert-auth");
        for (flag, value) in [
            ("--listen-client-urls", &clients),
            ("--advertise-client-urls", &plain),
            ("--listen-peer-urls", &peer),
            ("--initial-advertise-peer-urls", &peer),
            ("--initial-cluster", &format!("default={peer}")),
        ] {
            command.arg(flag).arg(value);
        }
        let output = fs::File::create(path("log")).expect("a file can be made in our own folder");
        let process = command.stdout(Stdio::null()).stderr(output).spawn();
        let why = "etcd can be run: `cargo xtask test --only etcd` installs it";
        self.process = Some(process.expect(why));
        let deadline = Instant::now() + PATIENCE;
        while !self.ask("maintenance/status", &json!({})).starts_with("HTTP/1.1 200") {
            let log = || fs::read_to_string(path("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "etcd does not start: {}", log());
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Ends it at once (SIGKILL); its data stay.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ended_already = process.kill();
            let _status = process.wait();
        }
    }

    /// Returns where it is asked without TLS.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.plain_port)
    }

    /// Returns where it is asked by TLS, with a certificate of the client's own.
    pub fn tls_url(&self) -> String {
        format!("https://127.0.0.1:{}", self.tls_port)
    }

    /// Returns the certificates to use there.
    pub fn certificates(&self) -> Certificates {
        let path = |name: &str| self.folder.path().join(name);
        Certificates {
            authority: path("server.pem"),
            client: path("client.pem"),
            client_key: path("client.key"),
        }
    }

    /// Sets a key.
    pub fn put(&self, key: &str, value: &str) {
        self.call("kv/put", &json!({"key": base64(key), "value": base64(value)}));
    }

    /// Removes a key.
    pub fn delete(&self, key: &str) {
        self.call("kv/deleterange", &json!({"key": base64(key)}));
    }

    /// Removes some keys and sets others, all at once.
    pub fn exchange(&self, deleted: &[&str], set: &[(&str, &str)]) {
        let deletions =
            deleted.iter().map(|key| json!({"request_delete_range": {"key": base64(key)}}));
        let puts = set.iter().map(
            |(key, value)| json!({"request_put": {"key": base64(key), "value": base64(value)}}),
        );
        let steps: Vec<Value> = deletions.chain(puts).collect();
        self.call("kv/txn", &json!({"success": steps}));
    }

    /// Throws away what happened before the present.
    ///
    /// # Panics
    /// Etcd does not tell its revision.
    pub fn compact(&self) {
        let answer = self.call("kv/range", &json!({"key": base64("none")}));
        let revision =
            answer.split("\"revision\":\"").nth(1).and_then(|rest| rest.split('"').next());
        self.call("kv/compaction", &json!({"revision": revision.expect("there is a revision")}));
    }

    /// Lets only users in from now on: `root`, and `reader`, who may read what begins with `prefix`.
    /// Returns their password.
    ///
    /// # Panics
    /// Etcd gives no token.
    pub fn lock(&mut self, prefix: &str) -> &'static str {
        for name in ["root", "reader"] {
            self.call("auth/user/add", &json!({"name": name, "password": PASSWORD}));
            self.call("auth/role/add", &json!({"name": name}));
            self.call("auth/user/grant", &json!({"user": name, "role": name}));
        }
        let mut end = prefix.as_bytes().to_vec();
        *end.last_mut().expect("a prefix has an end") += 1;
        let (key, range_end) = (base64(prefix), STANDARD.encode(end));
        let permission = json!({"permType": "READ", "key": key, "range_end": range_end});
        self.call("auth/role/grant", &json!({"name": "reader", "perm": permission}));
        self.call("auth/enable", &json!({}));
        let answer = self.call("auth/authenticate", &json!({"name": "root", "password": PASSWORD}));
        let token = answer.split("\"token\":\"").nth(1).and_then(|rest| rest.split('"').next());
        self.token = Some(token.expect("root gets a token").to_owned());
        PASSWORD
    }

    /// Exchanges the password of a user, which ends all its tokens.
    pub fn change_password(&self, name: &str, password: &str) {
        self.call("auth/user/changepw", &json!({"name": name, "password": password}));
    }

    fn call(&self, call: &str, body: &Value) -> String {
        let answer = self.ask(call, body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{call}: {answer}");
        answer
    }

    /// Returns the whole answer, or nothing if there is none.
    fn ask(&self, call: &str, body: &Value) -> String {
        let exchange = || {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.plain_port))?;
            stream.set_read_timeout(Some(PATIENCE))?;
            let token = self.token.as_ref().map(|token| format!("Authorization: {token}\r\n"));
            let (body, token) = (body.to_string(), token.unwrap_or_default());
            write!(
                stream,
                "POST /v3/{call} HTTP/1.1\r\nHost: etcd\r\n{token}\
                 Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            std::io::Result::Ok(answer)
        };
        exchange().unwrap_or_default()
    }

    fn make_certificates(&self) {
        let write = |name: &str, text: &str| {
            let written = fs::write(self.folder.path().join(name), text);
            written.expect("a file can be written in our own folder");
        };
        let mut all = String::new();
        for name in ["server", "client"] {
            let made = generate_simple_self_signed(["127.0.0.1".to_owned()]);
            let CertifiedKey { cert, signing_key } = made.expect("a certificate can be made");
            write(&format!("{name}.pem"), &cert.pem());
            write(&format!("{name}.key"), &signing_key.serialize_pem());
            all.push_str(&cert.pem());
        }
        write("all.pem", &all);
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        self.stop();
    }
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// Returns ports that nobody uses at present.
fn free_ports() -> [u16; 3] {
    let listeners = [(); 3].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    listeners.map(|listener| {
        let address = listener.and_then(|listener| listener.local_addr());
        address.unwrap_or_else(|error| panic!("the system gives no port: {error}")).port()
    })
}
