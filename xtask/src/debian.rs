//! Debian packages: what a step runs beside cargo is installed where that can be done.

use std::os::unix::fs::MetadataExt;

use crate::{
    command::{Failure, program},
    workspace::Workspace,
};

/// A program and the Debian package that has it.
pub(crate) struct Program {
    /// What is run.
    pub(crate) name: &'static str,
    /// What is installed for it.
    pub(crate) package: &'static str,
}

/// Sees to it that programs are there: installs their packages as root, otherwise says what to do.
pub(crate) fn install(workspace: &Workspace, programs: &[Program]) -> Result<(), Failure> {
    let missing: Vec<_> = programs.iter().filter(|wanted| !is_there(workspace, wanted)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<_> = missing.iter().map(|program| program.package).collect();
    if !is_root() || !program("apt-get", workspace).arguments(["--version"]).succeeds() {
        let names: Vec<_> = missing.iter().map(|program| program.name).collect();
        return Err(Failure::Missing {
            what: format!("`{}` is not installed", names.join("`, `")),
            next: format!("run `sudo apt-get install {}`", packages.join(" ")),
        });
    }
    program("apt-get", workspace).arguments(["update", "--quiet"]).run()?;
    let mut install = program("apt-get", workspace)
        .arguments(["install", "--yes", "--quiet", "--no-install-recommends"])
        .arguments(packages);
    install.variable("DEBIAN_FRONTEND", "noninteractive").run()
}

fn is_there(workspace: &Workspace, wanted: &Program) -> bool {
    program("sh", workspace).arguments(["-c", "command -v -- \"$1\"", "sh", wanted.name]).succeeds()
}

/// The owner of our own entry in `/proc` is the user we run as.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
