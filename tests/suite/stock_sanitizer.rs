//! What an unmodified agent's log shows of docker's arguments as they are served.
//!
//! `cargo xtask test` makes its Python ready in `target/python`; without it this test fails.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use resolver::{Context, Format, KeyPath, Layer, Mode, Redactor, Snapshot, SourceName, merge};
use serde_json::{Value as Json, json};
use tests::sandbox::workspace_file;

/// What stands for every secret.
const SECRET: &str = "s3cr3tVALUE";

/// The forms of the cases in which the stock agent shows a variable's value, with two more that
/// people write.
const FORMS: &[&[&str]] = &[
    &["--env=CLEARML_API_SECRET_KEY=s3cr3tVALUE"],
    &["-eCLEARML_API_SECRET_KEY=s3cr3tVALUE"],
    &["-e=CLEARML_API_SECRET_KEY=s3cr3tVALUE"],
    &["-ite", "CLEARML_API_SECRET_KEY=s3cr3tVALUE"],
    &["-iteCLEARML_API_SECRET_KEY=s3cr3tVALUE"],
    &["-e CLEARML_API_SECRET_KEY=s3cr3tVALUE"],
    &["--env MY_PASSWORD=s3cr3tVALUE"],
    &["-e", "MY_PASSWORD=s3cr3tVALUE"],
    &["-e", "AWS_SESSION_TOKEN=s3cr3tVALUE", "-eHF_TOKEN=s3cr3tVALUE"],
    &["--env=OPENAI_API_KEY=s3cr3tVALUE", "--rm", "--env=CLEARML_AGENT_GIT_TOKEN=s3cr3tVALUE"],
    &["-e", "XCLEARML_API_SECRET_KEY=s3cr3tVALUE", "-e", "CLEARML_API_SECRET_KEY2=s3cr3tVALUE"],
    &["-e", "CLEARML_DOCKER_IMAGE=img --env=CLEARML_API_SECRET_KEY=s3cr3tVALUE"],
    &["--env=FROM_VAULT=s3cr3tVALUE"],
    &["--env=EXTRA=https://u:s3cr3tVALUE@h/x"],
];

#[test]
fn the_stock_agent_masks_what_it_is_served() {
    let served = FORMS.iter().map(|form| served(form)).collect::<Vec<_>>();
    let shown = stock(&served);
    assert_eq!(shown.len(), FORMS.len());
    for (form, shown) in FORMS.iter().zip(&shown) {
        assert!(!shown.contains(SECRET), "{form:?} is shown as {shown}");
        assert!(shown.contains("********"), "{form:?} is shown as {shown}");
    }
}

#[test]
fn it_would_show_most_of_them_as_they_are_written() {
    let written: Vec<Json> =
        FORMS.iter().map(|form| json!({"arguments": form, "hide": names(&answer(form))})).collect();
    let leaks = stock(&written).iter().filter(|shown| shown.contains(SECRET)).count();
    assert_eq!(leaks, 12, "of {} forms", FORMS.len());
}

/// Returns what the stock agent is given: arguments, and names to hide.
fn served(form: &[&str]) -> Json {
    let snapshot = answer(form).with_normal_arguments();
    let path: KeyPath = ["agent", "extra_docker_arguments"].into_iter().collect();
    let list = snapshot.get(&path).and_then(|value| value.as_array()).unwrap();
    let arguments: Vec<_> = list.iter().map(|item| item.value.as_str().unwrap()).collect();
    json!({"arguments": arguments, "hide": names(&snapshot)})
}

fn names(snapshot: &Snapshot) -> Vec<String> {
    Redactor::for_snapshot(snapshot).variables_to_hide(snapshot)
}

fn answer(form: &[&str]) -> Snapshot {
    let text = json!({
        "agent": {"extra_docker_arguments": form},
        "environment": {"FROM_VAULT": SECRET},
    });
    let context = Context::alone(Mode::Clearml);
    let name = SourceName::Text("arguments".into());
    let build = Layer::build_alone(name, Format::Json, &text.to_string(), &context);
    merge(&[build.layer.unwrap()], &context).0
}

/// Asks one process of the stock agent's Python.
fn stock(questions: &[Json]) -> Vec<String> {
    let python = workspace_file("target/python/bin/python");
    let mut sanitizer = Command::new(&python)
        .arg(workspace_file("tests/python/stock_sanitizer.py"))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            let python = python.display();
            panic!("no `{python}` ({error}); `cargo xtask test --only python` makes it")
        });
    let lines: String = questions.iter().map(|question| question.to_string() + "\n").collect();
    sanitizer.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = sanitizer.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
