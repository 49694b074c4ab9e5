//! The daemon as its users run it: started, asked, changed, stopped.

use std::fs;

use crate::{daemon_on, sandbox};

#[test]
fn the_sample_is_served_and_goes_with_the_daemon() {
    let sandbox = sandbox();
    let mut daemon = sandbox.start(["daemon", "--dev"]);
    let line = daemon.hear("curl --unix-socket");
    assert!(line.contains(&*sandbox.socket().to_string_lossy()) || line.contains("/resolver.sock"));
    let socket = line.split_whitespace().nth(2).unwrap().to_owned();
    let ask = |line: &str| sandbox.run(&format!("{line} --socket {socket}"));
    let masked = ask("resolve --print").success();
    let revealed = ask("resolve --print --reveal").success();
    assert!(masked.contains("********") && masked != revealed);
    assert!(ask("status").success().contains("dev-team"));
    daemon.terminate();
    assert!(!fs::exists(socket).unwrap(), "the socket is still there");
}

#[test]
fn a_changed_file_changes_the_answer_and_a_broken_one_does_not() {
    let sandbox = sandbox();
    sandbox.write("base.conf", "a: 1");
    let _daemon = daemon_on(&sandbox, &["--config", "base.conf", "--no-vaults"]);
    assert_eq!(sandbox.run("get a").success(), "1\n");
    sandbox.write("base.conf", "a: 2");
    sandbox.eventually("the change is served", || sandbox.run("get a").success() == "2\n");
    sandbox.write("base.conf", "a: [");
    sandbox
        .eventually("the fault is told", || sandbox.run("status").success().contains("set aside"));
    assert_eq!(sandbox.run("get a").success(), "2\n");
}

#[test]
fn references_of_the_file_are_closed_by_who_asks() {
    let sandbox = sandbox().with_variable("MINE", "asker");
    sandbox.write("base.conf", "a: ${MINE}, b: \"x\"${?ABSENT}");
    let daemon = daemon_on(&sandbox, &["--config", "base.conf", "--no-vaults"]);
    let sandbox = sandbox.with_variable("MINE", "another asker");
    assert_eq!(sandbox.run("get a").success(), "another asker\n");
    assert_eq!(sandbox.run("get b").success(), "x\n");
    drop(daemon);
}

#[test]
fn the_daemon_masks_what_is_shown_unless_our_environment_closes_it() {
    let sandbox = sandbox().with_variable("GIT_PASS", "hunter2-env");
    sandbox.write("base.conf", "agent { git_pass: hunter1-file, note: \"uses hunter1-file\" }\n");
    let daemon = daemon_on(&sandbox, &["--config", "base.conf", "--no-vaults"]);
    assert_eq!(sandbox.run("get agent.note").success(), "uses ********\n");
    assert_eq!(sandbox.run("get agent.git_pass --reveal").success(), "hunter1-file\n");
    sandbox.write("base.conf", "agent { git_pass: ${GIT_PASS}, note: here }\n");
    sandbox
        .eventually("the change is served", || sandbox.run("get agent.note").success() == "here\n");
    assert_eq!(sandbox.run("get agent.git_pass").success(), "********\n");
    assert_eq!(sandbox.run("get agent.git_pass --reveal").success(), "hunter2-env\n");
    assert!(!sandbox.run("resolve --print").success().contains("hunter"));
    daemon.terminate();
}
