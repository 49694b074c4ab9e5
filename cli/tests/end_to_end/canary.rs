//! The canary: five hundred secrets are seeded wherever secrets are kept, and none is in any output.

use std::{collections::HashMap, fmt::Write as _, fs};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tests::sandbox::Sandbox;

use crate::{daemon_on, sandbox};

/// What the commands are run with; one that is not listed is run with its name alone, so that a new
/// command is searched, too.
const ARGUMENTS: &[(&str, &[&str])] = &[
    (
        "resolve",
        &[
            "--print",
            "--print --format hocon",
            "--print --format yaml",
            "--print --format env",
            "--print --origins",
            "--print --view agent",
            "--print --view sdk",
            "--json",
            "secrets",
            "--print --keep-references",
            "--print --mode hocon",
            "no.such.key",
        ],
    ),
    ("get", &["secrets", "environment", "plain.dsn", "secrets.password_7", "no.such.key"]),
    (
        "explain",
        &["secrets", "secrets.password_7", "environment", "--json plain.dsn", "no.such.key"],
    ),
    ("diff", &["", "--json", "--against base.conf"]),
    (
        "check",
        &["base.conf", "--format json base.conf", "--format sarif broken.conf", "broken.conf"],
    ),
    ("status", &["", "--json"]),
    ("doctor", &["", "--json"]),
    ("redact", &["", "--argv"]),
    ("exec", &["--redact --env -- /usr/bin/env", "--redact -- /bin/cat base.conf"]),
];

/// Commands that wait for something, or start what the others ask.
const WAITING: [&str; 2] = ["watch", "daemon"];

/// What every command is run with besides.
const SOURCES: [&str; 3] =
    ["", "--offline --config base.conf --vaults vaults.json", "--offline --config broken.conf -v"];

