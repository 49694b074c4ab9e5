//! The sandbox: each directive by name, and by a deed that succeeds without it and fails with it.

use std::collections::BTreeSet;

use lab::Machine;

use crate::support::{SERVICE, installed};

/// A line of the unit that takes something from the service.
struct Directive {
    line: &'static str,
    /// What `systemctl show` must hold: the value as written, if this is none.
    shown: Option<&'static str>,
    proof: Proof,
}

enum Proof {
    /// Succeeds without the directive and fails with it.
    Deed(&'static str),
    /// The same, by the user `nobody`.
    DeedOfNobody(&'static str),
    /// The same, where the directive needs others to do anything.
    DeedWith(&'static [&'static str], &'static str),
    /// There is none here, for this reason; the name must do.
    None(&'static str),
}

use Proof::{Deed, DeedOfNobody, DeedWith};

/// What the lab itself may not do, so that only the filter can be seen, not what it stops.
const IS_UNFILTERED: &str = "grep 'Seccomp:.0' /proc/self/status";
const IPV4: &str = "IPAddressAllow=0.0.0.0/1 128.0.0.0/2 192.0.0.0/3";
const IPV6: &str =
    "IPAddressAllow=::/1 8000::/2 c000::/3 e000::/4 f000::/5 f800::/6 fc00::/7 fe00::/8";
const EMPTY_ROOT: &str = "TemporaryFileSystem=/:ro";
const PROGRAMS: &str = "BindReadOnlyPaths=/usr /etc -/bin -/lib -/lib64";
const SEE_OTHER_FILES: &str = "ls /srv/mark";

const DIRECTIVES: &[Directive] = &[
    directive("DynamicUser=yes", None, Deed("test $(id --user) = 0")),
    directive(
        "UMask=0077",
        None,
        Deed("rm -f /srv/new; touch /srv/new; test $(stat --format %a /srv/new) != 600"),
    ),
    directive(
        "RootDirectory=/run/clearml-resolver-root",
        None,
        DeedWith(&[EMPTY_ROOT, PROGRAMS], SEE_OTHER_FILES),
    ),
    directive(EMPTY_ROOT, None, DeedWith(&[PROGRAMS], SEE_OTHER_FILES)),
    directive(PROGRAMS, Some("/etc:/etc:rbind"), DeedWith(&[EMPTY_ROOT], SEE_OTHER_FILES)),
    directive("CapabilityBoundingSet=", None, Deed("chown 1 /srv/mark")),
    directive("AmbientCapabilities=", None, Proof::None("none is the default")),
    directive("NoNewPrivileges=yes", None, Deed("grep 'NoNewPrivs:.0' /proc/self/status")),
    directive("ProtectSystem=strict", None, Deed("touch /etc/new")),
    directive("ProtectHome=yes", None, Deed("ls /root/mark")),
    directive("PrivateTmp=yes", None, Deed("ls /tmp/mark")),
    directive("PrivateDevices=yes", None, Deed("mknod /dev/new c 1 3")),
    directive("PrivateIPC=yes", None, Deed("ipcs --queues | grep 0x")),
    directive(
        "PrivateMounts=yes",
        None,
        Deed("test $(readlink /proc/self/ns/mnt) = $(readlink /proc/1/ns/mnt)"),
    ),
    directive("ProtectClock=yes", None, Deed(IS_UNFILTERED)),
    directive("ProtectHostname=yes", None, Deed("hostname lab")),
    directive("ProtectKernelLogs=yes", None, Deed(IS_UNFILTERED)),
    directive("ProtectKernelModules=yes", None, Deed(IS_UNFILTERED)),
    directive(
        "ProtectKernelTunables=yes",
        None,
        Deed(
            "test -e /proc/fs && ! grep ' /proc/\\(acpi\\|fs\\|kallsyms\\) ' /proc/self/mountinfo",
        ),
    ),
    directive(
        "ProtectControlGroups=yes",
        None,
        Deed("mkdir /sys/fs/cgroup/new && rmdir /sys/fs/cgroup/new"),
    ),
    directive("ProtectProc=invisible", None, DeedOfNobody("ls --directory /proc/1")),
    directive("ProcSubset=pid", None, Deed("cat /proc/meminfo")),
    directive(
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        None,
        // A socket of AF_NETLINK.
        Deed("perl -e 'socket(my $socket, 16, 3, 0) or exit 1'"),
    ),
    directive(
        "IPAddressDeny=any",
        Some("0.0.0.0/0"),
        // A datagram to the group 239.1.2.3.
        DeedWith(
            &[IPV4, IPV6],
            r#"perl -e 'socket(my $socket, 2, 2, 17); send($socket, "x", 0, pack("Sna4x8", 2, 9, "\xef\1\2\3")) or exit 1'"#,
        ),
    ),
    directive(IPV4, Some("192.0.0.0/3"), Proof::None("it takes from the line above")),
    directive(IPV6, Some("fc00::/7"), Proof::None("it takes from the line above")),
    directive("RestrictNamespaces=yes", None, Deed("unshare --uts true")),
    directive("RestrictRealtime=yes", None, Deed(IS_UNFILTERED)),
    directive("RestrictSUIDSGID=yes", None, Deed("touch /srv/set; chmod u+s /srv/set")),
    directive("LockPersonality=yes", None, Deed("setarch --addr-no-randomize true")),
    directive(
        "MemoryDenyWriteExecute=yes",
        None,
        // mmap(2), number 9 on x86-64, for a page that is written and executed.
        Deed("perl -e 'exit(syscall(9, 0, 4096, 7, 0x22, -1, 0) == -1)'"),
    ),
    directive("RemoveIPC=yes", None, Proof::None("it acts after the user has gone")),
    directive("SystemCallArchitectures=native", None, Deed(IS_UNFILTERED)),
    directive(
        "SystemCallFilter=@system-service",
        Some("clock_nanosleep"),
        DeedWith(&["SystemCallErrorNumber=EPERM"], "mount -t tmpfs none /mnt"),
    ),
    directive(
        "SystemCallFilter=~@privileged @resources",
        Some("clock_nanosleep"),
        DeedWith(&["SystemCallErrorNumber=EPERM"], "chroot / true"),
    ),
    directive(
        "SystemCallErrorNumber=EPERM",
        Some("1"),
        Proof::None("it says how the filter refuses"),
    ),
    directive("LimitCORE=0", None, Deed("test $(ulimit -H -c) != 0")),
    directive("LimitNOFILE=16448", None, Deed("test $(ulimit -H -n) != 16448")),
];

/// Lines that give the service something, or say how it runs.
const GIVING: [&str; 16] = [
    "User",
    "Type",
    "NotifyAccess",
    "Sockets",
    "ExecStart",
    "ExecReload",
    "WatchdogSec",
    "Restart",
    "RestartSec",
    "LoadCredential",
    "SetCredential",
    "StateDirectory",
    "StateDirectoryMode",
    "BindReadOnlyPaths=/run",
    "BindReadOnlyPaths=-/run",
    "StartLimitIntervalSec",
];

const fn directive(line: &'static str, shown: Option<&'static str>, proof: Proof) -> Directive {
    Directive { line, shown, proof }
}

#[test]
fn the_table_has_every_directive_of_the_unit() {
    let unit = include_str!("../../../systemd/system/clearml-resolver.service");
    let (_, service) = unit.split_once("[Service]").expect("a unit has a section");
    let (service, _) = service.split_once("[Install]").expect("and another");
    let lines = service.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let taking = lines.filter(|line| !GIVING.iter().any(|giving| line.starts_with(giving)));
    let known: BTreeSet<&str> = DIRECTIVES.iter().map(|directive| directive.line).collect();
    assert_eq!(taking.collect::<BTreeSet<_>>(), known);
}

#[test]
fn systemd_has_every_directive_of_the_unit() {
    let machine = installed();
    for Directive { line, shown, .. } in DIRECTIVES {
        let (name, value) = line.split_once('=').expect("a directive has a value");
        let there = machine.property(SERVICE, name);
        match shown {
            None => assert_eq!(there, value, "{line}"),
            Some(part) => assert!(there.contains(part), "{line}: {there}"),
        }
    }
}

#[test]
fn what_a_directive_takes_succeeds_without_it_and_fails_with_it() {
    let machine = machine_with_marks();
    let mut wrong = Vec::new();
    for Directive { line, proof, .. } in DIRECTIVES {
        let (with, deed): (&[&str], _) = match proof {
            Deed(deed) => (&[], deed),
            DeedOfNobody(deed) => (&["User=nobody"], deed),
            DeedWith(others, deed) => (*others, deed),
            Proof::None(why) => {
                println!("{line}: by name alone, as {why}");
                continue;
            }
        };
        // What only works together is proven together.
        let without: &[&str] = if with == ["User=nobody"] { with } else { &[] };
        if !does(&machine, without, deed) {
            wrong.push(format!("{line}: `{deed}` should succeed without it"));
        }
        if does(&machine, &[with, &[*line]].concat(), deed) {
            wrong.push(format!("{line}: `{deed}` should fail with it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_whole_sandbox_stops_every_deed_and_lets_the_service_work() {
    let machine = machine_with_marks();
    let all: Vec<&str> = DIRECTIVES.iter().map(|directive| directive.line).collect();
    assert!(does(&machine, &all, "cat /etc/hosts && test $(id --user) -ge 61184"));
    for Directive { line, proof, .. } in DIRECTIVES {
        let (Deed(deed) | DeedOfNobody(deed) | DeedWith(_, deed)) = proof else {
            continue;
        };
        assert!(!does(&machine, &all, deed), "{line}: `{deed}` should fail");
    }
}

/// Boots a machine with what the deeds look for.
fn machine_with_marks() -> Machine {
    let machine = installed();
    let marks = "touch /srv/mark /root/mark /tmp/mark; chmod 777 /srv; ipcmk --queue; \
                 ip route add 239.0.0.0/8 dev lo";
    let _said = machine.run(marks).success();
    machine
}

/// Whether a script succeeds in a service of its own with these directives.
fn does(machine: &Machine, directives: &[&str], script: &str) -> bool {
    let properties: Vec<String> =
        directives.iter().map(|line| format!("--property='{line}'")).collect();
    machine.write("/srv/deed", &format!("set -eu\n{script}\n"));
    let run = format!(
        "systemd-run --quiet --wait --collect --pipe {} sh -c \"$(cat /srv/deed)\"",
        properties.join(" ")
    );
    machine.run(&run).succeeded()
}
