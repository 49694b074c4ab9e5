//! `doctor`: the mistakes that hosts have, each with what to do.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    os::unix::net::UnixListener,
};

use daemon::dev::ApiServer;
use expect_test::expect;
use serde_json::{Value, json};
use tests::sandbox::Sandbox;

use crate::{daemon_on, sandbox};

/// Runs it, and returns a line a finding, with what differs from run to run taken out.
fn findings(sandbox: &Sandbox, arguments: &str) -> (i32, String) {
    let outcome = sandbox.run(&format!("doctor --json {arguments}"));
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let lines = report["findings"].as_array().unwrap().iter().map(|finding| {
        let text = |name: &str| finding[name].as_str().unwrap_or("-").to_owned();
        let [health, subject, message] = ["health", "subject", "message"].map(text);
        format!("{health}: {subject}: {message} => {}\n", text("remedy"))
    });
    let folder = sandbox.work().parent().unwrap().display().to_string();
    (outcome.code(), lines.collect::<String>().replace(&folder, "SANDBOX"))
}

fn in_private_folder() -> Sandbox {
    let sandbox = sandbox();
    let temporary = sandbox.work().join("tmp");
    fs::create_dir(&temporary).unwrap();
    sandbox.with_variable("TMPDIR", temporary.display().to_string())
}

fn write_config(sandbox: &Sandbox, text: &str, mode: u32) {
    let path = sandbox.home().join("clearml.conf");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn finds_the_mistakes_of_a_host() {
    let sandbox = in_private_folder().with_variable("CLEARML_DISABLE_VAULT_SUPPORT", "0");
    write_config(
        &sandbox,
        "api.credentials { access_key: AK, secret_key: hunter2hunter2 }\n",
        0o644,
    );
    let leaked = sandbox.write("tmp/.clearml_agent.x1.cfg", "agent.git_pass = hunter2\n");
    fs::set_permissions(leaked, Permissions::from_mode(0o644)).unwrap();
    let settings = sandbox.write("settings.toml", "[api]\nsecret_key = \"hunter2hunter2\"\n");
    fs::set_permissions(settings, Permissions::from_mode(0o640)).unwrap();
    fs::create_dir_all(sandbox.socket().parent().unwrap()).unwrap();
    drop(UnixListener::bind(sandbox.socket()).unwrap());
    let (code, found) = findings(&sandbox, "--offline --settings settings.toml");
    expect![[r#"
        wrong: CLEARML_DISABLE_VAULT_SUPPORT: `0` leaves vaults on; only `1` switches them off => unset CLEARML_DISABLE_VAULT_SUPPORT, or set it to 1 to run without vaults
        wrong: settings.toml: its group can read it (mode 0640), and it holds secrets => chmod 600 settings.toml
        wrong: SANDBOX/home/clearml.conf: everybody on this host can read it (mode 0644), and it holds secrets => chmod 600 SANDBOX/home/clearml.conf
        wrong: SANDBOX/work/tmp: 1 file with an agent's whole configuration, secrets included, readable for everybody => remove SANDBOX/work/tmp/.clearml_agent.* while no agent runs; CLEARML_AGENT_TEMP_STDOUT_FILE_DIR names another folder
        wrong: SANDBOX/run/clearml-resolver/resolver.sock: is there, and nobody listens => start the daemon; it takes the socket over
    "#]].assert_eq(&found);
    assert_eq!(code, 1);
    assert!(!found.contains("hunter2"), "a secret is told");
}

#[test]
fn says_that_all_is_well() {
    let server = ApiServer::start().unwrap();
    let _known = server.allow("ACCESSKEY", "the-secret-key");
    let sandbox = in_private_folder();
    let url = server.url();
    write_config(
        &sandbox,
        &format!(
            "api {{ api_server: \"{url}\", credentials {{ access_key: ACCESSKEY, secret_key: the-secret-key }} }}\n"
        ),
        0o600,
    );
    let daemon = daemon_on(&sandbox, &[]);
    let (code, found) = findings(&sandbox, "");
    expect![[r#"
        well: SANDBOX/home/clearml.conf: mode 0600 => -
        well: HOST: logged in; it keeps vaults => -
        well: SANDBOX/run/clearml-resolver/resolver.sock: version 0.1.0 answers => -
    "#]]
    .assert_eq(&found.replace(&url.host().to_string(), "HOST"));
    assert_eq!(code, 0);
    daemon.terminate();
}

#[test]
fn tells_what_the_server_thinks_of_us() {
    let server = ApiServer::start().unwrap();
    let _known = server.allow("ACCESSKEY", "the-secret-key");
    let sandbox = in_private_folder()
        .with_variable("CLEARML_API_HOST", server.url().to_string())
        .with_variable("CLEARML_API_ACCESS_KEY", "ACCESSKEY")
        .with_variable("CLEARML_API_SECRET_KEY", "the-secret-key");
    server.set_claim("iat", json!(1_000_000));
    assert!(findings(&sandbox, "").1.contains("ahead of the server"));
    server.set_claim("feature_set", json!("basic"));
    assert!(findings(&sandbox, "").1.contains("it keeps no vaults"));
    let stranger = sandbox.with_variable("CLEARML_API_SECRET_KEY", "another-key");
    assert!(findings(&stranger, "").1.contains("refuses the credentials"));
    drop(server);
    assert!(findings(&stranger, "").1.contains("cannot reach"));
}
