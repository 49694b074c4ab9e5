//! `vault`: what is written is checked, shown and asked for first, in a folder as on a server.

use std::fs;

use daemon::dev::ApiServer;
use expect_test::expect;
use serde_json::{Value, json};
use tests::sandbox::Sandbox;

use crate::sandbox;

const FILE: &str = "agent { git_user = ada, git_pass = hunter1 }\n";

fn with_folder() -> Sandbox {
    let sandbox = sandbox();
    sandbox.write("base.conf", FILE);
    sandbox.write(
        "vaults.d/10-team.conf",
        "# who we are\nagent { git_user = team, git_pass = hunter2 }\n",
    );
    sandbox.write("vaults.d/20-off.yaml.disabled", "agent: {git_user: nobody}\n");
    sandbox
}

const FOLDER: &str = "--folder vaults.d --config base.conf";

fn server() -> ApiServer {
    let server = ApiServer::start().unwrap();
    let _known = server.allow("ACCESSKEY", "the-secret-key");
    server.set_vaults(vec![
        json!({"id": "v1", "description": "team", "scope": "user", "type": "config",
               "format": "hocon", "enabled": true, "data": "agent.git_user = team\n"}),
        json!({"id": "keys", "type": "ssh", "data": "no configuration"}),
    ]);
    server
}

fn with_server(server: &ApiServer) -> Sandbox {
    let sandbox = sandbox()
        .with_variable("CLEARML_API_HOST", server.url().to_string())
        .with_variable("CLEARML_API_ACCESS_KEY", "ACCESSKEY")
        .with_variable("CLEARML_API_SECRET_KEY", "the-secret-key");
    sandbox.write("base.conf", FILE);
    sandbox
}

