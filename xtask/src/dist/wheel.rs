//! The Python plugin's wheel.

use super::folder;
use crate::{
    command::{Failure, program},
    plugin,
    workspace::Workspace,
};

/// Puts it beside all else that is made.
pub(super) fn make(workspace: &Workspace) -> Result<(), Failure> {
    let wheel = plugin::build_wheel(workspace)?;
    program("install", workspace)
        .arguments(["-D", "--mode=644", "--target-directory"])
        .arguments([folder(workspace), wheel])
        .run()
}
