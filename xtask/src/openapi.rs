//! The daemon, held to what it says of itself in `/openapi.json` by schemathesis.

use crate::{
    command::{Failure, cargo, program, write},
    python,
    workspace::Workspace,
};

/// Starts the daemon and lets schemathesis ask both of its sockets.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    cargo(workspace, "build --locked --package clearml-resolver").run()?;
    let requirements = "tests/python/openapi-requirements.txt";
    let python = python::environment(workspace, "openapi-tools", requirements)?;
    let folder = workspace.target.join("openapi");
    // Made with it: the folder that the daemon is at home in.
    write(&folder.join(".home"), "")?;
    program(python, workspace)
        .arguments([workspace.root.join("tests/python/openapi.py")])
        .arguments([workspace.target.join("debug/clearml-resolver"), folder])
        .run()
}
