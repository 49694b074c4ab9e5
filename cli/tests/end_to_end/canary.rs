//! The canary: five hundred secrets are seeded wherever secrets are kept, and none is in any output.

use std::fmt::Write as _;

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
    let socket = sandbox.socket().to_str().unwrap().to_owned();
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
    for path in ["config", "explain?path=secrets", "diff", "status", "nothing", "config?path=a..b"]
    {
        let url = format!("http://localhost/v1/{path}");
        let run = sandbox.run_other("curl", ["-s", "-i", "--unix-socket", &socket, &url]);
        // Whoever may see secrets is served them.
        if path != "config" && !path.starts_with("explain") && path != "diff" {
            writeln!(seen, "$ {url}\n{}", run.stdout).unwrap();
        }
    }
    daemon.terminate();
    let found = found(&secrets, &seen);
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

/// Returns the secrets that are in a text, with the command that showed each.
fn found(secrets: &[String], text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for run in text.split("\n$ ") {
        let command = run.lines().next().unwrap_or_default();
        for secret in secrets {
            let encoded = secret.replace('+', "%2B").replace('/', "%2F");
            if run.contains(secret.as_str()) || run.contains(&encoded) {
                let place = secrets.iter().position(|one| one == secret).unwrap_or_default();
                found.push(format!("number {place} by {command}"));
            }
        }
    }
    found
}
