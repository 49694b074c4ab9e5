//! The files of `docs/deploy`, read by the tools that they are written for.

use crate::{
    command::{Failure, program},
    python,
    workspace::Workspace,
};

/// The step's name.
pub(crate) const STEP: &str = "deploy";

/// Runs `tests/deploy` with the schemas of Kubernetes and with Ansible.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let python = python::environment(workspace, "deploy-tools", "tests/deploy/requirements.txt")?;
    program(python, workspace)
        .arguments(["-B", "-m", "unittest", "discover", "--start-directory", "tests/deploy"])
        .run()
}
