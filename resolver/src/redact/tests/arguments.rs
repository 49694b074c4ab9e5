//! What is masked in lists of arguments.

use serde_json::Value;

use super::super::{Hidden, Redactor};

const CASES: &str = include_str!("../../../../tests/fixtures/redaction/arguments.jsonl");

fn cases() -> Vec<Value> {
    CASES.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn texts<'a>(case: &'a Value, key: &str) -> Vec<&'a str> {
    let texts = case.get(key).and_then(Value::as_array);
    texts.into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

fn redactor(case: &Value) -> Redactor {
    let mut hidden = Hidden::default();
    for name in texts(case, "extra_keys") {
        hidden.add_name(name);
    }
    for secret in texts(case, "known") {
        hidden.add_value(secret);
    }
    if let Some(names) = case.get("hide_env").and_then(Value::as_str) {
        hidden.add_names_of_variable(names);
    }
    Redactor::new(&hidden, None)
}

#[test]
fn no_secret_survives_and_where_the_stock_agent_is_right_we_say_the_same() {
    let mut faults = Vec::new();
    for case in cases() {
        let masked = redactor(&case).mask_arguments(&texts(&case, "arguments"));
        let leaks = |secret: &&str| masked.iter().any(|argument| argument.contains(secret));
        if texts(&case, "secrets").iter().any(leaks) {
            faults.push(format!("{} leaks: {masked:?}", case["name"]));
        }
        if case.get("stock").is_some() && masked != texts(&case, "stock") {
            faults.push(format!("{} differs: {masked:?}, stock {}", case["name"], case["stock"]));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn each_form_of_an_argument_is_masked_and_nothing_else() {
    for (arguments, masked) in [
        (vec!["-e", "A_PASSWORD=x y", "img"], vec!["-e", "A_PASSWORD=********", "img"]),
        (vec!["--env=A_TOKEN=x"], vec!["--env=A_TOKEN=********"]),
        (vec!["-e=A_TOKEN=x"], vec!["-e=A_TOKEN=********"]),
        (vec!["-eA_TOKEN=x,y;z"], vec!["-eA_TOKEN=********"]),
        (vec!["-itde", "A_TOKEN=x"], vec!["-itde", "A_TOKEN=********"]),
        (vec!["-iteA_TOKEN=x"], vec!["-iteA_TOKEN=********"]),
        (vec!["-e A_TOKEN=x"], vec!["-e A_TOKEN=********"]),
        (vec!["-e", "\"A_TOKEN=x\""], vec!["-e", "\"A_TOKEN=********\""]),
        (vec!["env", "A_KEY=x y", "cmd"], vec!["env", "A_KEY=********", "cmd"]),
        (vec!["--build-arg", "A_PASS=x"], vec!["--build-arg", "A_PASS=********"]),
        (vec!["-l", "token=abc"], vec!["-l", "token=********"]),
        (vec!["--password", "a b", "x"], vec!["--password", "********", "x"]),
        (vec!["--password=a b"], vec!["--password=********"]),
        (vec!["--docker-password=a"], vec!["--docker-password=********"]),
        (vec!["--api-key", "k"], vec!["--api-key", "********"]),
        (vec!["curl", "-u", "me:pw", "x"], vec!["curl", "-u", "me:********", "x"]),
        (vec!["-H", "X-Api-Key: k1"], vec!["-H", "X-Api-Key: ********"]),
        (vec!["-H", "Cookie: a=b; c=d"], vec!["-H", "Cookie: ********"]),
        (vec!["-H", "Authorization: Basic dTpw"], vec!["-H", "Authorization: Basic ********"]),
        (
            vec!["kubectl", "create", "secret", "generic", "x", "--from-literal=a=b c"],
            vec!["kubectl", "create", "secret", "generic", "x", "--from-literal=a=********"],
        ),
        (
            vec!["kubectl", "set", "env", "deploy/x", "A_TOKEN=v"],
            vec!["kubectl", "set", "env", "deploy/x", "A_TOKEN=********"],
        ),
        (
            vec!["podman", "run", "--env", "A_TOKEN=v"],
            vec!["podman", "run", "--env", "A_TOKEN=********"],
        ),
        (vec!["me:hunter2@host"], vec!["me:********@host"]),
        (vec!["https://ghtoken1@host/x"], vec!["https://********@host/x"]),
    ] {
        let redactor = Redactor::new(&Hidden::default(), None);
        assert_eq!(redactor.mask_arguments(&arguments), masked, "{arguments:?}");
    }
}

#[test]
fn what_is_no_secret_stays() {
    for arguments in [
        vec!["docker", "run", "-v", "/a:/b", "-p", "8080:80", "--network", "host", "img:1.2"],
        vec!["-e", "HOME=/root", "-e", "MAX_TOKENS=512", "-e", "TOKENIZERS_PARALLELISM=false"],
        vec!["-e", "CLEARML_API_SECRET_KEY", "-e", "HIDE_SECRETS=true"],
        vec!["docker", "login", "--password-stdin", "registry.test"],
        vec!["git", "clone", "ssh://git@host/x.git", "git@github.com:a/b.git"],
        vec!["img@sha256:0123456789abcdef", "nvidia/cuda:12.1@sha256:0123456789abcdef"],
        vec!["https://registry.npmjs.org/@scope/package", "https://host:8443/@scope/x"],
        vec!["--max-tokens", "512", "--pad-token", "<pad>"],
    ] {
        let redactor = Redactor::new(&Hidden::default(), None);
        assert_eq!(redactor.mask_arguments(&arguments), arguments);
    }
}
