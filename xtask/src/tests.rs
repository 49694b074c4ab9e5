//! All tests of the workspace, less those whose step was left out.

use crate::{
    command::{Failure, cargo},
    plugin, python,
    report::say,
    workspace::Workspace,
    yaml_suite,
};

/// The step that sees to it that there is an etcd to run.
pub(crate) const ETCD_STEP: &str = "etcd";

/// The step that sees to it that there is a Go to build an example with.
pub(crate) const GO_STEP: &str = "go";

/// The tests that want what a step makes ready: the step and the names they start with.
const WANTED_BY: [(&str, &str); 10] = [
    (yaml_suite::STEP, "yaml_suite::"),
    (python::STEP, "stock_clients::"),
    (python::STEP, "plugin::"),
    (plugin::STEP, "plugin::"),
    (python::STEP, "plugin_failures::"),
    (plugin::STEP, "plugin_failures::"),
    (python::STEP, "stock_sanitizer::"),
    (ETCD_STEP, "etcd_vaults::"),
    (GO_STEP, "client_examples::the_go_example"),
    (python::STEP, "dialect::stock_clients::"),
];

/// Runs the tests by cargo-nextest; its output goes where ours goes.
pub(crate) fn run(workspace: &Workspace, without: &[String]) -> Result<(), Failure> {
    install_runner(workspace)?;
    let mut filter = String::from("all()");
    for (step, prefix) in WANTED_BY {
        if without.iter().any(|left_out| left_out == step) {
            filter.extend([" - test(/^", prefix, "/)"]);
        }
    }
    if !workspace.shared.join("hocon").is_dir() {
        say(
            "== NOT TESTED: HOCON's reference cases, which lie in `../shared/hocon`, are not there",
        );
    }
    cargo(workspace, "nextest run --workspace --locked --no-fail-fast --filterset")
        .arguments([filter])
        .run()
}

/// Sees to it that cargo-nextest is there.
pub(crate) fn install_runner(workspace: &Workspace) -> Result<(), Failure> {
    if cargo(workspace, "nextest --version").succeeds() {
        return Ok(());
    }
    cargo(workspace, "install cargo-nextest --locked --quiet").run()
}
