//! The Python plugin: its style and types, its tests on every Python there is, its wheel.

use std::path::PathBuf;

use crate::{
    command::{Failure, Run, program},
    python,
    report::say,
    workspace::Workspace,
};

/// The step that checks it and installs it beside the stock clients; the tests that want it are
/// left out with it.
pub(crate) const STEP: &str = "plugin";

/// Finds interpreters: each by its own path, one for each minor version. A name on the path may be
/// a stand-in for a version that is not chosen, so each is asked.
const FIND: &str = r#"
for python in python3 $(seq -f 'python3.%.0f' 8 15) "${HOME:-/root}"/.pyenv/versions/3.*/bin/python3; do
    "$python" -c 'import sys; sys.version_info >= (3, 8) and print("%d.%d" % sys.version_info[:2], sys.executable)' 2>/dev/null
done | sort -t. -k2n -u -k1,1
"#;

/// Checks the plugin, and installs its wheel beside the stock clients unless they are left out.
pub(crate) fn check(workspace: &Workspace, without: &[String]) -> Result<(), Failure> {
    let tools = python::environment(workspace, "plugin-tools", "plugin/requirements-dev.txt")?;
    let tool = |arguments: &str| -> Result<(), Failure> {
        within(workspace, program(&tools, workspace))
            .arguments(arguments.split_ascii_whitespace())
            .run()
    };
    tool("-m ruff format --check --no-cache .")?;
    tool("-m ruff check --no-cache .")?;
    tool("-m mypy --no-incremental")?;
    within(workspace, program(tools.with_file_name("vermin"), workspace))
        .arguments(["--target=3.8-", "--violations", "--no-tips", "--eval-annotations", "src"])
        .run()?;
    run_tests(workspace)?;
    if without.iter().any(|name| name == python::STEP) {
        return build_wheel(workspace).map(|_| ());
    }
    install(workspace)
}

/// Installs its wheel beside the stock clients.
pub(crate) fn install(workspace: &Workspace) -> Result<(), Failure> {
    let wheel = build_wheel(workspace)?;
    python::pip(workspace, &workspace.target.join("python/bin/python"))
        .arguments(["install", "--quiet", "--no-deps", "--no-index", "--force-reinstall"])
        .arguments([wheel])
        .run()
}

/// Builds the wheel, and returns where it is.
pub(crate) fn build_wheel(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let tools = python::environment(workspace, "plugin-tools", "plugin/requirements-dev.txt")?;
    let folder = workspace.target.join("plugin");
    let mut build = within(workspace, program(tools, workspace))
        .arguments(["-m", "hatchling", "build", "-t", "wheel", "-d"])
        .arguments([&folder]);
    // The same bytes whenever it is built.
    build.variable("SOURCE_DATE_EPOCH", "1577836800").run()?;
    Ok(folder.join(format!("clearml_resolver-{}-py3-none-any.whl", env!("CARGO_PKG_VERSION"))))
}

fn run_tests(workspace: &Workspace) -> Result<(), Failure> {
    let found = program("sh", workspace).arguments(["-c", FIND]).output()?;
    let mut versions = Vec::new();
    for line in found.lines() {
        let Some((version, python)) = line.split_once(' ') else { continue };
        if versions.contains(&version) {
            continue;
        }
        versions.push(version);
        let mut tests = within(workspace, program(python, workspace))
            .arguments("-m unittest discover --start-directory tests".split(' '));
        tests.variable("PYTHONPATH", "src").variable("PYTHONDONTWRITEBYTECODE", "1").run()?;
    }
    say(&format!("tested on Python {}", versions.join(", ")));
    Ok(())
}

fn within(workspace: &Workspace, run: Run) -> Run {
    run.within(&workspace.root.join("plugin"))
}
