//! The manual page and the completions, as the program itself writes them.

use super::folder;
use crate::{
    command::{Failure, program, write},
    workspace::Workspace,
};

/// What the program is asked, and the file that takes its answer.
const ANSWERS: [(&[&str], &str); 4] = [
    (&["man"], "clearml-resolver.1"),
    (&["completions", "bash"], "clearml-resolver.bash"),
    (&["completions", "zsh"], "clearml-resolver.zsh"),
    (&["completions", "fish"], "clearml-resolver.fish"),
];

/// Writes them to `target/dist/share`, by the program in `target/release`.
pub(super) fn make(workspace: &Workspace) -> Result<(), Failure> {
    let built = workspace.target.join("release/clearml-resolver");
    for (question, file) in ANSWERS {
        let text = program(&built, workspace).arguments(question).output()?;
        write(&folder(workspace).join("share").join(file), &text)?;
    }
    Ok(())
}
