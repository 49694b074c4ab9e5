//! The Debian package: what it brings, and that it takes all of that away.

use std::collections::BTreeSet;

use lab::Machine;

use crate::support::{SERVICE, configured, install, installed};

/// Every file that a package may bring, less what systemd and dpkg keep for themselves.
const FILES: &str = "find /etc /usr /var /run /opt /boot -xdev \\( -path /var/log \
                     -o -path /var/lib/dpkg -o -path /var/lib/systemd -o -path /run/systemd -o -path /var/cache \\) -prune \
                     -o -print; find /run -path '*clearml*'; cat /etc/group";

#[test]
fn a_purge_leaves_nothing() {
    let machine = Machine::boot();
    let before = machine.run(FILES).success();
    install(&machine);
    machine.write("/etc/clearml-resolver/clearml.conf", "sdk.region: x");
    machine.write("/var/lib/private/clearml-resolver/state", "sealed");
    let _silent = machine.run(&format!("systemctl restart {SERVICE}")).success();
    let _said = machine.run("dpkg --purge clearml-resolver").success();
    let after = machine.run(FILES).success();
    let before: BTreeSet<&str> = before.lines().collect();
    let left: Vec<&str> = after.lines().filter(|line| !before.contains(line)).collect();
    assert_eq!(left, [""; 0], "left by a purge");
    assert!(!machine.run(&format!("systemctl cat {SERVICE}")).succeeded());
}

#[test]
fn a_removal_keeps_what_the_administrator_wrote() {
    let machine = configured();
    let _said = machine.run("dpkg --remove clearml-resolver").success();
    for kept in ["settings.toml", "clearml.conf", "vaults.d/10-team.conf"] {
        let _silent = machine.run(&format!("test -e /etc/clearml-resolver/{kept}")).success();
    }
    let _silent = machine.run("test -s /etc/credstore/clearml-resolver.seal.key").success();
    assert!(!machine.run("test -e /run/clearml-resolver/resolver.sock").succeeded());
    install(&machine);
    assert_eq!(machine.property(SERVICE, "ActiveState"), "active");
}

#[test]
fn it_brings_pages_completions_and_settings() {
    let machine = installed();
    for path in [
        "/usr/share/man/man1/clearml-resolver.1.gz",
        "/usr/share/man/man1/clearml-resolver-daemon.1.gz",
        "/usr/share/bash-completion/completions/clearml-resolver",
        "/usr/share/zsh/vendor-completions/_clearml-resolver",
        "/usr/share/fish/vendor_completions.d/clearml-resolver.fish",
        "/usr/share/doc/clearml-resolver/clearml-agent/fail-closed.conf",
        "/usr/share/doc/clearml-resolver/clearml-agent/fail-open.conf",
        "/usr/share/doc/clearml-resolver/copyright",
        "/usr/lib/systemd/user/clearml-resolver.service",
    ] {
        let _silent = machine.run(&format!("test -s {path}")).success();
    }
    let conffiles = "dpkg-query --show --showformat '${Conffiles}' clearml-resolver";
    let conffiles = machine.run(conffiles).success();
    assert!(conffiles.contains("/etc/clearml-resolver/settings.toml"), "{conffiles}");
    for unit in [SERVICE, "clearml-resolver.socket"] {
        assert_eq!(machine.run(&format!("systemctl is-enabled {unit}")).success(), "enabled");
    }
}
