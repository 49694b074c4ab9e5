//! The plugin in the real clients: with it, each ends up with what it would have had without it,
//! and asks the server for less.
//!
//! `cargo xtask test` makes their Pythons ready, with the plugin's wheel, in `target/`; without it
//! these tests fail.

use daemon::dev::ApiServer;
use serde_json::{Value, json};
use tests::sandbox::{Background, Sandbox, workspace_file};

use crate::{daemon_on, sandbox};

const KEYS: (&str, &str) = ("ACCESSKEY", "the-secret-key");
const OTHER_KEYS: (&str, &str) = ("OTHERKEY", "another-secret-key");

/// The clients: which, and the folder that holds another release than the environment's own.
const CLIENTS: [(&str, &str); 5] = [
    ("sdk", ""),
    ("sdk", "clearml==2.0.2"),
    ("sdk", "clearml==1.18.0"),
    ("agent", ""),
    ("agent", "clearml-agent==4.0.15rc0"),
];

/// One of each, for what is decided before a client has a say.
pub(crate) const ONE_OF_EACH: [(&str, &str); 2] =
    [("sdk", ""), ("agent", "clearml-agent==4.0.15rc0")];

/// A host with a server, the user's own file, and a daemon that reads both.
pub(crate) struct Host {
    server: ApiServer,
    pub(crate) sandbox: Sandbox,
    pub(crate) daemon: Option<Background>,
}

impl Host {
    pub(crate) fn start(vaults: Vec<Value>) -> Self {
        let server = ApiServer::start().unwrap();
        let _known = server.allow(KEYS.0, KEYS.1);
        let _known = server.allow(OTHER_KEYS.0, OTHER_KEYS.1);
        server.set_vaults(vaults);
        let sandbox = sandbox();
        let file = format!(
            r#"
            api {{ api_server: "{}", credentials {{ access_key: "{}", secret_key: "{}" }} }}
            agent {{ git_user: ada, git_pass: "hunter2", extra_docker_arguments: ["-e", "A=b"] }}
            sdk.aws.s3 {{ region: eu, key: "k", secret: "s3cret" }}
            sdk.folder: ${{HOME}}/data
            url: http://localhost:8080/path
            "#,
            server.url(),
            KEYS.0,
            KEYS.1
        );
        std::fs::write(sandbox.home().join("clearml.conf"), file).unwrap();
        let daemon = Some(daemon_on(&sandbox, &[]));
        Self { server, sandbox, daemon }
    }

    /// Runs a stock client to the end of its login, and returns its tree and what it said.
    pub(crate) fn client(
        &self,
        client: (&str, &str),
        variables: &[(&str, &str)],
    ) -> (Value, String) {
        self.client_of(&[], client, variables)
    }

    /// As [`client`](Self::client), in an interpreter that was started with these flags.
    pub(crate) fn client_of(
        &self,
        flags: &[&str],
        client: (&str, &str),
        variables: &[(&str, &str)],
    ) -> (Value, String) {
        let script = self.script(client.0);
        let words = [flags, &[script.to_str().unwrap(), client.0]].concat();
        let (output, talk) = self.python(client.1, variables, &words);
        let last = output.lines().last().unwrap_or_default();
        let mut tree: Value =
            serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {output}\n{talk}"));
        // The SDK changes this section for itself, and forgets so when it reads vaults.
        tree.as_object_mut().unwrap().remove("logging");
        (tree, talk)
    }

    /// Returns the script that runs a client, under the name of an agent's if it is one.
    fn script(&self, client: &str) -> std::path::PathBuf {
        let script = workspace_file("tests/python/stock_client.py");
        if client == "sdk" {
            return script;
        }
        let text = std::fs::read_to_string(script).unwrap();
        self.sandbox.write("clearml-agent", &text)
    }

    /// Returns the calls of the API that were made after so many.
    fn calls_since(&self, count: usize) -> Vec<String> {
        let requests = self.server.requests();
        let call =
            |target: &str| target.trim_start_matches('/').split('?').next().map(str::to_owned);
        requests.iter().skip(count).filter_map(|request| call(&request.target)).collect()
    }

    /// Gets a token, as the server gives it to the owner of a task.
    fn client_token(&self) -> String {
        let script = "from clearml.backend_api import Session; print(Session().token)";
        let (output, _) = self.python("", &[], &["-c", script]);
        output.lines().last().unwrap().trim().to_owned()
    }

    pub(crate) fn python(
        &self,
        release: &str,
        variables: &[(&str, &str)],
        words: &[&str],
    ) -> (String, String) {
        let python = workspace_file("target/python/bin/python");
        let wheel = workspace_file("target/plugin");
        for there in [&python, &wheel] {
            assert!(
                there.exists(),
                "run `cargo xtask test --only python --only plugin` first: it makes {there:?}"
            );
        }
        let path = workspace_file("target/python-clients").join(release);
        let mut line: Vec<String> =
            variables.iter().map(|(name, text)| format!("{name}={text}")).collect();
        if !release.is_empty() {
            assert!(path.exists(), "run `cargo xtask test --only python` first: it makes {path:?}");
            line.push(format!("PYTHONPATH={}", path.display()));
        }
        line.push(python.display().to_string());
        line.extend(words.iter().map(|word| (*word).to_owned()));
        let outcome = self.sandbox.run_other("env", &line);
        let talk = outcome.stderr.clone();
        (outcome.success(), talk)
    }
}

