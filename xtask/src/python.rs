//! A Python environment with the stock ClearML clients, to hold our answers against theirs.

use crate::{
    command::{Failure, program, write},
    workspace::Workspace,
};

/// The step that makes it ready; the tests that want it are left out with it.
pub(crate) const STEP: &str = "python";

/// Makes `target/python` an environment that holds `tests/python/requirements.txt`.
pub(crate) fn prepare(workspace: &Workspace) -> Result<(), Failure> {
    let requirements = workspace.root.join("tests/python/requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).map_err(|error| Failure::Missing {
        what: format!("cannot read `{}`: {error}", requirements.display()),
        next: "check the work tree out again".into(),
    })?;
    let folder = workspace.target.join("python");
    let mark = folder.join(".requirements");
    if std::fs::read_to_string(&mark).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    program("python3", workspace)
        .arguments(["-m", "venv", "--clear"])
        .arguments([&folder])
        .run()?;
    program(folder.join("bin/pip"), workspace)
        .arguments(["install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arguments([&requirements])
        .run()?;
    write(&mark, &wanted)
}