#[test]
fn no_secret_is_in_any_output_of_any_command() {
    let secrets = secrets();
    let sandbox = seeded(&secrets);
    let mut seen = String::new();
    let daemon = daemon_on(&sandbox, &["--config", "base.conf", "--vaults-folder", "vaults.d"]);
    for command in commands(&sandbox) {
        let arguments = ARGUMENTS.iter().find(|(name, _)| *name == command);
        for typed in arguments.map_or(&[""][..], |(_, arguments)| arguments) {
            for sources in SOURCES {
                let (options, words) = typed.split_once("-- ").unwrap_or((typed, ""));
                let separator = if words.is_empty() { "" } else { "--" };
                let line = format!("{command} {sources} {options} {separator} {words}");
                let input = secrets.join("\n");
                let run = sandbox.run_fed(&input, line.split_ascii_whitespace());
                writeln!(seen, "$ {line}\n{}\n{}", run.stdout, run.stderr).unwrap();
            }
        }
    }
    daemon.terminate();
    assert_nothing_found(&secrets, &seen);
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

#[test]
fn no_secret_is_in_anything_that_the_daemon_says() {
    let secrets = secrets();
    let sandbox = seeded(&secrets);
    sandbox.write("settings.toml", "access.secrets = []\naccess.redacted = [\"*\"]\n");
    let mut seen = String::new();
    for format in ["text", "json"] {
        let flags = ["--config", "base.conf", "--vaults-folder", "vaults.d", "--foreground-log"];
        let settings = ["--settings", "settings.toml"];
        let socket = sandbox.socket();
        let start = ["daemon", "--socket", socket.to_str().unwrap()].into_iter();
        let mut daemon =
            sandbox.start_into("said", start.chain(flags).chain([format]).chain(settings));
        daemon.hear("serving");
        for question in ASKED {
            ask(&sandbox, question, &secrets, &mut seen);
        }
        watch_a_change(&sandbox, &secrets, &mut seen);
        writeln!(seen, "\n$ daemon {format}\n{}", daemon.terminate_and_tell()).unwrap();
        seen.push_str(&fs::read_to_string(sandbox.work().join("said")).unwrap());
    }
    assert_nothing_found(&secrets, &seen);
}

/// Asks with a secret where something else is expected; all secrets are in the body.
fn ask(sandbox: &Sandbox, question: &str, secrets: &[String], seen: &mut String) {
    let (method, target) = question.split_once(' ').unwrap();
    let secret = secrets[7].replace('+', "%2B").replace('/', "%2F");
    let url = format!("http://localhost{}", target.replace("SECRET", &secret));
    sandbox.write("body", &secrets.join("\n"));
    let socket = sandbox.socket();
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
    for (index, secret) in secrets.iter().enumerate().take(50) {
        let behind = |bytes: &str| STANDARD.encode(format!("{bytes}{secret}\"}}"));
        for text in [secret.clone(), behind(""), behind("{"), behind("{\""), behind("a: ")] {
            let found = found(&secrets, &format!("$ x\nsaid {text} there"));
            assert!(!found.is_empty(), "number {index} is not found in {text}");
        }
    }
}

fn assert_nothing_found(secrets: &[String], seen: &str) {
    let found = found(secrets, seen);
    assert!(found.is_empty(), "{} secrets are shown:\n{}", found.len(), found.join("\n"));
    assert!(seen.contains("********"), "nothing was masked: nothing was looked at");
}

/// Returns the commands that the program says it has.
fn commands(sandbox: &Sandbox) -> Vec<String> {
    let help = sandbox.run("--help").success();
    let names = help.lines().filter_map(|line| {
        let (name, about) = line.strip_prefix("  ")?.split_once("  ")?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        (is_name && !about.is_empty() && !WAITING.contains(&name)).then(|| name.to_owned())
    });
    let names: Vec<_> = names.collect();
    assert!(names.len() > 8, "{names:?}");
    names
}

/// Returns 500 secrets of letters, digits and signs, always the same.
fn secrets() -> Vec<String> {
    let signs = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789+/-_.~";
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut secret = |_| {
        let length = 12 + next(28);
        (0..length).map(|_| char::from(signs[next(signs.len())])).collect()
    };
    (0..500).map(&mut secret).collect()
}

/// Puts the secrets into a file, a vault, a broken file, the environment and the credentials.
fn seeded(secrets: &[String]) -> Sandbox {
    let (of_file, rest) = secrets.split_at(200);
    let (of_vault, of_environment) = rest.split_at(200);
    let mut file = String::from("plain.dsn: \"postgres://u:DSN@h/db\"\nsecrets {\n")
        .replace("DSN", &of_file[0].replace('/', "%2F"));
    for (index, secret) in of_file.iter().enumerate().skip(1) {
        let name = ["password", "api_token", "secret_key", "git_pass"][index % 4];
        writeln!(file, "  {name}_{index}: \"{secret}\"").unwrap();
    }
    let broken = format!("{file}  broken = [\n");
    let mut vault = String::from("environment {\n");
    for (index, secret) in of_vault.iter().enumerate() {
        writeln!(vault, "  VARIABLE_{index}: \"{secret}\"").unwrap();
    }
    vault.push_str("}\n");
    let mut sandbox = sandbox();
    for (index, secret) in of_environment.iter().enumerate() {
        let name = match index {
            0 => "CLEARML_API_ACCESS_KEY".to_owned(),
            1 => "CLEARML_API_SECRET_KEY".to_owned(),
            _ => format!("SOME_TOKEN_{index}"),
        };
        sandbox = sandbox.with_variable(&name, secret);
    }
    sandbox.write("base.conf", &format!("{file}}}\n"));
    sandbox.write("broken.conf", &broken);
    sandbox.write("vaults.d/vault.conf", &vault);
    let vaults = serde_json::json!([{
        "id": "v", "description": "", "scope": "user", "type": "config", "enabled": true,
        "format": "hocon", "data": vault,
    }]);
    sandbox.write("vaults.json", &vaults.to_string());
    sandbox
}

/// Returns the secrets that are in a text, plain or encoded, with the command that showed each.
fn found(secrets: &[String], text: &str) -> Vec<String> {
    let needles = needles(secrets);
    let mut found = Vec::new();
    for run in text.split("\n$ ") {
        let command = run.lines().next().unwrap_or_default();
        let bytes = run.as_bytes();
        for (place, begins) in bytes.windows(WINDOW).enumerate() {
            for (number, spelled, how) in needles.get(begins).into_iter().flatten() {
                if bytes[place..].starts_with(spelled.as_bytes()) {
                    found.push(format!("number {number}, {how}, by {command}"));
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Bytes by which a secret is looked up: no spelling of one is shorter.
const WINDOW: usize = 8;

/// Each spelling of each secret, by how it begins.
type Needles = HashMap<Vec<u8>, Vec<(usize, String, &'static str)>>;

fn needles(secrets: &[String]) -> Needles {
    let mut needles = Needles::new();
    for (number, secret) in secrets.iter().enumerate() {
        let percent = |secret: &str| secret.replace('+', "%2B").replace('/', "%2F");
        let mut spellings = vec![
            (secret.clone(), "plain"),
            (percent(secret), "percent-encoded"),
            (percent(secret).replace('~', "%7E"), "percent-encoded"),
            (secret.replace('/', "\\/"), "escaped"),
        ];
        for shift in 0..3 {
            spellings.push((base64(secret, shift), "in base64"));
            spellings.push((base64_url(&base64(secret, shift)), "in base64"));
        }
        for (spelled, how) in spellings {
            let begins = spelled.as_bytes()[..WINDOW].to_vec();
            needles.entry(begins).or_default().push((number, spelled, how));
        }
    }
    needles
}

/// Returns what of a secret's base64 does not depend on its surroundings, behind so many bytes.
fn base64(secret: &str, shift: usize) -> String {
    let encoded = STANDARD.encode([&[0; 2][..shift], secret.as_bytes()].concat());
    let (first, last) = ((shift * 8).div_ceil(6), (shift + secret.len()) * 8 / 6);
    encoded[first..last].to_owned()
}

fn base64_url(encoded: &str) -> String {
    encoded.replace('+', "-").replace('/', "_")
}
