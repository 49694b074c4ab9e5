//! `resolve` and `get`: what goes to standard output, and what it is made of.

use expect_test::{Expect, expect};

use crate::sandbox;

const FILE: &str = r#"
api.api_server: "https://api.example"
agent { git_user: ada, port: 1 }
home: ${HOME_OF_ADA}
"#;

const VAULT: &str = r#"[
  {"id": "v1", "description": "Team", "scope": "group", "type": "config", "enabled": true,
   "format": "hocon", "data": "agent { git_user = eve\n git_pass = \"hunter2\" }"},
  {"id": "v2", "description": "", "scope": "user", "type": "config", "enabled": true,
   "format": "hocon", "data": "broken = {"}
]"#;

fn check(arguments: &str, expected: &Expect) {
    let sandbox = sandbox().with_variable("HOME_OF_ADA", "/home/ada");
    sandbox.write("base.conf", FILE);
    sandbox.write("vaults.json", VAULT);
    let line = format!("{arguments} --offline --config base.conf --vaults vaults.json");
    expected.assert_eq(&sandbox.run(&line).success());
}

#[test]
fn a_vault_covers_and_extends_and_its_secrets_are_masked() {
    check(
        "resolve --print",
        &expect![[r#"
        {
          "api": {
            "api_server": "https://api.example"
          },
          "agent": {
            "git_user": "eve",
            "port": 1,
            "git_pass": "********"
          },
          "home": "/home/ada"
        }
    "#]],
    );
}

#[test]
fn what_is_revealed_is_the_plain_object() {
    check(
        "resolve --print --reveal --format json",
        &expect![[r#"
        {
          "api": {
            "api_server": "https://api.example"
          },
          "agent": {
            "git_user": "eve",
            "port": 1,
            "git_pass": "hunter2"
          },
          "home": "/home/ada"
        }
    "#]],
    );
}

#[test]
fn other_spellings_are_hocon_yaml_and_shell() {
    check(
        "resolve --print --reveal --format hocon",
        &expect![[r#"
            api { api_server: "https://api.example" }
            agent { git_user: "eve", port: 1, git_pass: "hunter2" }
            home: "/home/ada"
        "#]],
    );
    check(
        "resolve --print --reveal --format yaml",
        &expect![[r#"
        api:
          api_server: "https://api.example"
        agent:
          git_user: eve
          port: 1
          git_pass: hunter2
        home: "/home/ada"
    "#]],
    );
    check(
        "resolve --print --reveal --format env",
        &expect![[r#"
        API__API_SERVER='https://api.example'
        AGENT__GIT_USER='eve'
        AGENT__PORT='1'
        AGENT__GIT_PASS='hunter2'
        home='/home/ada'
    "#]],
    );
}

#[test]
fn kept_references_stay_as_they_were_typed() {
    check(
        "resolve home --print --keep-references --format hocon",
        &expect![[r#"
        ${HOME_OF_ADA}
    "#]],
    );
    check(
        "get home --reveal",
        &expect![[r#"
        /home/ada
    "#]],
    );
}

#[test]
fn origins_say_who_set_each_value() {
    check(
        "resolve agent --print --origins",
        &expect![[r#"
        {
          "config": {
            "git_user": "eve",
            "port": 1,
            "git_pass": "********"
          },
          "origins": {
            "agent.git_pass": {
              "source": "vault",
              "id": "v1",
              "description": "Team",
              "scope": "group",
              "line": 2,
              "column": 13
            },
            "agent.git_user": {
              "source": "vault",
              "id": "v1",
              "description": "Team",
              "scope": "group",
              "line": 1,
              "column": 20
            },
            "agent.port": {
              "source": "file",
              "path": "base.conf",
              "line": 3,
              "column": 30
            }
          }
        }
    "#]],
    );
}

#[test]
fn without_print_there_is_a_summary() {
    check(
        "resolve",
        &expect![[r#"
        ok: 5 values
          file        base.conf: 4 values
          vault       v1 (Team): 2 values
          not used    vault v2: line 1, column 10: this object is never closed
    "#]],
    );
    check(
        "resolve --json",
        &expect![[r#"
        {
          "ok": true,
          "values": 5,
          "unresolved": [],
          "layers": [
            {
              "layer": "file",
              "name": "base.conf",
              "values": 4
            },
            {
              "layer": "vault",
              "name": "vault v1 (Team)",
              "values": 2
            }
          ],
          "quarantined": [
            {
              "name": "vault v2",
              "reason": "line 1, column 10: this object is never closed"
            }
          ],
          "vaults": "fresh"
        }
    "#]],
    );
}

#[test]
fn get_prints_scalars_raw_and_subtrees_as_json() {
    check(
        "get agent.port",
        &expect![[r#"
        1
    "#]],
    );
    check(
        "get agent.git_user",
        &expect![[r#"
        eve
    "#]],
    );
    check(
        "get agent",
        &expect![[r#"
        {
          "git_user": "eve",
          "port": 1,
          "git_pass": "********"
        }
    "#]],
    );
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_failure() {
    let sandbox = sandbox();
    sandbox.write("base.conf", "a: 1");
    let line = "\"$0\" resolve --print --offline --config base.conf | true; echo ${PIPESTATUS[0]}";
    let arguments = ["-c".as_ref(), line.as_ref(), sandbox.program().as_os_str()];
    assert_eq!(sandbox.run_other("bash", arguments).success(), "0\n");
}

#[test]
fn offline_does_not_care_for_the_server() {
    let sandbox = sandbox().with_variable("CLEARML_API_HOST", "no address");
    sandbox.write("base.conf", "a: 1");
    let outcome = sandbox.run("get a --offline --config base.conf");
    assert_eq!(outcome.success(), "1\n");
}
