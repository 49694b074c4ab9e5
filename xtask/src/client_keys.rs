//! The table of the keys that the stock clients know, made of their packages.

use crate::{
    command::{Failure, Run, program},
    python,
    workspace::Workspace,
};

/// Where the command line has it.
const TABLE: &str = "cli/src/client_keys/keys.tsv";

/// Writes the table anew, of the packages that `tests/python/requirements.txt` pins.
pub(crate) fn write(workspace: &Workspace) -> Result<(), Failure> {
    python::prepare(workspace)?;
    collect(workspace).run()
}

/// Fails if the table is not what the packages say; says nothing where they are left out.
pub(crate) fn check(workspace: &Workspace, without: &[String]) -> Result<(), Failure> {
    if without.iter().any(|name| name == python::STEP) {
        return Ok(());
    }
    collect(workspace).arguments(["--check"]).run()
}

fn collect(workspace: &Workspace) -> Run {
    program(workspace.target.join("python/bin/python"), workspace)
        .arguments(["xtask/src/client_keys.py", TABLE])
}
