//! The manual pages and the completions, as the program itself writes them.

use super::folder;
use crate::{
    command::{Failure, program, write},
    workspace::Workspace,
};

/// The shells that it has completions for.
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// Writes them to `target/dist/share`, by the program in `target/release`.
pub(super) fn make(workspace: &Workspace) -> Result<(), Failure> {
    let built = workspace.target.join("release/clearml-resolver");
    let share = folder(workspace).join("share");
    for shell in SHELLS {
        let text = program(&built, workspace).arguments(["completions", shell]).output()?;
        write(&share.join(format!("clearml-resolver.{shell}")), &text)?;
    }
    let pages = share.join("man");
    program("mkdir", workspace).arguments(["-p"]).arguments([&pages]).run()?;
    program(&built, workspace).arguments(["man", "--dir"]).arguments([pages]).run()
}
