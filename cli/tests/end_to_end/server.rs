//! Vaults of an API server, resolved without a daemon: what is given, and what is said when the
//! server cannot give it.

use daemon::dev::{ApiServer, Fault, FaultKind};
use expect_test::{Expect, expect};
use serde_json::json;
use tests::sandbox::Sandbox;

use crate::{daemon_on, sandbox};

fn server() -> ApiServer {
    let server = ApiServer::start().unwrap();
    let _known = server.allow("ACCESSKEY", "the-secret-key");
    server.set_vaults(vec![json!({
        "id": "v1", "description": "Team", "scope": "group", "type": "config", "enabled": true,
        "format": "hocon", "data": "a: 2, b: 3",
    })]);
    server
}

fn sandbox_with(server: &ApiServer, secret_key: &str) -> Sandbox {
    let sandbox = sandbox()
        .with_variable("CLEARML_API_HOST", server.url().to_string())
        .with_variable("CLEARML_API_ACCESS_KEY", "ACCESSKEY")
        .with_variable("CLEARML_API_SECRET_KEY", secret_key);
    sandbox.write("clearml.conf", "a: 1\nc: 4\n");
    sandbox.with_variable("CLEARML_CONFIG_FILE", "clearml.conf")
}

#[test]
fn vaults_of_the_server_lie_over_the_file() {
    let server = server();
    let sandbox = sandbox_with(&server, "the-secret-key");
    expect![[r#"
        {
          "a": 2,
          "c": 4,
          "b": 3
        }
    "#]]
    .assert_eq(&sandbox.run("resolve --print").success());
    expect![[r#"
        ok: 3 values
          file        clearml.conf: 2 values
          vault       v1 (Team): 2 values
    "#]]
    .assert_eq(&sandbox.run("resolve").success());
}

#[test]
fn a_server_that_gives_nothing_leaves_no_answer() {
    let server = server();
    let check = |secret_key: &str, code: i32, expected: &Expect| {
        let talk = sandbox_with(&server, secret_key).run("resolve --print").failure(code);
        let port = server.url().to_string();
        let port = port.rsplit(':').next().unwrap().trim_end_matches('/');
        expected.assert_eq(&talk.replace(port, "PORT"));
        assert!(!talk.contains(secret_key), "the secret key is told");
    };
    check(
        "a-wrong-secret",
        4,
        &expect![[r#"
        error: `127.0.0.1:PORT` refuses the credentials (401/22); create new ones in the web application under Settings, Workspace
        hint: to resolve the files alone, add `--no-vaults`
    "#]],
    );
    server.add_fault(Fault::always(
        "users.get_vaults",
        FaultKind::Page { status: 200, body: "<html>welcome</html>" },
    ));
    check(
        "the-secret-key",
        3,
        &expect![[r#"
        error: the answer of `127.0.0.1:PORT` to `users.get_vaults` makes no sense: it is no JSON of the API; is this the API server?
        hint: to resolve the files alone, add `--no-vaults`
    "#]],
    );
    server.clear_faults();
    server.add_fault(Fault::always("*", FaultKind::Reset));
    check(
        "the-secret-key",
        3,
        &expect![[r#"
        error: cannot reach `127.0.0.1:PORT`: connection closed before message completed
        hint: to resolve the files alone, add `--no-vaults`
    "#]],
    );
}

#[test]
fn a_server_without_vaults_is_no_failure() {
    let server = server();
    server.set_claim("feature_set", json!("basic"));
    let outcome = sandbox_with(&server, "the-secret-key").run("get a -v");
    assert!(outcome.stderr.contains("basic"), "{}", outcome.stderr);
    assert_eq!(outcome.success(), "1\n");
}

#[test]
fn what_the_user_hides_in_the_web_application_is_masked_with_and_without_a_daemon() {
    let server = server();
    let views = json!({"redactedArguments": [{"key": "PIN"}]});
    server.set_preferences(json!({ "views": views }));
    let sandbox = sandbox_with(&server, "the-secret-key");
    sandbox.write("clearml.conf", "door.pin: \"47 11\"\n");
    let check = |sandbox: &Sandbox, hides: bool| {
        for command in
            ["get door.pin", "explain door.pin", "resolve --print", "diff --against other.conf"]
        {
            let run = sandbox.run(command);
            assert!(run.stdout.contains("pin") || command.starts_with("get"), "{command}: {run:?}");
            assert_eq!(!run.stdout.contains("47 11"), hides, "{command}: {run:?}");
        }
        let masked = sandbox.run_fed("PIN=abc", ["redact"]).success();
        assert_eq!(masked == "PIN=********", hides, "{masked}");
    };
    sandbox.write("other.conf", "door.pin: 1\n");
    check(&sandbox, true);
    let daemon = daemon_on(&sandbox, &[]);
    check(&sandbox, true);
    let page = sandbox.run("status").success();
    assert!(page.contains("1 name of the user's own list"), "{page}");
    assert!(sandbox.run("doctor").stdout.contains("1 name of the user's own list"));
    daemon.terminate();
    check(&sandbox.with_variable("CLEARML_RESOLVER_REDACT__USER_NAMES", "false"), false);
}
