//! The other way round: the stock clients log in to our API server and get the tree that our
//! socket gives.
//!
//! `cargo xtask test` makes their Python ready in `target/python`; without it these tests fail.

use daemon::dev::ApiServer;
use serde_json::{Value, json};
use tests::sandbox::{Sandbox, workspace_file};

use crate::{daemon_on, sandbox};

const FILE: &str = r#"
agent { git_user: ada, git_pass: "hunter2", extra_docker_arguments: ["-e", "A=b"] }
sdk.aws.s3 { region: eu, key: "k", secret: "s3cret" }
url: http://localhost:8080/path
"#;

const KEYS: (&str, &str) = ("ACCESSKEY", "the-secret-key");

#[test]
fn the_sdk_gets_the_tree_that_the_socket_gives() {
    check("sdk");
}

#[test]
fn the_agent_gets_the_tree_that_the_socket_gives() {
    check("agent");
}

fn check(client: &str) {
    let server = ApiServer::start().unwrap();
    let _known = server.allow(KEYS.0, KEYS.1);
    server.set_vaults(vec![
        vault("v1", "hocon", "agent { git_user = eve, list = [1, {a: b}] }\nsdk.new.key = 1.50"),
        vault("v2", "json", r#"{"sdk": {"aws": {"s3": {"region": "us", "n": null, "t": true}}}}"#),
    ]);
    let sandbox = sandbox()
        .with_variable("CLEARML_API_HOST", server.url().to_string())
        .with_variable("CLEARML_API_ACCESS_KEY", KEYS.0)
        .with_variable("CLEARML_API_SECRET_KEY", KEYS.1);
    let config = sandbox.write("clearml.conf", FILE);
    let sandbox = sandbox.with_variable("CLEARML_CONFIG_FILE", config.display().to_string());
    let _daemon = daemon_on(&sandbox, &[]);
    let ours: Value =
        serde_json::from_str(&sandbox.run("resolve --print --reveal").success()).unwrap();
    let theirs = stock_client(&sandbox, client);
    assert_eq!(ours["agent"]["git_user"], "eve", "the vaults are not in our tree");
    let mut differences = Vec::new();
    compare("", &ours, &theirs, &mut differences);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn vault(id: &str, format: &str, data: &str) -> Value {
    json!({
        "id": id, "description": "", "scope": "user", "type": "config", "enabled": true,
        "format": format, "data": data,
    })
}

fn stock_client(sandbox: &Sandbox, client: &str) -> Value {
    let python = workspace_file("target/python/bin/python");
    assert!(python.exists(), "run `cargo xtask test --only python` first: it makes {python:?}");
    let script = workspace_file("tests/python/stock_client.py");
    let outcome = sandbox.run_other(&python, [script.as_os_str(), client.as_ref()]);
    let output = outcome.success();
    let last = output.lines().last().unwrap();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {output}"))
}

/// Collects where a key of ours is missing in theirs or differs; theirs has packaged defaults, too.
fn compare(at: &str, ours: &Value, theirs: &Value, differences: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, ours) in ours {
                match theirs.get(key) {
                    Some(theirs) => compare(&format!("{at}.{key}"), ours, theirs, differences),
                    None => differences.push(format!("{at}.{key} is not in theirs")),
                }
            }
        }
        (ours, theirs) if ours == theirs => {}
        (ours, theirs) => differences.push(format!("{at}: ours {ours}, theirs {theirs}")),
    }
}
