//! Vaults in a real etcd: changes arrive at once, outages take nothing away, users and
//! certificates count.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use daemon::{
    client::{Reply, ask},
    protocol::{State, Status},
};
use serde_json::{Value, json};
use tests::{
    etcd::Etcd,
    sandbox::{Background, Sandbox},
};

use crate::{daemon_on, sandbox};

const PREFIX: &str = "/clearml-resolver/vaults/";
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a change may take until it is at a reader who waits.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Makes a sandbox whose profile has its vaults in etcd. Polls are so rare that only the watch can
/// bring a change.
fn sandbox_at(url: &str) -> Sandbox {
    let sandbox = sandbox()
        .with_variable("CLEARML_RESOLVER_VAULTS__SOURCE", "etcd")
        .with_variable("CLEARML_RESOLVER_VAULTS__ETCD__ENDPOINTS", url)
        .with_variable("CLEARML_RESOLVER_POLL_INTERVAL", "10min")
        .with_variable("CLEARML_RESOLVER_SPLAY", "100ms");
    sandbox.write("base.conf", "file: true");
    sandbox
}

fn start(sandbox: &Sandbox) -> Background {
    daemon_on(sandbox, &["--config", "base.conf"])
}

fn key(name: &str) -> String {
    format!("{PREFIX}{name}")
}

fn config(sandbox: &Sandbox) -> Value {
    serde_json::from_slice(&ask(&sandbox.socket(), "/v1/config", PATIENCE).unwrap().body).unwrap()
}

fn state(sandbox: &Sandbox) -> (State, String) {
    let reply = ask(&sandbox.socket(), "/v1/status", PATIENCE).unwrap();
    let mut status: Status = serde_json::from_slice(&reply.body).unwrap();
    let profile = status.profiles.remove("default").unwrap();
    (profile.state, profile.reason.unwrap_or_default())
}

#[test]
fn a_put_reaches_a_reader_who_waits_at_once() {
    let etcd = Etcd::start();
    etcd.put(&key("10.conf"), "a: 0");
    let sandbox = sandbox_at(&etcd.url());
    let _daemon = start(&sandbox);
    assert_eq!(config(&sandbox), json!({"file": true, "a": 0}));
    let mut slowest = Duration::ZERO;
    for value in 1..=20 {
        let known = ask(&sandbox.socket(), "/v1/config", PATIENCE).unwrap();
        let waiting = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| wait_for_change(&sandbox, &known));
            let put = Instant::now();
            etcd.put(&key("10.conf"), &format!("a: {value}"));
            let answer = waiting.join().unwrap();
            slowest = slowest.max(put.elapsed());
            answer
        });
        assert_eq!(waiting["a"], value);
    }
    eprintln!("the slowest of 20 puts took {slowest:?} to a waiting reader");
    assert!(slowest < AT_ONCE, "{slowest:?}");
}

