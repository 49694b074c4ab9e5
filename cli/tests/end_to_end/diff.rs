//! `diff`: what the vaults change, what has changed since, and the exit code that says so.

use expect_test::expect;
use serde_json::Value;
use tests::sandbox::Sandbox;

use crate::{daemon_on, sandbox};

const FILE: &str = "agent {\n  git_user = \"\"\n  git_pass = hunter1\n  worker_name = here\n}\n";
const VAULT: &str = "agent { git_user = team-bot, git_pass = hunter2, worker_name = other }\n\
                     environment.HF_HOME = /data\n\
                     long.path.of.words = \"a value that leaves no room for its place, as it takes the line\"\n";

fn prepared() -> Sandbox {
    let sandbox = sandbox();
    sandbox.write("base.conf", FILE);
    sandbox.write("vaults.d/10-team.conf", VAULT);
    sandbox.write("settings.toml", "[vaults]\nfolder = \"vaults.d\"\n");
    sandbox
}

const SOURCES: &str = "--config base.conf --settings settings.toml";

#[test]
fn shows_what_the_vaults_change() {
    let outcome = prepared().run(&format!("diff {SOURCES}"));
    expect![[r#"
        agent.git_user
          - ""
          + "team-bot"                                                 10-team.conf:1:20

        agent.git_pass
          - "********"
          + "********" (another value)                                 10-team.conf:1:41

        environment.HF_HOME
          + "********"                                                 10-team.conf:2:23

        long.path.of.words
          + "a value that leaves no room for its place, as it takes the line"
              10-team.conf:3:22

        2 changed, 2 added
    "#]]
    .assert_eq(&outcome.stdout);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (1, ""));
}

#[test]
fn the_exit_code_says_that_nothing_differs() {
    let sandbox = prepared();
    let outcome = sandbox.run(&format!("diff agent.worker_name {SOURCES}"));
    assert_eq!(outcome.success(), "nothing differs from the files alone\n");
    sandbox.run("diff --config absent.conf").failure(1);
}

#[test]
fn the_daemon_says_the_same_as_this_process() {
    let sandbox = prepared();
    let flags = ["--config", "base.conf", "--vaults-folder", "vaults.d"];
    let daemon = daemon_on(&sandbox, &flags);
    let asked = sandbox.run("diff --json");
    let here = sandbox.run(&format!("diff --json {SOURCES}"));
    assert_eq!((asked.code(), here.code()), (1, 1));
    assert_eq!(asked.stdout, here.stdout);
    assert!(!asked.stdout.contains("hunter"), "a secret is told");
    assert!(sandbox.run("diff --reveal").stdout.contains("hunter2"));

    let status: Value = serde_json::from_str(&sandbox.run("status --json").success()).unwrap();
    let digest = status["profiles"]["default"]["digest"].as_str().unwrap();
    let now = sandbox.run(&format!("diff --against {digest}"));
    assert_eq!(now.success(), format!("nothing differs from {digest}\n"));
    sandbox.write("vaults.d/10-team.conf", "agent.git_user = new-bot\n");
    sandbox.eventually("the change is served", || {
        sandbox.run("get agent.git_user").success() == "new-bot\n"
    });
    let since = sandbox.run(&format!("diff agent --against {digest}"));
    expect![[r#"
        agent.git_user
          - "team-bot"
          + "new-bot"                                                  10-team.conf:1:18

        agent.git_pass
          - "********"
          + "********" (another value)                                    base.conf:3:14

        2 changed
    "#]]
    .assert_eq(&since.stdout);
    daemon.terminate();
}

#[test]
fn another_hosts_answer_is_compared_as_far_as_it_shows() {
    let sandbox = prepared();
    let printed = sandbox.run(&format!("resolve --print {SOURCES}")).success();
    sandbox.write("other.json", &printed.replace("team-bot", "other-bot"));
    let outcome = sandbox.run(&format!("diff --against other.json {SOURCES}"));
    expect![[r#"
        agent.git_user
          - "other-bot"
          + "team-bot"                                                 10-team.conf:1:20

        1 changed
    "#]]
    .assert_eq(&outcome.stdout);
    sandbox.write("other.json", &printed);
    assert_eq!(sandbox.run(&format!("diff --against other.json {SOURCES}")).code(), 0);
}

#[test]
fn two_profiles_are_compared() {
    let sandbox = prepared();
    sandbox.write("two.conf", "agent.git_user = two\n");
    sandbox.write(
        "settings.toml",
        "[profile.one]\nconfig.files = [\"base.conf\"]\nvaults.source = \"off\"\n\
         [profile.two]\nconfig.files = [\"two.conf\"]\nvaults.source = \"off\"\n",
    );
    let line = "diff agent.git_user --profile two --against profile:one --settings settings.toml";
    let outcome = sandbox.run(line);
    expect![[r#"
        agent.git_user
          - ""
          + "two"                                                          two.conf:1:18

        1 changed
    "#]]
    .assert_eq(&outcome.stdout);
    assert_eq!(outcome.code(), 1);
}
