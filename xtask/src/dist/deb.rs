//! The Debian package: what is in it, `[package.metadata.deb]` of the command line says.

use super::{folder, install_subcommand, moment_of_sources};
use crate::{
    command::{Failure, cargo},
    workspace::Workspace,
};

/// Makes `target/dist/clearml-resolver_VERSION_ARCHITECTURE.deb` of what has been built.
pub(super) fn make(workspace: &Workspace) -> Result<(), Failure> {
    install_subcommand(workspace, "deb")?;
    cargo(workspace, "deb --no-build --locked --package clearml-resolver --output")
        .arguments([folder(workspace)])
        .variable("SOURCE_DATE_EPOCH", moment_of_sources(workspace)?)
        .run()
}
