//! Asking scripts that run what the stock clients' packages hold.
//!
//! `cargo xtask test` makes their Python ready in `target/python`; without it such a test fails.

use std::{
    io::Write,
    process::{Command, Stdio},
    thread,
};

use tests::sandbox::workspace_file;

/// Runs a script of `tests/python` with these variables alone, gives it a line a question, and
/// returns its line for each.
pub(crate) fn answers(
    script: &str,
    variables: &[(&str, &str)],
    questions: impl Iterator<Item = String>,
) -> Vec<String> {
    let python = workspace_file("target/python/bin/python");
    let mut asked = Command::new(&python)
        .arg(workspace_file("tests/python").join(script))
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            let python = python.display();
            panic!("no `{python}` ({error}); `cargo xtask test --only python` makes it")
        });
    let lines: String = questions.map(|question| question + "\n").collect();
    let mut input = asked.stdin.take().unwrap();
    // It answers while it is asked.
    thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = asked.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
