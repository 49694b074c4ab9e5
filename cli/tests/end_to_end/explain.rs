//! `explain`: the same words from the daemon and from this process, and never a secret.

use expect_test::expect;
use tests::sandbox::Sandbox;

use crate::{daemon_on, sandbox};

const VAULTS: &str = r#"[
  {"id": "v1", "description": "Team", "scope": "group", "data":
   "agent { git_pass = hunter2, worker_name = other }\nsdk.region = ${REGION}"},
  {"id": "v2", "data": "sdk { region = [1 }"}
]"#;

fn prepared() -> Sandbox {
    let sandbox = sandbox();
    let file = "agent {\n  worker_name = here\n  git_pass = hunter1\n}\nsdk.region = us\n";
    sandbox.write("base.conf", file);
    sandbox.write("vaults.json", VAULTS);
    sandbox
}

#[test]
fn shows_what_a_vault_hides() {
    let page = prepared().run("explain sdk.region --config base.conf --vaults vaults.json");
    expect![[r#"
        sdk.region = "${REGION}"

          ● vault       "${REGION}"
          │             v1:2:14 (Team, group)
          │
          ○ file        "us", hidden
                        base.conf:5:14

          ? ${REGION} is closed by whoever asks; here REGION is not set

          ! vault v2 is set aside at line 1, column 19: `}` stands here while a list is
            open; it may set it, too
    "#]]
    .assert_eq(&page.success());
}

#[test]
fn says_that_a_machine_keeps_its_own_name() {
    let page = prepared().run("explain agent.worker_name --config base.conf --vaults vaults.json");
    expect![[r#"
        agent.worker_name = "here"

          ✗ vault       "other", dropped: it describes this machine
          │             v1:1:43 (Team, group)
          │
          ● file        "here"
                        base.conf:2:17

          ! vault v2 is set aside at line 1, column 19: `}` stands here while a list is
            open; it may set it, too
    "#]]
    .assert_eq(&page.success());
}

#[test]
fn the_daemon_says_the_same_as_this_process() {
    let sandbox = prepared();
    sandbox.write("vaults.d/v1.conf", "agent { git_pass = hunter2, worker_name = other }\n");
    sandbox.write("vaults.d/v2.yaml", "sdk: {region: eu}\n");
    sandbox.write("settings.toml", "[vaults]\nfolder = \"vaults.d\"\n");
    let flags = ["--config", "base.conf", "--vaults-folder", "vaults.d"];
    let daemon = daemon_on(&sandbox, &flags);
    for key in ["agent.git_pass", "agent.worker_name", "sdk", "sdk.region"] {
        let asked = sandbox.run(&format!("explain {key} --json")).success();
        let line = format!("explain {key} --json --config base.conf --settings settings.toml");
        assert_eq!(asked, sandbox.run(&line).success(), "{key}");
        assert!(!asked.contains("hunter"), "a secret is told");
    }
    let revealed = sandbox.run("explain agent.git_pass --reveal").success();
    assert!(revealed.contains("hunter2") && revealed.contains("hunter1"), "{revealed}");
    let nothing = sandbox.run("explain agent.git_pas").failure(1);
    assert!(nothing.contains("did you mean `agent.git_pass`?"), "{nothing}");
    daemon.terminate();
}

#[test]
fn an_agents_environment_is_a_layer_of_its_view() {
    let sandbox = prepared().with_variable("CLEARML_AGENT__SDK__REGION", "\"variable\"");
    let line = "explain sdk.region --view agent --config base.conf --no-vaults";
    expect![[r#"
        sdk.region = "variable"

          ● environment "variable"
          │             environment variable CLEARML_AGENT__SDK__REGION
          │
          ○ file        "us", hidden
                        base.conf:5:14
    "#]]
    .assert_eq(&sandbox.run(line).success());
}
