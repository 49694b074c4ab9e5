//! The archive: a program that needs no library of the host, with units, settings and pages.

use std::path::Path;

use super::{folder, moment_of_sources, share};
use crate::{
    command::{Failure, cargo, program},
    workspace::Workspace,
};

/// Where the static program is built, apart from the usual one.
const BUILD_FOLDER: &str = "static";

/// What goes along, from the root of the workspace.
const COMPANIONS: [&str; 6] =
    ["README.md", "CHANGELOG.md", "LICENSE", "docs", "systemd", "packaging/settings.toml"];

/// Makes `target/dist/clearml-resolver-VERSION-TARGET.tar.gz`.
///
/// # Why
/// The C library of the installed target is linked in. Since its version 2.34 it reads host names
/// and users from files and DNS without help; only a host whose users are elsewhere (SSSD, LDAP)
/// needs the Debian package, whose program asks the host's own library.
pub(super) fn make(workspace: &Workspace) -> Result<(), Failure> {
    let target = target(workspace)?;
    build(workspace, &target)?;
    cargo(workspace, "build --release --locked").run()?;
    share::make(workspace)?;
    let name = format!("clearml-resolver-{}-{target}", env!("CARGO_PKG_VERSION"));
    let stage = folder(workspace).join(&name);
    let built = workspace.target.join(BUILD_FOLDER).join(&target).join("release/clearml-resolver");
    lay_out(workspace, &stage, &built)?;
    pack(workspace, &name)
}

/// Returns what the compiler calls this kind of machine.
fn target(workspace: &Workspace) -> Result<String, Failure> {
    let version = program("rustc", workspace).arguments(["--version", "--verbose"]).output()?;
    let target = version.lines().find_map(|line| line.strip_prefix("host: "));
    target.map(str::to_owned).ok_or_else(|| Failure::Missing {
        what: "`rustc --version --verbose` names no host".into(),
        next: "install Rust by rustup".into(),
    })
}

fn build(workspace: &Workspace, target: &str) -> Result<(), Failure> {
    cargo(workspace, "build --release --locked --target")
        .arguments([target, "--target-dir"])
        .arguments([workspace.target.join(BUILD_FOLDER)])
        .variable("RUSTFLAGS", "-C target-feature=+crt-static")
        .run()
}

fn lay_out(workspace: &Workspace, stage: &Path, built: &Path) -> Result<(), Failure> {
    let run = |name: &str, arguments: &[&Path]| program(name, workspace).arguments(arguments).run();
    run("rm", &[Path::new("-rf"), stage])?;
    run("mkdir", &[Path::new("-p"), stage])?;
    run("install", &[Path::new("-s"), built, stage])?;
    let share = folder(workspace).join("share");
    run("cp", &[Path::new("-r"), &share, stage])?;
    for companion in COMPANIONS {
        run("cp", &[Path::new("-r"), Path::new(companion), stage])?;
    }
    Ok(())
}

/// Packs it so that the same files give the same bytes: no names of users, no moments, one order.
fn pack(workspace: &Workspace, name: &str) -> Result<(), Failure> {
    let moment = moment_of_sources(workspace)?;
    program("tar", workspace)
        .arguments(["--create", "--use-compress-program=gzip --no-name --best"])
        .arguments(["--file", &format!("{name}.tar.gz")])
        .arguments(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mode=go-w"])
        .arguments([format!("--mtime=@{moment}")])
        .arguments([name])
        .within(&folder(workspace))
        .run()
}