/// Asks as a reader does who knows an answer and waits for the next.
fn wait_for_change(sandbox: &Sandbox, known: &Reply) -> Value {
    let mut stream = UnixStream::connect(sandbox.socket()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let etag = known.header("etag").unwrap();
    write!(
        stream,
        "GET /v1/config?wait=20s HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: {etag}\r\n\
         Connection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

#[test]
fn names_order_and_switch_vaults_and_an_exchange_is_seen_as_one() {
    let etcd = Etcd::start();
    etcd.put(&key("20.yaml"), "a: 20\nb: 1\n");
    etcd.put(&key("10.conf"), "a: 10, c: 1");
    etcd.put("/elsewhere/30.conf", "a: 30");
    let sandbox = sandbox_at(&etcd.url());
    let _daemon = start(&sandbox);
    let served = |expected: &Value| {
        sandbox.eventually(&format!("{expected} is served"), || config(&sandbox) == *expected);
    };
    served(&json!({"file": true, "a": 20, "c": 1, "b": 1}));
    // Switched off, in one step: at no moment are both or neither there.
    etcd.exchange(&[&key("20.yaml")], &[(&key("20.yaml.disabled"), "a: 20")]);
    served(&json!({"file": true, "a": 10, "c": 1}));
    etcd.put(&key("90.monitoring.conf"), "a: 90");
    served(&json!({"file": true, "a": 90, "c": 1}));
    etcd.put(&key("10.conf"), "a: [");
    sandbox.eventually("the broken vault is told", || {
        sandbox.run("status").success().contains("10.conf:1:4")
    });
    assert_eq!(
        config(&sandbox),
        json!({"file": true, "a": 90, "c": 1}),
        "its last good version stays"
    );
    etcd.delete(&key("90.monitoring.conf"));
    served(&json!({"file": true, "a": 10, "c": 1}));
}

#[test]
fn nothing_is_lost_while_etcd_is_stopped_and_started() {
    let mut etcd = Etcd::start();
    etcd.put(&key("v.conf"), "a: 1");
    let sandbox = sandbox_at(&etcd.url());
    let _daemon = start(&sandbox);
    assert_eq!(config(&sandbox)["a"], 1);
    etcd.stop();
    sandbox.eventually("the outage is noticed", || state(&sandbox).0 == State::Stale);
    assert_eq!(config(&sandbox)["a"], 1, "an outage takes nothing away");
    etcd.run();
    // What happened in between is gone by the time we ask: only a reading can tell.
    etcd.put(&key("v.conf"), "a: 2");
    etcd.put(&key("w.conf"), "b: 2");
    etcd.compact();
    sandbox.eventually("the new vaults are served", || {
        config(&sandbox) == json!({"file": true, "a": 2, "b": 2})
    });
    assert_eq!(state(&sandbox).0, State::Fresh);
    etcd.put(&key("v.conf"), "a: 3");
    sandbox.eventually("it is watched again", || config(&sandbox)["a"] == 3);
}

#[test]
fn a_user_reads_its_prefix_and_a_wrong_one_is_refused() {
    let mut etcd = Etcd::start();
    etcd.put(&key("v.conf"), "a: 1");
    let password = etcd.lock(PREFIX);
    let anonymous = sandbox_at(&etcd.url());
    let _daemon = start(&anonymous);
    let (state_of_anonymous, reason) = state(&anonymous);
    assert_eq!(state_of_anonymous, State::Revoked, "{reason}");
    assert!(reason.contains("vaults.etcd.user"), "{reason}");
    let sandbox = sandbox_at(&etcd.url())
        .with_variable("CLEARML_RESOLVER_VAULTS__ETCD__USER", "reader")
        .with_variable("CLEARML_RESOLVER_VAULTS__ETCD__PASSWORD", password);
    let daemon = start(&sandbox);
    assert_eq!(config(&sandbox)["a"], 1);
    etcd.put(&key("v.conf"), "a: 2");
    sandbox.eventually("the change is served", || config(&sandbox)["a"] == 2);
    etcd.change_password("reader", "another");
    etcd.put(&key("v.conf"), "a: 3");
    sandbox.eventually("the refusal is noticed", || state(&sandbox).0 == State::Revoked);
    assert_eq!(config(&sandbox), json!({"file": true}), "and withdraws the vaults");
    etcd.change_password("reader", password);
    // Another user's prefix is none of ours.
    drop(daemon);
    let elsewhere = sandbox.with_variable("CLEARML_RESOLVER_VAULTS__ETCD__PREFIX", "/other/");
    let daemon = start(&elsewhere);
    let (state_elsewhere, reason) = state(&elsewhere);
    assert_eq!(state_elsewhere, State::Revoked, "{reason}");
    assert!(reason.contains("does not allow `kv/range`"), "{reason}");
    assert!(!reason.contains(password));
    drop(daemon);
}

#[test]
fn a_member_behind_tls_is_trusted_by_its_authority_and_sees_our_certificate() {
    let etcd = Etcd::start();
    etcd.put(&key("v.conf"), "a: 1");
    let files = etcd.certificates();
    let text = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let authority = text(&files.authority);
    let name = |rest| format!("CLEARML_RESOLVER_VAULTS__ETCD__{rest}");
    let with_authority =
        sandbox_at(&etcd.tls_url()).with_variable(&name("VERIFY_CERTIFICATE"), authority);
    let daemon = start(&with_authority);
    assert_eq!(state(&with_authority).0, State::Stale, "it wants to see a certificate");
    drop(daemon);
    let sandbox = with_authority
        .with_variable(&name("CERTIFICATE_FILE"), text(&files.client))
        .with_variable(&name("KEY_FILE"), text(&files.client_key));
    let daemon = start(&sandbox);
    assert_eq!(config(&sandbox)["a"], 1);
    etcd.put(&key("v.conf"), "a: 2");
    sandbox.eventually("the change is served", || config(&sandbox)["a"] == 2);
    drop(daemon);
    let distrusting = sandbox.with_variable(&name("VERIFY_CERTIFICATE"), "true");
    let _daemon = start(&distrusting);
    let (state_of_distrusting, reason) = state(&distrusting);
    assert_eq!(state_of_distrusting, State::Stale);
    assert!(reason.contains("cannot trust the certificate"), "{reason}");
}

#[test]
fn a_member_that_is_down_is_passed_over() {
    let etcd = Etcd::start();
    etcd.put(&key("v.conf"), "a: 1");
    let sandbox = sandbox_at(&format!("http://127.0.0.1:1, {}", etcd.url()));
    let _daemon = start(&sandbox);
    assert_eq!(config(&sandbox)["a"], 1);
    assert_eq!(state(&sandbox).0, State::Fresh);
}

#[test]
fn without_a_daemon_etcd_is_asked_once() {
    let etcd = Etcd::start();
    etcd.put(&key("v.conf"), "a: 1");
    let sandbox = sandbox_at(&etcd.url());
    let sandbox = sandbox.with_variable("CLEARML_CONFIG_FILE", "base.conf");
    assert_eq!(sandbox.run("get a").success(), "1\n");
}

#[test]
fn vaults_are_written_to_etcd_as_to_a_folder() {
    let etcd = Etcd::start();
    // The last vault would not go at once: an empty answer must come several times.
    etcd.put(&key("zz-stays.conf"), "stays: true");
    let sandbox = sandbox_at(&etcd.url());
    sandbox.write("team.conf", "agent.git_user = team\n");
    let daemon = start(&sandbox);
    sandbox.run("vault push team.conf --yes --config base.conf").success();
    sandbox.eventually("it is served", || config(&sandbox)["agent"]["git_user"] == "team");
    sandbox.run("vault disable team.conf --yes --config base.conf").success();
    sandbox.eventually("it is served no more", || config(&sandbox).get("agent").is_none());
    let list = sandbox.run("vault list --json").success();
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((&list[0]["id"], &list[0]["enabled"]), (&json!("team.conf"), &json!(false)));
    assert_eq!(sandbox.run("vault show team.conf --reveal").success(), "agent.git_user = team\n");
    sandbox.run("vault delete team.conf --yes").success();
    assert!(!sandbox.run("vault list").success().contains("team.conf"));
    daemon.terminate();
}
