//! `watch`: a line for each change below the key, across a restart of the daemon, without secrets.

use std::fs;

use serde_json::Value;
use tests::sandbox::Sandbox;

use crate::{daemon_on, sandbox};

const FLAGS: [&str; 4] = ["--config", "base.conf", "--vaults-folder", "vaults.d"];

fn prepared() -> Sandbox {
    let sandbox = sandbox();
    sandbox.write("base.conf", "agent { git_user = ada, git_pass = hunter1 }\n");
    sandbox.write("vaults.d/10.conf", "sdk.x = 1\n");
    sandbox
}

fn lines(sandbox: &Sandbox) -> Vec<Value> {
    let text = fs::read_to_string(sandbox.work().join("lines")).unwrap();
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn prints_a_line_a_change_across_a_restart() {
    let sandbox = prepared();
    let daemon = daemon_on(&sandbox, &FLAGS);
    let mut watch = sandbox.start_into("lines", ["watch", "agent", "-v"]);
    watch.hear("watching");
    sandbox.write("vaults.d/20.conf", "agent { git_user = bob, git_pass = hunter2 }\n");
    sandbox.eventually("there is a line", || lines(&sandbox).len() == 1);

    daemon.terminate();
    watch.hear("the daemon has ended");
    sandbox.write("vaults.d/20.conf", "agent.git_user = cleo\n");
    let daemon = daemon_on(&sandbox, &FLAGS);
    sandbox.eventually("there is another line", || lines(&sandbox).len() == 2);
    daemon.terminate();

    let lines = lines(&sandbox);
    let first = &lines[0];
    assert_eq!((&first["path"], &first["state"]), (&"agent".into(), &"fresh".into()));
    let change = &first["changes"][0];
    assert_eq!(change["path"], "agent.git_user");
    assert_eq!((&change["before"], &change["after"]), (&"ada".into(), &"bob".into()));
    assert_eq!(lines[1]["changes"][0]["after"], "cleo");
    assert!(lines.iter().all(|line| !line.to_string().contains("hunter")), "a secret is told");
}

#[test]
fn ends_after_the_first_change_if_asked() {
    let sandbox = prepared();
    let daemon = daemon_on(&sandbox, &FLAGS);
    let mut watch = sandbox.start_into("lines", ["watch", "sdk", "--once", "-v"]);
    watch.hear("watching");
    sandbox.write("vaults.d/10.conf", "sdk.x = 2\n");
    watch.wait();
    assert_eq!(lines(&sandbox).len(), 1);
    daemon.terminate();
}

#[test]
fn needs_a_daemon() {
    let talk = prepared().run("watch").failure(3);
    assert!(talk.contains("no daemon answers"), "{talk}");
}