/// Opts in, and says what is done.
pub(crate) const ON: [(&str, &str); 2] =
    [("CLEARML_RESOLVER", "on"), ("CLEARML_RESOLVER_DEBUG", "1")];

fn vault(id: &str, format: &str, data: &str) -> Value {
    json!({
        "id": id, "description": id, "scope": "user", "type": "config", "enabled": true,
        "format": format, "data": data,
    })
}

pub(crate) fn hocon_and_json() -> Vec<Value> {
    vec![
        vault("v1", "hocon", "agent { git_user = eve, list = [1, {a: b}] }\nsdk.new.key = 1.50"),
        vault("v2", "json", r#"{"sdk": {"aws": {"s3": {"region": "us", "n": null, "t": true}}}}"#),
    ]
}

#[test]
fn each_client_has_what_it_would_have_had() {
    let host = Host::start(hocon_and_json());
    for client in CLIENTS {
        let (without, _) = host.client(client, &[]);
        assert_eq!(without["agent"]["git_user"], "eve", "{client:?}: no vault without the plugin");
        let before = host.server.requests().len();
        let (with, talk) = host.client(client, &ON);
        assert!(talk.contains("apply: the daemon's answer is fresh"), "{client:?}: {talk}");
        assert_eq!(with, without, "{client:?}");
        let calls = host.calls_since(before);
        if client.0 == "sdk" {
            // A session logs in, whatever it has, before anybody asks it for anything.
            assert_eq!(calls, ["auth.login"], "{client:?} asks for more than its session");
        } else {
            let asks = calls.iter().any(|call| call == "users.get_vaults");
            assert!(asks, "{client:?} must go on asking for its owners' vaults: {calls:?}");
        }
    }
}

#[test]
fn a_yaml_vault_is_right_where_the_stock_client_destroys_it() {
    let yaml =
        "agent:\n  git_user: foo\n  git_pass: bar\nsdk:\n  aws:\n    s3:\n      region: us\n";
    let host = Host::start(vec![vault("v1", "yaml", yaml)]);
    for client in CLIENTS {
        // The stock agents stop at what they make of it.
        if client.0 == "sdk" {
            let (without, _) = host.client(client, &[]);
            assert_ne!(without["sdk"]["aws"]["s3"]["region"], "us", "{client:?} reads YAML now");
        }
        let (with, talk) = host.client(client, &ON);
        assert!(talk.contains("apply: "), "{client:?}: {talk}");
        assert_eq!(with["sdk"]["aws"]["s3"]["region"], "us", "{client:?}");
        assert_eq!(with["agent"]["git_user"], "foo", "{client:?}");
        assert_eq!(with["agent"]["git_pass"], "bar", "{client:?}");
    }
}

#[test]
fn a_json_vault_that_stock_clients_misread_is_kept_from_them() {
    let host = Host::start(vec![vault("v1", "json", r#"{"agent": {"git_pass": "a\u0062c"}}"#)]);
    for client in ONE_OF_EACH {
        let (without, _) = host.client(client, &[]);
        assert_ne!(without["agent"]["git_pass"], "abc", "{client:?} reads JSON now");
        let before = host.server.count("users.get_vaults");
        let (with, talk) = host.client(client, &ON);
        assert!(talk.contains("apply: "), "{client:?}: {talk}");
        assert_eq!(with["agent"]["git_pass"], "abc", "{client:?}");
        assert_eq!(host.server.count("users.get_vaults"), before, "{client:?}");
    }
}

#[test]
fn a_process_of_another_identity_is_left_alone() {
    let host = Host::start(hocon_and_json());
    let foreign =
        [("CLEARML_API_ACCESS_KEY", OTHER_KEYS.0), ("CLEARML_API_SECRET_KEY", OTHER_KEYS.1)];
    let token = host.client_token();
    let owner = [("CLEARML_AUTH_TOKEN", token.as_str())];
    for (variables, why) in [
        (&foreign[..], "leave: R2: the process has another access key than the daemon"),
        (&owner[..], "leave: R2: the process acts for the owner of CLEARML_AUTH_TOKEN"),
    ] {
        for client in CLIENTS {
            let (without, _) = host.client(client, variables);
            let before = host.server.count("users.get_vaults");
            let (with, talk) = host.client(client, &[variables, &ON].concat());
            assert!(talk.contains(why), "{client:?}: {talk}");
            assert_eq!(with, without, "{client:?}");
            assert!(host.server.count("users.get_vaults") > before, "{client:?}: its own vaults");
        }
    }
}

#[test]
fn a_monitoring_vault_still_outranks_the_environment() {
    let mut monitoring = vault("m", "hocon", "api.web_server: from-monitor");
    monitoring["type"] = "monitoring".into();
    let host = Host::start(vec![vault("v1", "hocon", "api.web_server: from-vault"), monitoring]);
    let newest = ("agent", "clearml-agent==4.0.15rc0");
    let environment = ("CLEARML_WEB_HOST", "from-environment");
    let (without, _) = host.client(newest, &[environment]);
    let (with, talk) = host.client(newest, &[&ON[..], &[environment]].concat());
    assert!(talk.contains("apply: "), "{talk}");
    assert_eq!(with["api"]["web_server"], "from-monitor");
    assert_eq!(with, without);
    // It is not in the file, where the environment would cover it or a task would take it over.
    let show = "import os; print(open(os.environ['CLEARML_CONFIG_FILE']).read())";
    let (file, _) = host.python("", &ON, &["-c", show]);
    assert!(file.contains("from-vault") && !file.contains("from-monitor"), "{file}");
}

#[test]
fn an_agent_does_not_take_a_vaults_word_on_the_machine() {
    let vault = vault("v1", "hocon", "agent { cuda_version: 99, default_python: 2.7, list: [1] }");
    let host = Host::start(vec![vault]);
    for client in CLIENTS.into_iter().filter(|client| client.0 == "agent") {
        let (without, _) = host.client(client, &[]);
        let (with, talk) = host.client(client, &ON);
        assert!(talk.contains("apply: "), "{client:?}: {talk}");
        assert_eq!(with["agent"]["list"], json!([1]), "{client:?}");
        assert_eq!(with, without, "{client:?}");
    }
}

#[test]
fn an_image_that_nobody_may_touch_includes_a_published_file() {
    let host = Host::start(hocon_and_json());
    let overlay = host.sandbox.work().join("overlay.conf");
    let overlay = overlay.to_str().unwrap();
    let publish = ["-m", "clearml_resolver", "publish", "--mode", "0444", overlay];
    let _published = host.python("", &[], &publish);
    let own = std::fs::read_to_string(host.sandbox.home().join("clearml.conf")).unwrap();
    let image = host.sandbox.write("image.conf", &format!("{own}\ninclude file(\"{overlay}\")\n"));
    for client in ONE_OF_EACH {
        let (tree, _) = host.client(
            client,
            &[
                ("CLEARML_CONFIG_FILE", image.to_str().unwrap()),
                ("CLEARML_DISABLE_VAULT_SUPPORT", "1"),
                ("CLEARML_AGENT_DISABLE_VAULT_SUPPORT", "1"),
            ],
        );
        assert_eq!(tree["agent"]["git_user"], "eve", "{client:?}");
        assert_eq!(tree["sdk"]["aws"]["s3"]["region"], "us", "{client:?}");
    }
}

#[test]
fn a_reader_of_the_configuration_asks_no_server() {
    let host = Host::start(hocon_and_json());
    let before = host.server.requests().len();
    let script =
        "import clearml_resolver as r; print(r.get('sdk.aws.s3.region'), r.get('sdk.folder'))";
    let (output, _) = host.python("", &ON, &["-c", script]);
    assert_eq!(output.trim(), format!("us {}/data", host.sandbox.home().display()));
    // Nor does a client that only reads its configuration.
    let script = "from clearml.backend_api import load_config; \
                  from clearml.config import config_obj; print(config_obj.get('sdk.new.key'))";
    let (output, talk) = host.python("", &ON, &["-c", script]);
    assert_eq!(output.lines().last(), Some("1.5"), "{talk}");
    assert_eq!(host.server.requests().len(), before);
}

#[test]
fn two_hundred_that_start_at_once_all_start_with_one_answer() {
    let host = Host::start(hocon_and_json());
    let script = r#"
import subprocess, sys
show = "import os; print(os.environ.get('CLEARML_CONFIG_FILE'))"
start = lambda _: subprocess.Popen([sys.executable, "-c", show], stdout=-1, stderr=-1, text=True)
for process in [*map(start, range(200))]:
    said, talk = process.communicate()
    print(process.returncode, said.strip(), *talk.splitlines())
"#;
    let (output, _) = host.python("", &ON, &["-I", "-S", "-c", script]);
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.len(), 200);
    let is_given = |line: &&&str| line.contains("apply: the daemon's answer is fresh");
    let given: Vec<_> = lines.iter().filter(is_given).collect();
    assert!(given.iter().all(|line| *line == given[0] && line.starts_with("0 /")), "{given:#?}");
    // Where two hundred wait for few processors, a daemon that had no turn in time is done without.
    let in_vain =
        lines.iter().filter(|line| line.starts_with("0 None") && line.contains("took too long"));
    assert_eq!(given.len() + in_vain.count(), 200, "{lines:#?}");
    assert!(given.len() > 100, "only {} of 200 had the daemon's answer", given.len());
}

#[test]
fn without_the_daemon_each_client_starts_as_it_would_have() {
    let mut host = Host::start(hocon_and_json());
    host.daemon.take().unwrap().terminate();
    for client in ONE_OF_EACH {
        let (without, _) = host.client(client, &[]);
        let (with, talk) = host.client(client, &ON);
        assert!(talk.contains("leave: R3: the daemon is away"), "{client:?}: {talk}");
        assert_eq!(with, without, "{client:?}");
    }
}
