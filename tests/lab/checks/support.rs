//! A machine with the package installed, and a way to ask its resolver.

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

use lab::{Machine, Outcome};

/// The service.
pub(crate) const SERVICE: &str = "clearml-resolver.service";
/// Its sockets.
pub(crate) const SOCKETS: [&str; 3] = [
    "clearml-resolver.socket",
    "clearml-resolver-admin.socket",
    "clearml-resolver-credential.socket",
];
/// Where questions go.
pub(crate) const SOCKET: &str = "/run/clearml-resolver/resolver.sock";
/// A secret of the host's file, and one of a vault.
pub(crate) const FILE_SECRET: &str = "file-secret-7f3a";
pub(crate) const VAULT_SECRET: &str = "vault-secret-91bc";

/// Returns the package that `cargo xtask dist deb` made.
pub(crate) fn package() -> PathBuf {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/dist");
    let found = fs::read_dir(&made).ok().and_then(|entries| {
        let mut paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        paths.find(|path| path.extension().is_some_and(|ending| ending == "deb"))
    });
    found.expect("the package has been made: cargo xtask dist deb")
}

/// Boots a machine and installs the package.
pub(crate) fn installed() -> Machine {
    let machine = Machine::boot();
    install(&machine);
    machine
}

/// Installs the package.
pub(crate) fn install(machine: &Machine) {
    machine.bring(&package(), "/root/clearml-resolver.deb");
    let _said = machine.run("dpkg --install /root/clearml-resolver.deb").success();
}

/// Boots a machine whose resolver has a file with a secret, and a vault with another.
pub(crate) fn configured() -> Machine {
    let machine = installed();
    machine.write(
        "/etc/clearml-resolver/clearml.conf",
        &format!("sdk.aws.s3 {{ region: from-file, secret: {FILE_SECRET} }}"),
    );
    let vaults = "/etc/clearml-resolver/vaults.d";
    machine.write(
        &format!("{vaults}/10-team.conf"),
        &format!("sdk.aws.s3.region: from-vault, sdk.azure.secret: {VAULT_SECRET}"),
    );
    let settings = format!("vaults.source = 'folder'\nvaults.folder = '{vaults}'\n");
    machine.write("/etc/clearml-resolver/settings.toml", &settings);
    let script = format!(
        "chmod 644 /etc/clearml-resolver/settings.toml {vaults}/*; systemctl restart {SERVICE}"
    );
    let _silent = machine.run(&script).success();
    machine
}

/// Asks for a target as a user of the machine, by curl; the status code stands on a last line.
pub(crate) fn ask_by(machine: &Machine, user: &str, target: &str) -> Outcome {
    let script = format!(
        "curl --silent --show-error --max-time 50 --write-out '\\n%{{http_code}}' \
         --unix-socket {SOCKET} 'http://localhost{target}'"
    );
    machine.run_by(user, &script)
}

/// Asks for a target as root, and returns the body of an answer that is one.
#[track_caller]
pub(crate) fn ask(machine: &Machine, target: &str) -> String {
    let answer = ask_by(machine, "root", target).success();
    let body = answer.strip_suffix("\n200");
    assert!(body.is_some(), "{target} is answered: {answer}");
    body.unwrap_or_default().to_owned()
}

/// Asks for the configuration from outside, on a new connection; returns the status line.
///
/// # Errors
/// Nobody answers to the end.
pub(crate) fn ask_from_outside(socket: &Path) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.write_all(b"GET /v1/config HTTP/1.1\r\nhost: l\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

/// Boots a machine with the sample's API server, as `sample.service`, and a resolver that has its
/// keys from a file that only root reads.
pub(crate) fn with_server() -> Machine {
    let machine = installed();
    let script = format!(
        "systemd-run --quiet --unit sample clearml-resolver daemon --dev --socket /root/sample.sock
         said() {{ journalctl --no-pager --output cat --unit sample; }}
         until said | grep -q CLEARML_CONFIG_FILE=; do sleep 0.1; done
         file=$(said | sed -n 's/.*CLEARML_CONFIG_FILE=//p')
         install --mode=600 \"$file\" /etc/clearml-resolver/clearml.conf
         systemctl restart {SERVICE}"
    );
    let _silent = machine.run(&script).success();
    machine
}

/// Waits until the service says this of its state.
pub(crate) fn wait_for_state(machine: &Machine, state: &str) {
    machine.wait_for(&format!(
        "systemctl show --property StatusText --value {SERVICE} | grep 'profile default: {state}'"
    ));
}

/// Adds lines to a unit, as an administrator would, and lets systemd know.
pub(crate) fn drop_in(machine: &Machine, unit: &str, text: &str) {
    machine.write(&format!("/etc/systemd/system/{unit}.d/check.conf"), text);
    let _silent = machine.run("systemctl daemon-reload").success();
}

/// Returns what the journal has of the service, as text.
pub(crate) fn journal(machine: &Machine) -> String {
    machine.run(&format!("journalctl --no-pager --output cat --unit {SERVICE}")).success()
}
