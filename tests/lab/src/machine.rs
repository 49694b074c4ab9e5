//! Booting a machine, running commands inside, letting it go.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{cgroup::Cgroup, outcome::Outcome};

/// How long anything may take that is waited for; a busy host boots the machine in a tenth of it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait before a condition is looked at again.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// The namespaces of the machine, as `unshare` and `nsenter` both call them.
const NAMESPACES: [&str; 6] = ["--pid", "--mount", "--uts", "--ipc", "--cgroup", "--net"];

/// A running machine; dropping it ends all its processes and forgets all its files.
pub struct Machine {
    /// Its systemd, as the host numbers it.
    init: u32,
    /// The process that made the namespaces; its end ends them.
    outside: Child,
    _folder: TempDir,
    _cgroup: Cgroup,
}

impl Machine {
    /// Boots one, and waits until systemd has nothing left to start.
    ///
    /// # Panics
    /// We are not root, or it does not boot in time.
    pub fn boot() -> Self {
        let folder = tempfile::Builder::new().prefix("lab-").tempdir().expect("a folder");
        let name = folder.path().file_name().expect("a temporary folder has a name");
        let cgroup = Cgroup::new(&name.to_string_lossy());
        let cgroup = cgroup.expect("the lab needs root and a cgroup of version 2");
        let mut outside = start(folder.path(), &cgroup);
        let deadline = Instant::now() + PATIENCE;
        let init = loop {
            if let Some(init) = only_child(outside.id()) {
                break init;
            }
            let ended = outside.try_wait().expect("a child can be asked for its end");
            assert!(ended.is_none(), "the machine ended before it began: {ended:?}");
            assert!(Instant::now() < deadline, "no namespaces within {PATIENCE:?}");
            thread::sleep(BETWEEN_LOOKS);
        };
        let machine = Self { init, outside, _folder: folder, _cgroup: cgroup };
        machine.eventually("systemd has booted", |machine| {
            // Before that, the name of PID 1 is that of the script which becomes systemd.
            let name = fs::read_to_string(format!("/proc/{init}/comm"));
            name.is_ok_and(|name| name == "systemd\n")
                && machine
                    .run("systemctl is-system-running | grep -E 'running|degraded'")
                    .succeeded()
        });
        assert_eq!(machine.run("systemctl --failed --quiet").success(), "", "units failed at boot");
        machine
    }

    /// Runs a script (`sh`, ending at the first failure) inside as root.
    pub fn run(&self, script: &str) -> Outcome {
        self.run_by("root", script)
    }

    /// Runs a script inside as somebody else, with all their groups.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn run_by(&self, user: &str, script: &str) -> Outcome {
        let output = self.command(user, script).output().expect("nsenter can be started");
        Outcome::new(script, &output)
    }

    /// Starts a script inside as root, and leaves it running.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn start(&self, script: &str) -> Child {
        self.command("root", script).spawn().expect("nsenter can be started")
    }

    /// Waits until a script inside succeeds.
    ///
    /// # Panics
    /// It does not in time.
    #[track_caller]
    pub fn wait_for(&self, script: &str) {
        self.eventually(script, |machine| machine.run(script).succeeded());
    }

    /// Waits until a condition holds.
    ///
    /// # Panics
    /// It does not in time.
    #[track_caller]
    pub fn eventually(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Returns a property of a unit, as `systemctl show` spells it.
    #[track_caller]
    pub fn property(&self, unit: &str, name: &str) -> String {
        self.run(&format!("systemctl show --property {name} --value {unit}")).success()
    }

    /// Writes a file inside, for root alone, with the folders above it.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.inside(path);
        let folder = path.parent().expect("a file has a folder");
        fs::create_dir_all(folder).expect("root can make folders");
        fs::write(&path, text).expect("root can write files");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
    }

    /// Brings a file of the host inside, with its mode.
    ///
    /// # Panics
    /// It is not there.
    pub fn bring(&self, host: &Path, path: &str) {
        let path = self.inside(path);
        let folder = path.parent().expect("a file has a folder");
        fs::create_dir_all(folder).expect("root can make folders");
        let brought = fs::copy(host, &path);
        assert!(brought.is_ok(), "`{}` cannot be brought inside: {brought:?}", host.display());
    }

    /// Brings a folder of the host inside, links as links. It may lie where the machine has
    /// something else of its own, such as `/tmp`.
    ///
    /// # Panics
    /// It is not there, or larger than the memory for changes.
    pub fn bring_folder(&self, host: &Path, path: &str) {
        let mut copy = Command::new("cp");
        copy.args(["--archive", "--no-target-directory"]).arg(host).arg(self.inside(path));
        let status = copy.status().expect("every host has cp");
        assert!(status.success(), "`{}` cannot be brought inside: {status}", host.display());
    }

    /// Returns what the host calls a path inside.
    pub fn inside(&self, path: &str) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.init));
        root.join(path.trim_start_matches('/'))
    }

    fn command(&self, user: &str, script: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg("--target").arg(self.init.to_string()).args(NAMESPACES);
        command.args(["--root", "--wd", "--", "env", "--ignore-environment"]);
        command.args(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "SYSTEMD_PAGER="]);
        if user != "root" {
            command.args(["runuser", "--user", user, "--"]);
        }
        command.args(["sh", "-euc", script]).stdin(Stdio::null());
        command
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The kernel ends what lives in a PID namespace with the first process there.
        let _ended_already = self.outside.kill();
        let _status = self.outside.wait();
    }
}

/// Starts `boot.sh` in new namespaces and a control group.
fn start(folder: &Path, cgroup: &Cgroup) -> Child {
    let mut command = Command::new("sh");
    command.args(["-euc", r#"echo $$ > "$1"; shift; exec "$@""#, "sh"]).arg(cgroup.members());
    // `unshare` passes on only its own end, and takes no order to end; a test that is ended from
    // outside must not leave a machine behind.
    command.args(["setpriv", "--pdeathsig", "KILL", "--", "unshare"]).args(NAMESPACES);
    command.args(["--fork", "--kill-child"]);
    command.args(["--propagation", "private"]);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/boot.sh")).arg(folder);
    command.stdin(Stdio::null()).spawn().expect("sh can be started")
}

/// Returns the child of a process that has one.
fn only_child(parent: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    children.split_ascii_whitespace().next()?.parse().ok()
}
