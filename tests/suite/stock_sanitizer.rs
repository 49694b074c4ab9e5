//! What an unmodified agent's log shows of docker's arguments as they are served.

use resolver::{Context, Format, KeyPath, Layer, Mode, Redactor, Snapshot, SourceName, merge};
use serde_json::{Value as Json, json};

use crate::stock_python::answers;

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
    answers("stock_sanitizer.py", &[], questions.iter().map(Json::to_string))
}
