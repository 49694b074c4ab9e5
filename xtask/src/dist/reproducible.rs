//! Whether the same sources give the same program, wherever they are built.

use super::folder;
use crate::{
    command::{Failure, cargo, program},
    workspace::Workspace,
};

/// Builds here and in a clone in another folder, and compares the programs byte by byte.
///
/// A clone has what is committed, so everything must be.
pub(super) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let changes = program("git", workspace).arguments(["status", "--porcelain"]).output()?;
    if !changes.is_empty() {
        return Err(Failure::Missing {
            what: "what is not committed is in one build and not in the other".into(),
            next: "commit it first".into(),
        });
    }
    let place = folder(workspace).join("another/place");
    program("rm", workspace).arguments(["-rf"]).arguments([&place]).run()?;
    program("git", workspace)
        .arguments(["clone", "--quiet", "--local", "."])
        .arguments([&place])
        .run()?;
    let build = "build --release --locked";
    cargo(workspace, build).run()?;
    cargo(workspace, build).arguments(["--target-dir", "target"]).within(&place).run()?;
    let programs = [workspace.target.as_path(), &place.join("target")]
        .map(|target| target.join("release/clearml-resolver"));
    program("sha256sum", workspace).arguments(&programs).run()?;
    program("cmp", workspace).arguments(&programs).run()
}
