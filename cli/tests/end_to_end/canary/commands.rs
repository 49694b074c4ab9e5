//! What the canary runs of each command.

use std::collections::BTreeSet;

use tests::sandbox::Sandbox;

/// Every command, with what it is run with.
pub(super) const COMMANDS: &[(&str, &[&str])] = &[
    (
        "resolve",
        &[
            "",
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
    ("get", &["secrets", "environment", "plain.dsn", "secrets.password_8", "no.such.key", ""]),
    (
        "explain",
        &["secrets", "secrets.password_8", "environment", "--json plain.dsn", "no.such.key"],
    ),
    ("diff", &["", "--json", "--against base.conf", "--against no.such"]),
    (
        "check",
        &["base.conf", "--format json base.conf", "--format sarif broken.conf", "broken.conf"],
    ),
    ("status", &["", "--json", "--profile no-such"]),
    ("doctor", &["", "--json"]),
    ("redact", &["", "--argv"]),
    (
        "exec",
        &["--redact --env -- /usr/bin/env", "--redact -- /bin/cat base.conf", "-- /no/such", ""],
    ),
    ("init", &["--no-login --file made.conf", "--file made.conf", "--force --file made.conf"]),
    ("vault list", &["--folder authored.d", "--json --folder authored.d", ""]),
    ("vault show", &["vault.conf --folder authored.d", "no-such --folder authored.d", "vault"]),
    (
        "vault push",
        &[
            "--dry-run base.conf --folder authored.d",
            "--yes broken.conf --folder authored.d",
            "--yes base.conf --folder authored.d",
            "base.conf --folder authored.d",
            "--yes base.conf",
        ],
    ),
    ("vault edit", &["vault.conf --yes --folder authored.d", "no-such --yes --folder authored.d"]),
    (
        "vault disable",
        &["vault.conf --yes --folder authored.d", "no-such --yes --folder authored.d"],
    ),
    (
        "vault enable",
        &["vault.conf --yes --folder authored.d", "no-such --yes --folder authored.d"],
    ),
    (
        "vault delete",
        &["vault.conf --yes --folder authored.d", "no-such --yes --folder authored.d"],
    ),
    ("completions", &["bash", "zsh", "fish"]),
    ("man", &["", "--dir pages"]),
    ("help", &[""]),
    // These two wait for something; the other test runs them.
    ("watch", &[]),
    ("daemon", &[]),
];

/// Those that take their texts from elsewhere than what is asked for a configuration.
pub(super) const WITHOUT_SOURCES: [&str; 5] = ["init", "vault", "completions", "man", "help"];

/// Fails if there is a command that is not listed above.
pub(super) fn assert_all_are_listed(sandbox: &Sandbox) {
    let mut there: BTreeSet<String> = named(&sandbox.run("--help").success()).collect();
    assert!(there.len() > 8, "{there:?}");
    assert!(there.remove("vault"), "{there:?}");
    let below = sandbox.run("vault --help").success();
    let below = named(&below).filter(|name| name != "help");
    there.extend(below.map(|name| format!("vault {name}")));
    there.insert("help".to_owned());
    let listed = COMMANDS.iter().map(|(command, _)| (*command).to_owned()).collect();
    assert_eq!(there, listed, "list a new command here, with what it should be run with");
}

/// Returns the commands that a page of help names.
fn named(help: &str) -> impl Iterator<Item = String> {
    help.lines().filter_map(|line| {
        let (name, about) = line.strip_prefix("  ")?.split_once("  ")?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        (is_name && !about.is_empty()).then(|| name.to_owned())
    })
}
