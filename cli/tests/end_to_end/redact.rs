//! `redact`: what comes out of a text, a list of arguments, a stream.

use tests::sandbox::Sandbox;

use crate::sandbox;

const FILE: &str = r#"
api.credentials.secret_key: "hunter-22-x"
agent.hide_docker_command_env_vars.extra_keys: [MINE]
"#;

const VAULTS: &str = r#"[
  {"id": "v", "description": "", "scope": "user", "type": "config", "enabled": true,
   "format": "hocon", "data": "environment { FROM_VAULT: \"vaultsecret\", LEVEL: DEBUG }"}
]"#;

fn filled() -> Sandbox {
    let sandbox = sandbox()
        .with_variable("CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV", "OTHER,LAST")
        .with_variable("CLEARML_API_SECRET_KEY", "from-environment-1");
    sandbox.write("base.conf", FILE);
    sandbox.write("vaults.json", VAULTS);
    sandbox
}

fn redact(input: &str, flags: &str) -> String {
    let line = format!("redact --offline --config base.conf --vaults vaults.json {flags}");
    filled().run_fed(input, line.split_ascii_whitespace()).success()
}

#[test]
fn secrets_of_file_vault_and_environment_are_masked_in_a_text() {
    let text =
        "hunter-22-x and vaultsecret at DEBUG\nfrom-environment-1 MINE=a OTHER=b LAST=c\r50%";
    let masked =
        "******** and ******** at DEBUG\n******** MINE=******** OTHER=******** LAST=********\r50%";
    assert_eq!(redact(text, ""), masked);
}

#[test]
fn a_list_of_arguments_stays_a_list() {
    let list =
        r#"["docker", "run", "-p", 8080, null, "-e", "MINE=a b", "--token", 512, "vaultsecret"]"#;
    let masked = r#"["docker","run","-p",8080,null,"-e","MINE=********","--token",512,"********"]"#;
    assert_eq!(redact(list, "--argv"), format!("{masked}\n"));
    assert_eq!(redact("[]", "--argv"), "[]\n");
}

#[test]
fn what_is_no_list_of_arguments_is_not_shown() {
    let run = filled().run_fed("hunter-22-x", ["redact", "--argv", "--offline"]);
    let said = run.failure(2);
    assert!(said.contains("holds no JSON list of arguments"), "{said}");
    assert!(!said.contains("hunter"), "{said}");
}

#[test]
fn a_prompt_is_shown_while_its_program_waits() {
    let sandbox = filled();
    // Whoever asks goes on once the question has been seen, and not before.
    let script = "(printf 'Name of hunter-22-x? '; until grep -q Name out; do :; done; echo Ada) \
        | \"$0\" redact --offline --config base.conf > out; cat out";
    sandbox.write("out", "");
    let program = sandbox.program().to_owned();
    let run = sandbox.run_other("/bin/sh", ["-c".as_ref(), script.as_ref(), program.as_os_str()]);
    assert_eq!(run.success(), "Name of ********? Ada\n");
}

#[test]
fn a_reader_that_goes_ends_it() {
    let sandbox = filled();
    let script = "yes hunter-22-x | \"$0\" redact --offline --config base.conf | head -n 2";
    let program = sandbox.program().to_owned();
    let run = sandbox.run_other("/bin/sh", ["-c".as_ref(), script.as_ref(), program.as_os_str()]);
    assert_eq!(run.success(), "********\n********\n");
}
