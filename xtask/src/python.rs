//! Python environments of the project's own, made under the build folder.

use std::path::{Path, PathBuf};

use crate::{
    command::{Failure, program, write},
    workspace::Workspace,
};

/// The step that makes the stock clients ready; the tests that want them are left out with it.
pub(crate) const STEP: &str = "python";

/// Releases of the stock clients beside those of the main environment, each in a folder of its own
/// that goes before it on the path: with those two the last three minor versions of the SDK, and
/// the newest pre-release of the agent.
const OTHER_CLIENTS: [&str; 3] = ["clearml==2.0.2", "clearml==1.18.0", "clearml-agent==4.0.15rc0"];

/// Makes `target/python` an environment that holds `tests/python/requirements.txt`, and a folder
/// of `target/python-clients` for each of [`OTHER_CLIENTS`].
pub(crate) fn prepare(workspace: &Workspace) -> Result<(), Failure> {
    let python = environment(workspace, "python", "tests/python/requirements.txt")?;
    for client in OTHER_CLIENTS {
        let folder = workspace.target.join("python-clients").join(client);
        let mark = folder.join(".client");
        if mark.exists() {
            continue;
        }
        pip(workspace, &python)
            .arguments(["install", "--quiet", "--no-deps", "--upgrade", "--target"])
            .arguments([&folder])
            .arguments([client])
            .run()?;
        write(&mark, client)?;
    }
    Ok(())
}

/// Makes a folder of the build folder an environment with what a file of requirements pins, and
/// returns its interpreter.
pub(crate) fn environment(
    workspace: &Workspace,
    name: &str,
    requirements: &str,
) -> Result<PathBuf, Failure> {
    let requirements = workspace.root.join(requirements);
    let wanted = std::fs::read_to_string(&requirements).map_err(|error| Failure::Missing {
        what: format!("cannot read `{}`: {error}", requirements.display()),
        next: "check the work tree out again".into(),
    })?;
    let folder = workspace.target.join(name);
    let python = folder.join("bin/python");
    let mark = folder.join(".requirements");
    if std::fs::read_to_string(&mark).is_ok_and(|there| there == wanted) {
        return Ok(python);
    }
    program("python3", workspace)
        .arguments(["-m", "venv", "--clear"])
        .arguments([&folder])
        .run()?;
    pip(workspace, &python)
        .arguments(["install", "--quiet", "--requirement"])
        .arguments([&requirements])
        .run()?;
    write(&mark, &wanted)?;
    Ok(python)
}

/// Prepares the pip of an environment.
pub(crate) fn pip(workspace: &Workspace, python: &Path) -> crate::command::Run {
    program(python, workspace).arguments(["-m", "pip", "--disable-pip-version-check"])
}
