//! The software bill of materials.

use super::{folder, install_subcommand, moment_of_sources};
use crate::{
    command::{Failure, cargo, program},
    workspace::Workspace,
};

/// Its name, beside the manifest as the tool writes it, and below `target/dist`.
const NAME: &str = "clearml-resolver.cdx.json";

/// Makes `target/dist/clearml-resolver.cdx.json`: every crate that the program is made of, with
/// version, licence and hash (`CycloneDX` 1.5).
pub(super) fn make(workspace: &Workspace) -> Result<(), Failure> {
    install_subcommand(workspace, "cyclonedx")?;
    cargo(workspace, "cyclonedx --format json --spec-version 1.5 --no-build-deps")
        .arguments(["--manifest-path", "cli/Cargo.toml"])
        .arguments(["--override-filename", "clearml-resolver.cdx"])
        .variable("SOURCE_DATE_EPOCH", moment_of_sources(workspace)?)
        .run()?;
    let made = folder(workspace);
    program("mkdir", workspace).arguments(["-p"]).arguments([&made]).run()?;
    // It writes one for each member of the workspace; that of the program names all the others.
    program("mv", workspace).arguments([format!("cli/{NAME}")]).arguments([made]).run()?;
    program("find", workspace)
        .arguments([".", "-maxdepth", "3", "-name", NAME, "-not", "-path", "./target/*", "-delete"])
        .run()
}
