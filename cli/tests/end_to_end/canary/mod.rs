//! The canary: five hundred secrets are seeded wherever secrets are kept, and none is in any output.

mod commands;
mod search;
mod seeds;

use std::{fmt::Write as _, fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tests::sandbox::Sandbox;

use self::{
    commands::{COMMANDS, WITHOUT_SOURCES, assert_all_are_listed},
    search::{Search, spellings},
    seeds::{percent, quoted, secrets, seeded},
};
use crate::daemon_on;

/// What is asked for a configuration is run with these besides.
const SOURCES: [&str; 3] =
    ["", "--offline --config base.conf --vaults vaults.json", "--offline --config broken.conf -v"];

#[test]
fn no_secret_is_in_any_output_of_any_command() {
    let secrets = secrets();
    let sandbox = seeded(&secrets);
    let mut seen = String::new();
    let daemon = daemon_on(&sandbox, &["--config", "base.conf", "--vaults-folder", "vaults.d"]);
    assert_all_are_listed(&sandbox);
    for (command, lines) in COMMANDS {
        for typed in *lines {
            for sources in sources_of(command) {
                let (options, words) = typed.split_once("-- ").unwrap_or((typed, ""));
                let separator = if words.is_empty() { "" } else { "--" };
                let line = format!("{command} {sources} {options} {separator} {words}");
                let run = sandbox.run_fed(&input(&line, &secrets), line.split_ascii_whitespace());
                writeln!(seen, "$ {line}\n{}\n{}", run.stdout, run.stderr).unwrap();
            }
        }
    }
    daemon.terminate();
    assert_nothing_found(&secrets, &seen);
}

fn sources_of(command: &str) -> &'static [&'static str] {
    if WITHOUT_SOURCES.iter().any(|without| command.starts_with(without)) {
        return &SOURCES[..1];
    }
    &SOURCES
}

/// Returns what a command is fed: something with secrets that it understands.
fn input(line: &str, secrets: &[String]) -> String {
    match line {
        _ if line.contains("--argv") => serde_json::to_string(secrets).unwrap(),
        _ if line.starts_with("init") => {
            let (key, secret) = (quoted(&secrets[400]), quoted(&secrets[405]));
            let credentials = format!("credentials {{ access_key: {key}, secret_key: {secret} }}");
            format!("api {{ api_server: \"http://127.0.0.1:9\", {credentials} }}\n")
        }
        _ => secrets.join("\n"),
    }
}

/// What is asked of a daemon, with what it says to whoever may see masks alone: answers, and
/// refusals of each kind.
const ASKED: &[&str] = &[
    "GET /v1/config",
    "GET /v1/config?format=hocon",
    "GET /v1/config?format=yaml",
    "GET /v1/config?format=env",
    "GET /v1/config?view=client",
    "GET /v1/config?path=secrets",
    "GET /v1/config?path=secrets.password_4",
    "GET /v1/config?path=SECRET",
    "GET /v1/config?path=a..SECRET",
    "GET /v1/config?format=SECRET",
    "GET /v1/config?profile=SECRET",
    "GET /v1/config?SECRET=1",
    "GET /v1/explain?path=secrets",
    "GET /v1/explain?path=environment",
    "GET /v1/explain?path=plain.dsn",
    "GET /v1/explain?path=SECRET",
    "GET /v1/diff",
    "GET /v1/diff?against=SECRET",
    "GET /v1/watch?path=a..SECRET",
    "GET /v1/status",
    "GET /metrics",
    "GET /livez",
    "GET /readyz?max_stale=SECRET",
    "GET /openapi.json",
    "GET /v1/SECRET",
    "GET /SECRET",
    "PUT /v1/config",
    "POST /v1/redact",
    "POST /v1/reload",
];

/// Orders, right and wrong, and what the admin socket refuses.
const ORDERED: &[&str] = &[
    "POST /v1/pin/SECRET",
    "POST /v1/pin/SECRET?profile=default",
    "POST /v1/ack-empty?profile=SECRET",
    "POST /v1/ack-empty",
    "POST /v1/reload?path=SECRET",
    "POST /v1/reload?SECRET=1",
    "DELETE /v1/pin?profile=SECRET",
    "DELETE /v1/pin",
    "PUT /v1/pin/SECRET",
    "POST /v1/SECRET",
    "GET /v1/config?path=a..SECRET",
    "GET /v1/config?path=SECRET",
    "GET /metrics",
    "GET /v1/status",
];