#[test]
fn lists_and_shows_without_secrets() {
    let sandbox = with_folder();
    expect![[r#"
        ● 10-team.conf  user, config, hocon
        ○ 20-off.yaml   user, config, yaml, off
    "#]]
    .assert_eq(&sandbox.run(&format!("vault list {FOLDER}")).success());
    expect![[r#"
        agent { git_user: "team", git_pass: "********" }
    "#]]
    .assert_eq(&sandbox.run(&format!("vault show 10-team.conf {FOLDER}")).success());
    let revealed = sandbox.run(&format!("vault show 10-team.conf --reveal {FOLDER}")).success();
    assert!(revealed.starts_with("# who we are") && revealed.contains("hunter2"));
    let list = sandbox.run(&format!("vault list --json {FOLDER}")).success();
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((&list[1]["id"], &list[1]["enabled"]), (&"20-off.yaml".into(), &false.into()));
    let talk = sandbox.run(&format!("vault show absent {FOLDER}")).failure(1);
    assert!(talk.contains("there is no vault `absent`"), "{talk}");
}

#[test]
fn switches_only_what_was_agreed_to() {
    let sandbox = with_folder();
    let outcome = sandbox.run(&format!("vault enable 20-off.yaml {FOLDER}"));
    expect![[r#"
        agent.git_user
          - "team"
          + "nobody"                                                    20-off.yaml:1:19

        1 changed
    "#]]
    .assert_eq(&outcome.stdout);
    let talk = outcome.failure(2);
    assert!(talk.contains("add `--yes`"), "{talk}");
    assert!(sandbox.work().join("vaults.d/20-off.yaml.disabled").exists());

    sandbox.run(&format!("vault enable 20-off.yaml --yes {FOLDER}")).success();
    assert!(sandbox.work().join("vaults.d/20-off.yaml").exists());
    assert!(!sandbox.work().join("vaults.d/20-off.yaml.disabled").exists());
    sandbox.run(&format!("vault disable 20-off.yaml --yes {FOLDER}")).success();
    sandbox.run(&format!("vault delete 20-off.yaml --yes {FOLDER}")).success();
    assert_eq!(fs::read_dir(sandbox.work().join("vaults.d")).unwrap().count(), 1);
}

#[test]
fn pushes_what_parses_and_shows_its_effect_first() {
    let server = server();
    let sandbox = with_server(&server);
    sandbox.write("team.conf", "agent { git_user = new, git_pass = hunter2 }\n");
    let dry = sandbox.run("vault push team.conf --dry-run --config base.conf");
    expect![[r#"
        agent.git_user
          - "team"
          + "new"                                                                v1:1:20

        agent.git_pass
          - "********"
          + "********" (another value)                                           v1:1:36

        2 changed
    "#]]
    .assert_eq(&dry.stdout);
    expect![[r#"
        would store vault `v1`; nothing was changed
    "#]]
    .assert_eq(&dry.stderr);
    assert_eq!(server.count("users.add_or_update_vault"), 0);

    sandbox.run("vault push team.conf --yes --config base.conf").success();
    let again = sandbox.run("vault push team.conf --yes --config base.conf");
    assert_eq!(again.stderr, "vault `v1` holds this text already\n");
    assert_eq!(server.count("users.add_or_update_vault"), 1);

    sandbox.write("storage.yaml", "sdk: {aws: {s3: {region: eu}}}\n");
    sandbox.run("vault push storage.yaml --group a-group --yes --config base.conf").success();
    let list = sandbox.run("vault list --json --config base.conf").success();
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!((&list[1]["name"], &list[1]["scope"]), (&"storage".into(), &"group".into()));

    sandbox.write("broken.conf", "agent { git_pass = hunter2 ]\n");
    let refused = sandbox.run("vault push broken.conf --yes --config base.conf");
    let talk = refused.failure(1);
    assert!(talk.contains("nothing of it would count") && !talk.contains("hunter2"), "{talk}");
    assert_eq!(server.count("users.add_or_update_vault"), 2);
}

#[test]
fn edits_in_the_editor_of_the_environment() {
    let server = server();
    let sandbox = with_server(&server);
    sandbox.write("edit.sh", "test \"$(stat -c %a \"$2\")\" = 600 && sed -i s/team/$1/ \"$2\"\n");
    let sandbox = sandbox.with_variable("EDITOR", "sh edit.sh bob");
    let outcome = sandbox.run("vault edit v1 --yes --config base.conf");
    assert!(outcome.stdout.contains("- \"team\"\n  + \"bob\""), "{}", outcome.stdout);
    assert_eq!(outcome.stderr, "stored vault `v1`\n");
    assert_eq!(sandbox.run("vault show v1 --reveal").success(), "agent.git_user = bob\n");
    let same = sandbox.run("vault edit v1 --yes");
    assert_eq!(same.stderr, "nothing was changed\n");
}

#[test]
fn what_somebody_else_changed_meanwhile_is_left_alone() {
    let server = server();
    let sandbox = with_server(&server);
    sandbox.write("other.conf", "agent.git_user = other\n");
    let program = sandbox.program().display().to_string();
    sandbox.write(
        "edit.sh",
        &format!("{program} vault push other.conf --id v1 --yes && sed -i s/team/mine/ \"$1\"\n"),
    );
    let sandbox = sandbox.with_variable("EDITOR", "sh edit.sh");
    let talk = sandbox.run("vault edit v1 --yes").failure(1);
    assert!(talk.contains("was changed meanwhile"), "{talk}");
    assert_eq!(sandbox.run("vault show v1 --reveal").success(), "agent.git_user = other\n");
}

#[test]
fn says_what_the_server_does_not_allow() {
    let server = server();
    let sandbox = with_server(&server);
    server.set_claim("feature_set", json!("basic"));
    sandbox.run("vault list").success();
    let stranger = sandbox.with_variable("CLEARML_API_SECRET_KEY", "another");
    let talk = stranger.run("vault list").failure(4);
    assert!(talk.contains("refuses the credentials") && !talk.contains("another"), "{talk}");
    drop(server);
    stranger.run("vault list").failure(3);
}
