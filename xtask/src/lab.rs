//! The lab: the package, installed and run on a machine with a real systemd.

use std::os::unix::fs::MetadataExt;

use crate::{
    command::{Failure, cargo},
    debian, dist, python,
    tests::install_runner,
    workspace::Workspace,
};

/// The step's name, and that of the tests' package.
pub(crate) const STEP: &str = "lab";

/// What the machine is made of, beside what every Debian has.
pub(crate) const PROGRAMS: &[debian::Program] = &[
    debian::Program { name: "systemd-analyze", package: "systemd" },
    debian::Program { name: "ip", package: "iproute2" },
    debian::Program { name: "curl", package: "curl" },
    debian::Program { name: "python3", package: "python3" },
    debian::Program { name: "dpkg-shlibdeps", package: "dpkg-dev" },
];

/// Makes the package and runs the checks on it.
///
/// Those with stock clients are left out with the step that installs them.
pub(crate) fn run(workspace: &Workspace, without: &[String]) -> Result<(), Failure> {
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !is_root {
        return Err(Failure::Missing {
            what: "the lab makes namespaces and mounts, which only root may".into(),
            next: format!("run it as root, or leave it out: `--without {STEP}`"),
        });
    }
    dist::make_deb(workspace)?;
    install_runner(workspace)?;
    let without_clients = without.iter().any(|left_out| left_out == python::STEP);
    let filter = if without_clients { "not test(/stock/)" } else { "all()" };
    cargo(workspace, "nextest run --package lab --ignore-default-filter --locked --no-fail-fast")
        .arguments(["--status-level", "pass", "--filterset", filter])
        .run()
}
