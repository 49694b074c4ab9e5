//! The examples of `docs/clients.md`, each run against a daemon.

use std::{path::Path, process::Command};

use tests::sandbox::{Sandbox, workspace_file};

use crate::{daemon_on, sandbox};

const REGION: &str = "eu-north-1";

/// Returns the fenced blocks of a language, in their order.
fn examples(language: &str) -> Vec<String> {
    let page = std::fs::read_to_string(workspace_file("docs/clients.md")).unwrap();
    let fence = format!("```{language}\n");
    page.split(fence.as_str())
        .skip(1)
        .map(|rest| rest.split("```\n").next().unwrap().to_owned())
        .collect()
}

fn sandbox_with_daemon() -> (Sandbox, tests::sandbox::Background) {
    let sandbox = sandbox();
    let file = sandbox.write("base.conf", &format!("sdk.aws.s3.region: {REGION}\n"));
    let daemon = daemon_on(&sandbox, &["--config", file.to_str().unwrap(), "--no-vaults"]);
    (sandbox, daemon)
}

#[test]
fn the_shells_example_prints_the_value() {
    let (sandbox, _daemon) = sandbox_with_daemon();
    let examples = examples("sh");
    assert_eq!(examples.len(), 1);
    let said = sandbox.run_other("sh", ["-c", &examples[0]]).success();
    assert_eq!(said.trim(), format!("\"{REGION}\""));
}

#[test]
fn the_python_examples_print_the_value() {
    let (sandbox, _daemon) = sandbox_with_daemon();
    let sandbox = sandbox
        .with_variable("PYTHONPATH", workspace_file("plugin/src").display().to_string())
        .with_variable("PYTHONDONTWRITEBYTECODE", "1");
    let examples = examples("python");
    assert_eq!(examples.len(), 2);
    for example in examples {
        let said = sandbox.run_other("python3", ["-c", &example]).success();
        assert_eq!(said.trim(), REGION);
    }
}

#[test]
fn the_rust_example_compiles_and_prints_the_value() {
    let (sandbox, _daemon) = sandbox_with_daemon();
    let examples = examples("rust");
    assert_eq!(examples.len(), 1);
    let source = sandbox.write("example.rs", &examples[0]);
    let program = sandbox.work().join("example");
    compile(Command::new("rustc").arg("--edition=2024").arg(&source).arg("-o").arg(&program));
    assert_eq!(sandbox.run_other(&program, [""; 0]).success().trim(), REGION);
}

#[test]
fn the_go_example_compiles_and_prints_the_value() {
    let (sandbox, _daemon) = sandbox_with_daemon();
    let examples = examples("go");
    assert_eq!(examples.len(), 1);
    let source = sandbox.write("example.go", &examples[0]);
    let program = sandbox.work().join("example");
    compile(Command::new("go").args(["build", "-o"]).arg(&program).arg(&source));
    assert_eq!(sandbox.run_other(Path::new(&program), [""; 0]).success().trim(), REGION);
}

fn compile(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
