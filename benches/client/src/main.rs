//! Time to configuration for a Python process: each way as a multiple of an empty interpreter.
//!
//! All ways run in turn, round after round, so that a busy machine is as unkind to one as to
//! another; the table shows medians. `cargo xtask bench client` makes ready what it needs.

use std::{
    error::Error,
    fs,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use daemon::dev::ApiServer;
use serde_json::json;
use tempfile::TempDir;

/// Rounds for what takes milliseconds, and for the stock client, which takes seconds.
const ROUNDS: usize = 41;
const STOCK_ROUNDS: usize = 5;
const KEYS: (&str, &str) = ("ACCESSKEY", "the-secret-key");
/// Bytes of the larger vault, as fleets have them.
const LARGE_VAULT_BYTES: usize = 60_000;
/// How many empty interpreters the plugin may take until a process has its configuration.
const GOAL: f64 = 2.5;

const PLUGIN: &str = "import os; assert os.environ['CLEARML_RESOLVER_APPLIED']";
const GET: &str =
    "import clearml_resolver; assert clearml_resolver.get('sdk.aws.s3.region') == 'us'";
const CONFIG: &str = "import clearml_resolver; assert clearml_resolver.config()['sdk']";
const SOCKET: &str = r#"
import json, os, socket
s = socket.socket(socket.AF_UNIX)
s.connect(os.environ["CLEARML_RESOLVER_SOCKET"])
s.sendall(b"GET /v1/config HTTP/1.0\r\n\r\n")
said = b"".join(iter(lambda: s.recv(65536), b""))
assert json.loads(said.partition(b"\r\n\r\n")[2])["sdk"]
"#;
const HTTP: &str = r#"
import http.client, json, os, socket
c = http.client.HTTPConnection("localhost")
c.sock = socket.socket(socket.AF_UNIX)
c.sock.connect(os.environ["CLEARML_RESOLVER_SOCKET"])
c.request("GET", "/v1/config")
assert json.load(c.getresponse())["sdk"]
"#;
const STOCK: &str = "from clearml.backend_api import Session; assert Session().config.get('sdk.aws.s3.region') == 'us'";

/// A way to the configuration.
struct Way {
    name: &'static str,
    script: &'static str,
    opts_in: bool,
    /// Whether it is ours, and held to the goal.
    is_ours: bool,
}

/// What a way took, the median of all rounds.
type Taken = (&'static Way, Duration);

const QUICK: [Way; 7] = [
    Way { name: "empty interpreter", script: "pass", opts_in: false, is_ours: false },
    Way { name: "plugin, CLEARML_CONFIG_FILE set", script: PLUGIN, opts_in: true, is_ours: true },
    Way { name: "plugin, get() of one key", script: GET, opts_in: false, is_ours: true },
    Way { name: "plugin, config() of all", script: CONFIG, opts_in: false, is_ours: true },
    Way { name: "installed, not opted in", script: "pass ", opts_in: false, is_ours: false },
    Way { name: "bare socket, by hand", script: SOCKET, opts_in: false, is_ours: false },
    Way { name: "http.client, by hand", script: HTTP, opts_in: false, is_ours: false },
];
const STOCK_WAYS: [Way; 2] = [
    Way { name: "stock session", script: STOCK, opts_in: false, is_ours: false },
    Way { name: "stock session with the plugin", script: STOCK, opts_in: true, is_ours: false },
];

fn main() -> Result<(), Box<dyn Error>> {
    for (name, bytes) in [("small vault", 0), ("60 KB vault", LARGE_VAULT_BYTES)] {
        let host = Host::start(bytes)?;
        let mut medians = host.measure(&QUICK, ROUNDS)?;
        medians.extend(host.measure(&STOCK_WAYS, STOCK_ROUNDS)?);
        match print(name, &medians) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            printed => printed?,
        }
    }
    Ok(())
}

/// A server, the user's file, and a daemon.
struct Host {
    folder: TempDir,
    python: PathBuf,
    bare_python: PathBuf,
    daemon: Child,
    _server: ApiServer,
}

impl Host {
    fn start(vault_bytes: usize) -> Result<Self, Box<dyn Error>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = tempfile::tempdir()?;
        let server = ApiServer::start()?;
        let _known = server.allow(KEYS.0, KEYS.1);
        server.set_vaults(vec![json!({
            "id": "v1", "description": "", "scope": "user", "type": "config", "enabled": true,
            "format": "hocon", "data": vault(vault_bytes),
        })]);
        let file = format!(
            "api {{ api_server: \"{}\", credentials {{ access_key: {}, secret_key: {} }} }}",
            server.url(),
            KEYS.0,
            KEYS.1
        );
        fs::write(folder.path().join("clearml.conf"), file)?;
        let bare_python = folder.path().join("bare/bin/python");
        let python = root.join("target/python/bin/python");
        let made = Command::new(&python)
            .args(["-m", "venv", "--without-pip"])
            .arg(folder.path().join("bare"))
            .status()?;
        assert!(made.success(), "run `cargo xtask test --only python --only plugin` first");
        let mut daemon = Command::new(root.join("target/release/clearml-resolver"))
            .args(["daemon", "--socket"])
            .arg(folder.path().join("resolver.sock"))
            .env("HOME", folder.path())
            .stderr(Stdio::piped())
            .spawn()?;
        let talk = daemon.stderr.take().ok_or("standard error is a pipe")?;
        let mut lines = BufReader::new(talk).lines();
        while !lines.next().ok_or("the daemon ended before it served")??.contains("serving") {}
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Self { folder, python, bare_python, daemon, _server: server })
    }

    fn measure(&self, ways: &'static [Way], rounds: usize) -> Result<Vec<Taken>, Box<dyn Error>> {
        let mut times = vec![Vec::new(); ways.len()];
        for round in 0..=rounds {
            for (way, times) in ways.iter().zip(&mut times) {
                let time = self.run(way)?;
                // The first round warms caches, and publishes the plugin's file.
                if round > 0 {
                    times.push(time);
                }
            }
        }
        Ok(ways.iter().zip(times).map(|(way, times)| (way, median(times))).collect())
    }

    fn run(&self, way: &Way) -> Result<Duration, Box<dyn Error>> {
        // An interpreter without the plugin is what an empty one is.
        let is_bare = way.script == "pass";
        let python = if is_bare { &self.bare_python } else { &self.python };
        let mut command = Command::new(python);
        command
            .args(["-c", way.script])
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("CLEARML_RESOLVER_SOCKET", self.folder.path().join("resolver.sock"))
            .stdout(Stdio::null());
        if way.opts_in {
            command.env("CLEARML_RESOLVER", "on");
        }
        let start = Instant::now();
        let status = command.status()?;
        let time = start.elapsed();
        if status.success() { Ok(time) } else { Err(format!("{}: {status}", way.name).into()) }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ended_already = self.daemon.kill();
        let _status = self.daemon.wait();
    }
}

/// Returns a vault of at least so many bytes.
fn vault(bytes: usize) -> String {
    let mut text = String::from("sdk.aws.s3.region: us\n");
    for number in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&format!(
            "sdk.section{number} {{ name: \"value {number}\", list: [1, 2, {{ a: b }}], on: true }}\n"
        ));
    }
    text
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn print(vault: &str, medians: &[Taken]) -> io::Result<()> {
    let empty = medians[0].1.as_secs_f64();
    let mut to = io::stdout().lock();
    writeln!(to, "{vault:<36}     ms   times an empty interpreter")?;
    for (way, time) in medians {
        let ratio = time.as_secs_f64() / empty;
        let verdict = match way.is_ours {
            true if ratio <= GOAL => format!("  {GOAL} at most: met"),
            true => format!("  {GOAL} at most: NOT met"),
            false => String::new(),
        };
        writeln!(
            to,
            "  {:<34} {:>6.1}   {ratio:>6.2}{verdict}",
            way.name,
            time.as_secs_f64() * 1e3
        )?;
    }
    Ok(())
}