#[test]
fn no_secret_is_in_anything_that_the_daemon_says() {
    let secrets = secrets();
    let sandbox = seeded(&secrets);
    let credential_socket = sandbox.work().join("credential.sock");
    let settings = format!(
        "credential_socket = {credential_socket:?}\naccess.secrets = []\naccess.redacted = [\"*\"]\n"
    );
    sandbox.write("settings.toml", &settings);
    let mut seen = String::new();
    for format in ["text", "json"] {
        let flags = ["--config", "base.conf", "--vaults-folder", "vaults.d", "--foreground-log"];
        let settings = ["--settings", "settings.toml"];
        let socket = sandbox.socket();
        let start = ["daemon", "--socket", socket.to_str().unwrap()].into_iter();
        let start = start.chain(["--admin-socket", "admin.sock"]);
        let mut daemon =
            sandbox.start_into("said", start.chain(flags).chain([format]).chain(settings));
        daemon.hear("serving");
        for question in ASKED {
            ask(&sandbox, &sandbox.socket(), question, &secrets, &mut seen);
        }
        for question in ORDERED {
            ask(&sandbox, &sandbox.work().join("admin.sock"), question, &secrets, &mut seen);
        }
        for secret in &secrets[10..20] {
            let loaded = ["-c", LOAD, credential_socket.to_str().unwrap(), secret];
            let run = sandbox.run_other("python3", loaded);
            assert_eq!(run.stdout, "given True\ngiven False\n", "{run:?}");
        }
        watch_a_change(&sandbox, &secrets, &mut seen);
        writeln!(seen, "\n$ daemon {format}\n{}", daemon.terminate_and_tell()).unwrap();
        seen.push_str(&fs::read_to_string(sandbox.work().join("said")).unwrap());
    }
    assert_nothing_found(&secrets, &seen);
}

/// Loads a credential as systemd does, for a unit that has the name of a secret, and from an address
/// that is none of systemd's. What is given is all of the configuration, and so not told.
const LOAD: &str = r"
import socket, sys
for name in ('adf9/unit/%s.service/clearml.conf', 'adf9/unit/%s'):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.bind('\0' + name % sys.argv[2].replace('/', '-'))
        peer.settimeout(10)
        peer.connect(sys.argv[1])
        print('given', len(peer.recv(1 << 16)) > 0)
";

/// Asks with a secret of each kind where something else is expected; all secrets are in the body.
fn ask(sandbox: &Sandbox, socket: &Path, question: &str, secrets: &[String], seen: &mut String) {
    sandbox.write("body", &secrets.join("\n"));
    let tried = if question.contains("SECRET") { 10 } else { 1 };
    for secret in &secrets[10..10 + tried] {
        ask_once(sandbox, socket, question, secret, seen);
    }
}

fn ask_once(sandbox: &Sandbox, socket: &Path, question: &str, secret: &str, seen: &mut String) {
    let (method, target) = question.split_once(' ').unwrap();
    let url = format!("http://localhost{}", target.replace("SECRET", &percent(secret)));
    let socket = socket.to_str().unwrap();
    let options = ["-s", "-i", "--max-time", "10", "-X", method, "--unix-socket", socket];
    let body: &[&str] = if method == "GET" { &[] } else { &["--data-binary", "@body"] };
    let run = sandbox.run_other("curl", options.iter().chain(body).chain([&url.as_str()]));
    assert!(run.stdout.starts_with("HTTP/1.1"), "{question}: {run:?}");
    writeln!(seen, "\n$ {question}\n{}", run.stdout).unwrap();
}

/// Breaks a vault and mends it again with other secrets, with somebody watching.
fn watch_a_change(sandbox: &Sandbox, secrets: &[String], seen: &mut String) {
    let lines = || fs::read_to_string(sandbox.work().join("lines")).unwrap();
    let mut watch = sandbox.start_into("lines", ["watch", "-v"]);
    watch.hear("watching");
    sandbox.write("vaults.d/broken.conf", &format!("a: \"{}\n{} = [", secrets[3], secrets[4]));
    sandbox.write("vaults.d/new.conf", &format!("new.password: \"{}\"", secrets[250]));
    sandbox.eventually("the change is told", || lines().contains("new.password"));
    sandbox.write("vaults.d/new.conf", "");
    sandbox.eventually("the other change is told", || lines().matches("new").count() > 1);
    writeln!(seen, "\n$ watch\n{}", lines()).unwrap();
    drop(watch);
}

#[test]
fn each_spelling_of_a_secret_would_be_found() {
    let secrets = secrets();
    let search = Search::new(&secrets);
    for (index, secret) in secrets.iter().enumerate().take(50) {
        let behind = |bytes: &str| STANDARD.encode(format!("{bytes}{secret}\"}}"));
        let texts = [behind(""), behind("{"), behind("{\""), behind("a: ")];
        let spelled = spellings(secret).into_iter().map(|(spelled, _)| spelled);
        for text in spelled.chain(texts) {
            let found = search.found(&format!("$ x\nsaid {text} there"));
            assert!(!found.is_empty(), "number {index} is not found in {text}");
        }
    }
}

fn assert_nothing_found(secrets: &[String], seen: &str) {
    let found = Search::new(secrets).found(seen);
    assert!(found.is_empty(), "{} secrets are shown:\n{}", found.len(), found.join("\n"));
    assert!(seen.contains("********"), "nothing was masked: nothing was looked at");
}
