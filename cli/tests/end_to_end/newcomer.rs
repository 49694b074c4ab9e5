//! What a newcomer meets: the first page of the help, `init`, completions, manual pages.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use daemon::dev::ApiServer;
use tests::sandbox::{Sandbox, workspace_file};

use crate::{daemon_on, sandbox};

/// Runs `init` on a pasted text, and returns its exit code and talk.
fn init(sandbox: &Sandbox, pasted: &str, flags: &[&str]) -> (i32, String) {
    let mut child = Command::new(sandbox.program())
        .arg("init")
        .args(flags)
        .env_clear()
        .env("HOME", sandbox.home())
        .current_dir(sandbox.work())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who refuses at once reads nothing.
    let _ = child.stdin.take().unwrap().write_all(pasted.as_bytes());
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// What the web application offers, for a server.
fn section(server: &str, secret_key: &str) -> String {
    format!(
        "api {{\n  # my workspace\n  web_server: http://localhost/\n  api_server: {server}\n  \
         credentials {{\n    \"access_key\" = \"ACCESSKEY\"\n    \"secret_key\" = \"{secret_key}\"\n  }}\n}}"
    )
}

#[test]
fn init_logs_in_and_writes_a_file_for_its_owner_alone() {
    let server = ApiServer::start().unwrap();
    let _known = server.allow("ACCESSKEY", "the-secret-key");
    let url = server.url().to_string();
    let sandbox = sandbox();
    let path = sandbox.home().join("clearml.conf");

    let (code, talk) = init(&sandbox, &section(&url, "another-key"), &[]);
    assert!(code == 4 && talk.contains("refuses the credentials"), "{talk}");
    assert!(!path.exists() && !talk.contains("another-key"));

    let (code, talk) = init(&sandbox, &section(&url, "the-secret-key"), &[]);
    assert!(code == 0 && talk.contains("logged in to"), "{talk}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&path).unwrap().contains("# my workspace"));
    assert_eq!(sandbox.run("get api.api_server --offline").success().trim(), url.trim());

    let (code, talk) = init(&sandbox, &section(&url, "the-secret-key"), &[]);
    assert!(code == 2 && talk.contains("is there already"), "{talk}");
    let variables = "%env CLEARML_API_HOST=http://localhost:1\n%env CLEARML_API_ACCESS_KEY=A\n\
                     %env CLEARML_API_SECRET_KEY=hunter2\n";
    let (code, talk) = init(&sandbox, variables, &["--force", "--no-login"]);
    assert_eq!((code, talk.contains("hunter2")), (0, false), "{talk}");
    assert!(fs::read_to_string(path.with_extension("conf.old")).unwrap().contains("my workspace"));
}

#[test]
fn init_says_what_is_missing() {
    let sandbox = sandbox();
    for (pasted, said) in [
        ("api { api_server: http://localhost:1 }", "lacks `api.credentials.access_key`"),
        ("api {\n  credentials { \"access_key\" = \"hunter2\"\n", "is broken"),
        ("", "lacks `api.api_server`"),
    ] {
        let (code, talk) = init(&sandbox, pasted, &[]);
        assert!(code == 1 && talk.contains(said) && !talk.contains("hunter2"), "{talk}");
    }
}

#[test]
fn keys_are_completed_from_the_daemon_or_from_what_clients_know() {
    let sandbox = sandbox();
    sandbox.write("base.conf", "agent { made_up_by_us: 1, git_pass: hunter2 }\n");
    let complete = |sandbox: &Sandbox, typed: &str| {
        let words = ["--", "clearml-resolver", "get", typed];
        sandbox.run_with(words).success()
    };
    let sandbox = sandbox
        .with_variable("COMPLETE", "bash")
        .with_variable("_CLAP_COMPLETE_INDEX", "2")
        .with_variable("_CLAP_IFS", "\n");
    assert!(complete(&sandbox, "agent.git_").lines().any(|key| key == "agent.git_user"));
    let other = crate::sandbox();
    other.write("base.conf", "agent { made_up_by_us: 1, git_pass: hunter2 }\n");
    let daemon = daemon_on(&other, &["--config", "base.conf", "--no-vaults"]);
    let asking =
        sandbox.with_variable("CLEARML_RESOLVER_SOCKET", other.socket().display().to_string());
    let keys = complete(&asking, "agent.");
    assert_eq!(keys.trim(), "agent.made_up_by_us\nagent.git_pass");
    daemon.terminate();
}

#[test]
fn completions_and_manual_pages_are_there_for_every_command() {
    let sandbox = sandbox();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = sandbox.run(&format!("completions {shell}")).success();
        assert!(script.contains("clearml-resolver"), "{shell}");
    }
    fs::create_dir(sandbox.work().join("man")).unwrap();
    sandbox.run("man --dir man").success();
    let page = fs::read_to_string(sandbox.work().join("man/clearml-resolver-explain.1")).unwrap();
    assert!(page.contains("who sets a value"), "{page}");
    assert!(sandbox.run("man").success().contains("COMMAND vault"));
}

#[test]
fn the_help_is_a_page_to_begin_with() {
    let help = sandbox().run("--help").success();
    assert!(help.contains("Look for mistakes:") && help.contains("First steps:"), "{help}");
    // The commands of the README are those of the help, its pictures are there.
    let readme = fs::read_to_string(workspace_file("README.md")).unwrap();
    for line in readme.lines().filter_map(|line| line.strip_prefix("clearml-resolver ")) {
        let command = line.split_ascii_whitespace().next().unwrap();
        assert!(help.contains(&format!("\n  {command} ")), "{command}");
    }
    for picture in readme.split("](docs/pictures/").skip(1) {
        let name = picture.split(')').next().unwrap();
        let picture = fs::read_to_string(workspace_file("docs/pictures").join(name)).unwrap();
        assert!(picture.contains("$ clearml-resolver"), "{name}");
        assert!(!picture.contains("not-to-be-seen") && !picture.contains("password"), "{name}");
    }
}
