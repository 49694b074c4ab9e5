//! What is handed to those who run the resolver: packages, archives, lists of what is in them.

mod archive;
mod deb;
mod reproducible;
mod sbom;
mod share;
mod wheel;

use std::path::PathBuf;

use clap::ValueEnum;

use crate::{
    command::{Failure, cargo, program},
    debian,
    workspace::Workspace,
};

/// Which of them to make.
#[derive(clap::Args)]
pub(crate) struct Selection {
    /// What to make; without any, everything but `reproducible`.
    #[arg(value_enum)]
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The Debian package.
    Deb,
    /// An archive with a program that needs no library of the host.
    Archive,
    /// The software bill of materials (`CycloneDX`).
    Sbom,
    /// The Python plugin's wheel.
    Wheel,
    /// No file: builds the program a second time, elsewhere, and holds the two together.
    Reproducible,
}

/// What is made if nothing is named.
const ALL: [Part; 4] = [Part::Deb, Part::Archive, Part::Sbom, Part::Wheel];

/// Programs the Debian package wants beside cargo.
pub(crate) const DEB_PROGRAMS: &[debian::Program] =
    &[debian::Program { name: "dpkg-shlibdeps", package: "dpkg-dev" }];

/// Makes what was asked for, below `target/dist`.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> Result<(), Failure> {
    let parts = if selection.parts.is_empty() { &ALL } else { selection.parts.as_slice() };
    for part in parts {
        match part {
            Part::Deb => make_deb(workspace)?,
            Part::Archive => archive::make(workspace)?,
            Part::Sbom => sbom::make(workspace)?,
            Part::Wheel => wheel::make(workspace)?,
            Part::Reproducible => reproducible::check(workspace)?,
        }
    }
    Ok(())
}

/// Makes the Debian package, with what it is made of.
pub(crate) fn make_deb(workspace: &Workspace) -> Result<(), Failure> {
    debian::install(workspace, DEB_PROGRAMS)?;
    cargo(workspace, "build --release --locked").run()?;
    share::make(workspace)?;
    deb::make(workspace)
}

/// Returns the folder that takes what is made.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("dist")
}

/// Returns the moment of the last commit, in seconds since 1970: the age of every file that is
/// made, so that the same sources give the same bytes (`SOURCE_DATE_EPOCH`).
fn moment_of_sources(workspace: &Workspace) -> Result<String, Failure> {
    let moment = program("git", workspace).arguments(["log", "-1", "--format=%ct"]).output()?;
    Ok(moment.trim().to_owned())
}

/// Sees to it that a subcommand of cargo is there.
fn install_subcommand(workspace: &Workspace, name: &str) -> Result<(), Failure> {
    if cargo(workspace, &format!("{name} --version")).succeeds() {
        return Ok(());
    }
    cargo(workspace, &format!("install cargo-{name} --locked --quiet")).run()
}
