//! `exec`: what a command finds, what is seen of it, how it ends.

use std::{fs, os::unix::fs::PermissionsExt};

use daemon::dev::ApiServer;
use serde_json::json;
use tests::sandbox::{Outcome, Sandbox};

use crate::{daemon_on, sandbox};

const FILE: &str = r#"
agent.git_pass: "hunter2-long"
sdk.region: eu
sdk.folder: ${HOME}/data
environment { FLAG: true, NOTHING: null, PLACE: ${HOME}/x, DB_PASSWORD: "s3cr3t-of-db" }
"#;

fn sandbox_with_file() -> Sandbox {
    let sandbox = sandbox();
    sandbox.write("base.conf", FILE);
    sandbox
}

/// Runs a shell script under `exec`.
fn exec(sandbox: &Sandbox, options: &str, script: &str) -> Outcome {
    let mut words = vec!["exec", "--offline", "--config", "base.conf"];
    words.extend(options.split_ascii_whitespace());
    words.extend(["--", "sh", "-c", script]);
    sandbox.run_with(words)
}

#[test]
fn the_command_finds_a_file_that_is_gone_afterwards() {
    let sandbox = sandbox_with_file();
    let show = "echo $CLEARML_CONFIG_FILE; stat -c %a $CLEARML_CONFIG_FILE; \
                stat -f -c %T $CLEARML_CONFIG_FILE; echo $CLEARML_RESOLVER_APPLIED; \
                cat $CLEARML_CONFIG_FILE";
    let said = exec(&sandbox, "", show).success();
    let mut lines = said.lines();
    let path = lines.next().unwrap();
    assert_eq!(lines.next(), Some("400"));
    assert_eq!(lines.next(), Some("tmpfs"));
    let applied = lines.next().unwrap();
    assert!(path.ends_with(&format!("/{applied}.conf")), "{path} {applied}");
    assert!(applied.starts_with("default@"), "{applied}");
    let file = lines.collect::<Vec<_>>().join("\n");
    assert!(file.contains(r#"folder: ${HOME}"/data""#), "the client closes it itself: {file}");
    assert!(file.contains("hunter2-long"));
    assert!(!fs::exists(path).unwrap(), "{path} is still there");
}

#[test]
fn the_section_environment_comes_as_the_agent_applies_it() {
    let sandbox = sandbox_with_file();
    let show = "env | grep -E '^(FLAG|NOTHING|PLACE|DB_PASSWORD)=' | sort";
    let home = sandbox.home();
    let expected =
        format!("DB_PASSWORD=s3cr3t-of-db\nFLAG=True\nNOTHING=\nPLACE={}/x\n", home.display());
    assert_eq!(exec(&sandbox, "--env", show).success(), expected);
    assert_eq!(exec(&sandbox, "", "env | grep -c DB_PASSWORD").code(), 1);
}

#[test]
fn ends_as_the_command_ends() {
    let sandbox = sandbox_with_file();
    for options in ["", "--redact", "--replace"] {
        for code in [0, 1, 3, 42, 125, 255] {
            assert_eq!(exec(&sandbox, options, &format!("exit {code}")).code(), code, "{options}");
        }
        // Not those that a shell lets its background jobs ignore: 1, 2, 3.
        for signal in [6, 9, 10, 11, 13, 15] {
            let outcome = exec(&sandbox, options, &format!("kill -{signal} $$"));
            assert_eq!(outcome.signal(), Some(signal), "{options}: {outcome:?}");
        }
    }
    let not_there = sandbox.run("exec --offline --config base.conf -- no-such-program");
    assert!(not_there.failure(127).contains("cannot start `no-such-program`"));
    assert_eq!(sandbox.run("exec --offline --config base.conf -- /etc/passwd").code(), 126);
}

#[test]
fn output_is_masked_on_both_streams_also_without_an_end_of_line() {
    let sandbox = sandbox_with_file();
    let script = "echo a hunter2-long b; printf 'hunter2'; printf -- '-long at the end'; \
                  echo s3cr3t-of-db >&2; printf 'password: ' >&2; exit 5";
    let outcome = exec(&sandbox, "--redact", script);
    assert_eq!(outcome.code(), 5);
    assert_eq!(outcome.stdout, "a ******** b\n******** at the end");
    assert_eq!(outcome.stderr, "********\npassword: ");
}

#[test]
fn the_command_may_be_one_of_ours() {
    let sandbox = sandbox_with_file();
    let again = "exec --offline --config base.conf -- PROGRAM get sdk.region --offline";
    let program = sandbox.program().display().to_string();
    assert_eq!(sandbox.run(&again.replace("PROGRAM", &program)).success(), "eu\n");
}

#[test]
fn what_a_command_leaves_running_does_not_hold_us() {
    let sandbox = sandbox_with_file();
    let outcome = exec(&sandbox, "--redact", "sleep 30 & echo started hunter2-long");
    assert_eq!(outcome.success(), "started ********\n");
}

#[test]
fn on_a_terminal_the_command_sees_one_too() {
    let sandbox = sandbox_with_file();
    let program = sandbox.program().display().to_string();
    let script =
        "tty -s && echo yes; test -t 2 && echo hunter2-long >&2; ps -o stat= -p $$ | cut -c2";
    let line = format!(
        "{program} exec --offline --config base.conf --redact -- sh -c '{script}'; exit $?"
    );
    let outcome = sandbox.run_other("script", ["-qec", &line, "/dev/null"]);
    let said = outcome.success();
    assert!(said.contains("yes"), "{said}");
    assert!(said.contains("********") && !said.contains("hunter2"), "{said}");
    // The command leads a session of its own, so that its job control works.
    assert!(said.contains('s'), "{said}");
}

#[test]
fn an_order_to_end_reaches_the_command() {
    let sandbox = sandbox_with_file();
    let script = "trap 'echo told >&2; exit 0' TERM; echo ready >&2; while :; do sleep 0.05; done";
    for options in ["", "--redact"] {
        let mut words = vec!["exec", "--offline", "--config", "base.conf"];
        words.extend(options.split_ascii_whitespace());
        words.extend(["--", "sh", "-c", script]);
        let mut running = sandbox.start(words);
        running.hear("ready");
        running.terminate();
    }
}

#[test]
fn replace_leaves_nobody_between() {
    let sandbox = sandbox_with_file();
    let words = ["exec", "--replace", "--offline", "--config", "base.conf", "--"];
    let script = "trap 'exit 0' TERM; echo pid $$ >&2; while :; do sleep 0.05; done";
    let mut running = sandbox.start(words.into_iter().chain(["sh", "-c", script]));
    let pid = running.hear("pid");
    assert_eq!(pid, format!("pid {}", running.id()));
    running.terminate();
}

#[test]
fn a_change_restarts_the_command_with_the_new_configuration() {
    let sandbox = sandbox();
    let config = sandbox.write("base.conf", "sdk.region: eu\nother: 1\n");
    let _daemon = daemon_on(&sandbox, &["--config", config.to_str().unwrap(), "--no-vaults"]);
    let script = "grep -o 'region.*' $CLEARML_CONFIG_FILE >&2; trap 'exit 0' TERM; \
                  echo waits >&2; while :; do sleep 0.05; done";
    let words = ["exec", "--restart-on", "sdk", "--debounce", "10ms", "--", "sh", "-c", script];
    let mut running = sandbox.start(words);
    running.hear(r#"region: "eu""#);
    running.hear("waits");
    // Beside what is watched: nothing happens.
    sandbox.write("base.conf", "sdk.region: eu\nother: 2\n");
    sandbox.write("base.conf", "sdk.region: us\nother: 2\n");
    running.hear(r#"region: "us""#);
    running.hear("waits");
    running.terminate();
}

#[test]
fn restarts_come_within_their_splay_and_stop_at_their_budget() {
    let sandbox = sandbox();
    let config = sandbox.write("base.conf", "sdk.region: eu\n");
    let _daemon = daemon_on(&sandbox, &["--config", config.to_str().unwrap(), "--no-vaults"]);
    let script = "grep -o 'region.*' $CLEARML_CONFIG_FILE >&2; trap 'exit 0' TERM; \
                  echo waits >&2; while :; do sleep 0.05; done";
    let words = "exec --restart-on sdk --debounce 10ms --splay 50ms --restarts 1 -- sh -c";
    let mut running = sandbox.start(words.split_ascii_whitespace().chain([script]));
    running.hear("waits");
    sandbox.write("base.conf", "sdk.region: us\n");
    running.hear(r#"region: "us""#);
    running.hear("waits");
    sandbox.write("base.conf", "sdk.region: ap\n");
    running.hear("the command was restarted too often");
    running.terminate();
}

#[test]
fn a_socket_that_others_may_put_in_the_daemons_place_is_refused() {
    let sandbox = sandbox();
    let config = sandbox.write("base.conf", "sdk.region: eu\n");
    let _daemon = daemon_on(&sandbox, &["--config", config.to_str().unwrap(), "--no-vaults"]);
    assert_eq!(sandbox.run("exec -- true").code(), 0);
    let folder = sandbox.socket().parent().unwrap().to_owned();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    let talk = sandbox.run("exec -- true").failure(4);
    assert!(talk.contains("others may write to its folder"), "{talk}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let sandbox = sandbox_with_file();
    let talk = exec(&sandbox, "--restart-on sdk", "true").failure(2);
    assert!(talk.contains("only a daemon tells of changes"), "{talk}");
    assert_eq!(sandbox.run("exec --replace --redact -- true").code(), 2);
    assert_eq!(sandbox.run("exec").code(), 2);
}

#[test]
fn a_command_of_another_identity_runs_as_it_would_have() {
    let server = ApiServer::start().unwrap();
    let _known = server.allow("ACCESSKEY", "the-secret-key");
    server.set_vaults(vec![json!({
        "id": "v1", "description": "", "scope": "user", "type": "config", "enabled": true,
        "format": "yaml", "data": "a: 2",
    })]);
    let sandbox = sandbox();
    let file = format!(
        "api {{ api_server: \"{}\", credentials {{ access_key: ACCESSKEY, \
         secret_key: the-secret-key }} }}",
        server.url()
    );
    fs::write(sandbox.home().join("clearml.conf"), file).unwrap();
    let _daemon = daemon_on(&sandbox, &[]);
    let show = "echo ${CLEARML_CONFIG_FILE:-none} ${CLEARML_DISABLE_VAULT_SUPPORT:-unset}";
    let ours = sandbox.run_with(["exec", "--", "sh", "-c", show]).success();
    assert!(ours.ends_with(".conf 1\n"), "{ours}");
    let foreign = sandbox.with_variable("CLEARML_API_ACCESS_KEY", "OTHER");
    let outcome = foreign.run_with(["exec", "--", "sh", "-c", show]);
    assert!(outcome.stderr.contains("R2: the process has another access key"), "{outcome:?}");
    assert_eq!(outcome.success(), "none unset\n");
    // Without a daemon it is resolved with the command's own keys: then there is no other identity.
    let _known = server.allow("OTHER", "its-secret-key");
    let alone = sandbox_alone(&server);
    let ours = alone.run_with(["exec", "--", "sh", "-c", show]).success();
    assert!(ours.ends_with(".conf 1\n"), "its own fetch would spoil the vault: {ours}");
    let off = foreign.with_variable("CLEARML_RESOLVER", "off");
    assert_eq!(off.run_with(["exec", "--", "sh", "-c", show]).success(), "none unset\n");
}

/// A host without a daemon, whose user has keys of their own.
fn sandbox_alone(server: &ApiServer) -> Sandbox {
    sandbox()
        .with_variable("CLEARML_API_HOST", server.url().to_string())
        .with_variable("CLEARML_API_ACCESS_KEY", "OTHER")
        .with_variable("CLEARML_API_SECRET_KEY", "its-secret-key")
}
