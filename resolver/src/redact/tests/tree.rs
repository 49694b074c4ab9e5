//! What is masked in the configuration itself.

use super::super::*;
use crate::{Context, Format, Layer, Mode, SourceName, Spelling, merge, render};

pub(super) fn snapshot(text: &str) -> Snapshot {
    let context = Context::alone(Mode::Clearml);
    let build = Layer::build_alone(SourceName::Text("t".into()), Format::Hocon, text, &context);
    merge(&[build.layer.expect("the text is valid")], &context).0
}

fn masked(text: &str) -> String {
    let snapshot = snapshot(text);
    let redactor = Redactor::for_snapshot(&snapshot);
    render(&redactor.view(&snapshot, &KeyPath::root(), None).unwrap(), Spelling::Json)
}

#[test]
fn masks_what_a_name_or_a_form_gives_away() {
    for (text, shown) in [
        (
            "api.credentials { access_key: AK123456, secret_key: \"s3cret-x\" }",
            r#"{"api":{"credentials":{"access_key":"********","secret_key":"********"}}}"#,
        ),
        (
            "sdk.aws.s3 { key: AKIA1, secret: abc, region: us }",
            r#"{"sdk":{"aws":{"s3":{"key":"********","secret":"********","region":"us"}}}}"#,
        ),
        (
            "agent { git_pass: hunter2x, note: \"uses hunter2x twice\" }",
            r#"{"agent":{"git_pass":"********","note":"uses ******** twice"}}"#,
        ),
        ("environment { A: 1, B: two }", r#"{"environment":{"A":"********","B":"********"}}"#),
        ("url: \"https://user:pw@host/x\"", r#"{"url":"https://user:********@host/x"}"#),
        (
            "agent.extra_docker_arguments: [\"-e\", \"DB_PASSWORD=pw1\", \"--env=X_TOKEN=t\", \"-v\", \"/a:/b\"]",
            r#"{"agent":{"extra_docker_arguments":["-e","DB_PASSWORD=********","--env=X_TOKEN=********","-v","/a:/b"]}}"#,
        ),
        (
            "agent.hide_docker_command_env_vars.extra_keys: [MINE]\nagent.extra_docker_arguments: [\"-e\", \"mine=x\"]",
            r#"{"agent":{"hide_docker_command_env_vars":{"extra_keys":["MINE"]},"extra_docker_arguments":["-e","mine=********"]}}"#,
        ),
        (
            "api.auth.token_expiration_threshold_sec: 360",
            r#"{"api":{"auth":{"token_expiration_threshold_sec":360}}}"#,
        ),
        ("agent.git_pass: \"\"", r#"{"agent":{"git_pass":""}}"#),
        ("a.password: 123456", r#"{"a":{"password":"********"}}"#),
        (
            "dsn: \"postgres://u:pw-1234@h/db\", note: \"pw-1234 is a password\"",
            r#"{"dsn":"postgres://u:********@h/db","note":"******** is a password"}"#,
        ),
    ] {
        assert_eq!(masked(text), shown, "{text}");
    }
}

#[test]
fn every_secret_of_the_tree_is_masked_in_other_texts() {
    let text = "environment { FROM_VAULT: hunter-22, LEVEL: DEBUG, DIR: /usr/local/cuda, N: 8080 }
        api.credentials.secret_key: \"a/b+c d=e\"
        extra_docker_arguments: [\"-e\", \"X_TOKEN=correcthorse\"]
        git_pass: on";
    let redactor = Redactor::for_snapshot(&snapshot(text));
    for (text, shown) in [
        ("uses hunter-22.", "uses ********."),
        ("GET /?k=a%2Fb%2Bc%20d%3De HTTP", "GET /?k=******** HTTP"),
        ("staple correcthorse", "staple ********"),
        ("level DEBUG in /usr/local/cuda on 8080", "level DEBUG in /usr/local/cuda on 8080"),
    ] {
        assert_eq!(redactor.mask(text), shown);
    }
}
