//! Whether the same sources give the same program, wherever they are built.

use std::path::Path;

use super::folder;
use crate::{
    command::{Failure, cargo, program},
    workspace::Workspace,
};

/// Builds the last commit in another folder and compares the programs byte by byte.
///
/// Both builds are of a clone, so that what is not committed changes nothing.
pub(super) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let [one, other] =
        ["one", "another/place"].map(|name| folder(workspace).join("reproducible").join(name));
    for place in [&one, &other] {
        build(workspace, place)?;
    }
    let built = |place: &Path| place.join("target/release/clearml-resolver");
    program("sha256sum", workspace).arguments([built(&one), built(&other)]).run()?;
    program("cmp", workspace).arguments([built(&one), built(&other)]).run()
}

fn build(workspace: &Workspace, place: &Path) -> Result<(), Failure> {
    program("rm", workspace).arguments(["-rf"]).arguments([place]).run()?;
    program("git", workspace)
        .arguments(["clone", "--quiet", "--local", "."])
        .arguments([place])
        .run()?;
    cargo(workspace, "build --release --locked --target-dir target").within(place).run()
}
