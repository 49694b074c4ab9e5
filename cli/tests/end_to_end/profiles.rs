//! Several servers, keys and sources in one daemon: each profile has a fate of its own.

use std::time::Duration;

use daemon::{
    client::ask,
    dev::{ApiServer, Fault, FaultKind},
    protocol::{State, Status},
};
use serde_json::{Value, json};
use tests::sandbox::Sandbox;

use crate::{daemon_on, sandbox};

const PATIENCE: Duration = Duration::from_secs(20);

/// Two workspaces on two servers, and a profile whose vaults lie in a folder.
struct Fixture {
    one: ApiServer,
    two: ApiServer,
    sandbox: Sandbox,
}

impl Fixture {
    fn new() -> Self {
        let [one, two] = ["one", "two"].map(|name| {
            let server = ApiServer::start().unwrap();
            let _known = server.allow(&format!("key-of-{name}"), &format!("secret-of-{name}"));
            set_vault(&server, &format!("a: vault of {name}"));
            server
        });
        let sandbox = sandbox();
        let profile = |name: &str, server: &ApiServer| {
            format!(
                "[profile.{name}]\napi.server = '{}'\napi.access_key = 'key-of-{name}'\n\
                 api.secret_key = 'secret-of-{name}'\nconfig.files = ['{name}.conf']\n",
                server.url()
            )
        };
        for name in ["one", "two", "three"] {
            sandbox.write(&format!("{name}.conf"), &format!("file: {name}"));
        }
        sandbox.write("vaults.d/10.conf", "a: vault of three");
        let state = sandbox.work().join("state");
        let settings = format!(
            "poll_interval = '50ms'\nsplay = '0s'\nstate.folder = '{}'\nstate.create_key = true\n\
             {}{}[profile.three]\nvaults.folder = 'vaults.d'\nconfig.files = ['three.conf']\n",
            state.display(),
            profile("one", &one),
            profile("two", &two),
        );
        sandbox.write("settings.toml", &settings);
        Self { one, two, sandbox }
    }

    fn config(&self, profile: &str) -> Value {
        let target = format!("/v1/config?profile={profile}");
        let reply = ask(&self.sandbox.socket(), &target, PATIENCE).unwrap();
        serde_json::from_slice(&reply.body).unwrap()
    }

    fn states(&self) -> Vec<State> {
        let reply = ask(&self.sandbox.socket(), "/v1/status", PATIENCE).unwrap();
        let status: Status = serde_json::from_slice(&reply.body).unwrap();
        ["one", "two", "three"].map(|name| status.profiles[name].state).to_vec()
    }
}

fn set_vault(server: &ApiServer, text: &str) {
    server.set_vaults(vec![json!({"id": "v", "type": "config", "format": "hocon", "data": text})]);
}

const FLAGS: [&str; 2] = ["--settings", "settings.toml"];

#[test]
fn what_happens_to_one_profile_happens_to_no_other() {
    use State::{Fresh, Revoked, Stale};
    let fixture = Fixture::new();
    let daemon = daemon_on(&fixture.sandbox, &FLAGS);
    for name in ["one", "two", "three"] {
        let expected = json!({"file": name, "a": format!("vault of {name}")});
        assert_eq!(fixture.config(name), expected);
    }
    assert_eq!(fixture.states(), [Fresh, Fresh, Fresh]);
    fixture.one.add_fault(Fault::always("*", FaultKind::Reset));
    fixture.two.revoke_all();
    fixture.two.expire_tokens().unwrap();
    let eventually = |what, expected: [State; 3]| {
        fixture.sandbox.eventually(what, || fixture.states() == expected);
    };
    eventually("one is down, two is refused", [Stale, Revoked, Fresh]);
    assert_eq!(fixture.config("one"), json!({"file": "one", "a": "vault of one"}));
    assert_eq!(fixture.config("two"), json!({"file": "two"}));
    // Each has its own vaults on disk, and those of the refused one are gone.
    drop(daemon);
    let state = |name: &str| fixture.sandbox.work().join("state").join(name);
    assert!(state("one.sealed").exists() && !state("two.sealed").exists());
    let daemon = daemon_on(&fixture.sandbox, &FLAGS);
    assert_eq!(fixture.config("one"), json!({"file": "one", "a": "vault of one"}));
    assert_eq!(fixture.config("two"), json!({"file": "two"}));
    fixture.one.clear_faults();
    let _known = fixture.two.allow("key-of-two", "secret-of-two");
    eventually("all is well again", [Fresh, Fresh, Fresh]);
    assert_eq!(fixture.config("two"), json!({"file": "two", "a": "vault of two"}));
    daemon.terminate();
}

#[test]
fn each_server_gets_its_own_keys_only() {
    let fixture = Fixture::new();
    let daemon = daemon_on(&fixture.sandbox, &FLAGS);
    daemon.terminate();
    let logins = |server: &ApiServer| {
        let requests = server.requests();
        let sent = requests.iter().filter(|request| request.target.contains("auth.login"));
        sent.map(|request| request.headers["authorization"].clone()).collect::<Vec<_>>()
    };
    // `key-of-one:secret-of-one` and `key-of-two:secret-of-two`.
    let one = "Basic a2V5LW9mLW9uZTpzZWNyZXQtb2Ytb25l";
    let two = "Basic a2V5LW9mLXR3bzpzZWNyZXQtb2YtdHdv";
    assert_eq!(logins(&fixture.one), [one]);
    assert_eq!(logins(&fixture.two), [two]);
}

#[test]
fn keys_are_exchanged_under_a_running_daemon_without_a_gap() {
    let server = ApiServer::start().unwrap();
    let _known = server.allow("key", "old-secret");
    set_vault(&server, "a: vault");
    let sandbox = sandbox();
    sandbox.write("base.conf", "file: true");
    sandbox.write("key", "old-secret");
    let settings = format!(
        "poll_interval = '50ms'\napi.server = '{}'\napi.access_key = 'key'\n\
         api.secret_key_file = '{}'\n",
        server.url(),
        sandbox.work().join("key").display()
    );
    sandbox.write("settings.toml", &settings);
    let daemon = daemon_on(&sandbox, &["--settings", "settings.toml", "--config", "base.conf"]);
    let reason = || {
        let reply = ask(&sandbox.socket(), "/v1/status", PATIENCE).unwrap();
        let mut status: Status = serde_json::from_slice(&reply.body).unwrap();
        let profile = status.profiles.remove("default").unwrap();
        assert_eq!(profile.state, State::Fresh);
        profile.reason.unwrap_or_default()
    };
    assert_eq!(sandbox.run("get a").success(), "vault\n");
    // The file first, the server later: the old key serves in between.
    sandbox.write("key", "new-secret");
    sandbox.eventually("the new key is tried", || reason().contains("the keys before still work"));
    assert_eq!(sandbox.run("get a").success(), "vault\n");
    let _known = server.allow("key", "new-secret");
    sandbox.eventually("the new key works", || reason().is_empty());
    set_vault(&server, "a: changed");
    sandbox.eventually("and is used", || sandbox.run("get a").success() == "changed\n");
    daemon.terminate();
}
