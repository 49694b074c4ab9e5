//! Checks of the dependencies, by cargo-deny.

use std::path::{Path, PathBuf};

use crate::{
    command::{Failure, cargo, program},
    workspace::Workspace,
};

/// The version that `deny.toml` was written for.
const CARGO_DENY: &str = "0.20.2";

/// Runs checks of cargo-deny, whose names stand between blanks.
///
/// With an advisory database beside the repository nothing is fetched but the crates themselves.
pub(crate) fn check(workspace: &Workspace, checks: &str) -> Result<(), Failure> {
    let cargo_deny = cargo_deny(workspace)?;
    cargo(workspace, "fetch --locked --quiet").run()?;
    let offline = unpack_database(workspace)?;
    program(cargo_deny, workspace)
        .arguments(offline.then_some("--offline"))
        .arguments(["check", "--show-stats"])
        .arguments(checks.split_ascii_whitespace())
        .run()
}

/// Returns cargo-deny's path, after building it where there is none (2 minutes on 2 cores).
fn cargo_deny(workspace: &Workspace) -> Result<PathBuf, Failure> {
    if program("cargo-deny", workspace).arguments(["--version"]).succeeds() {
        return Ok("cargo-deny".into());
    }
    let tools = workspace.target.join("tools");
    let cargo_deny = tools.join("bin/cargo-deny");
    if !cargo_deny.exists() {
        cargo(workspace, "install cargo-deny --locked --quiet")
            .arguments(["--version", CARGO_DENY, "--root"])
            .arguments([tools])
            .run()?;
    }
    Ok(cargo_deny)
}

/// Unpacks the advisory database that lies beside the repository; false where none does.
fn unpack_database(workspace: &Workspace) -> Result<bool, Failure> {
    let Some((archive, date)) = packed_database(workspace) else { return Ok(false) };
    let folder = workspace.target.join("advisory-db");
    if !holds_database(&folder) {
        program("bash", workspace)
            .arguments([workspace.shared.join("lab/advdb-setup.sh"), archive])
            .arguments([format!("{date}T00:00:00Z")])
            .arguments([folder])
            .run()?;
    }
    Ok(true)
}

/// Whether a database was unpacked there; cargo-deny leaves a lock file even where there is none.
fn holds_database(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.path().join(".git").exists()))
    })
}

/// Returns the newest `advisory-db-DATE.tar.zst` with its date.
fn packed_database(workspace: &Workspace) -> Option<(PathBuf, String)> {
    let entries = std::fs::read_dir(workspace.shared.join("lab")).ok()?;
    let mut archives: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?;
            let date = name.strip_prefix("advisory-db-")?.strip_suffix(".tar.zst")?.to_owned();
            Some((path, date))
        })
        .collect();
    archives.sort();
    archives.pop()
}
