//! Questions that people asked of ClearML, each answered by one command.
//!
//! `docs/debugging.md` holds what is said, word for word; `UPDATE_EXPECT=1` writes it anew.

use std::{
    fmt::Write as _,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use expect_test::expect_file;
use tests::sandbox::Sandbox;

use crate::sandbox;

/// The beginning of the page.
const HEAD: &str = "\
# Debugging a value in one minute

Ask `clearml-resolver explain KEY` first: it shows every place that sets the key, highest first, with
file, line and column. `diff` shows what the vaults change, `check` what is wrong with a text,
`doctor` what is wrong with the host, `status` how the daemon fares. All of them mask secrets and
take `--json` (`check`: `--format json`); all but `status` work without a daemon, too.

Below are questions that people asked, each with the one command that answers it. The transcripts are
made by a test (`cli/tests/end_to_end/questions.rs`), of the files at the end of this page.
";

/// The files that the questions are about: name and text.
const FILES: &[(&str, &str)] = &[
    (
        "clearml.conf",
        r#"api {
  api_server: "http://127.0.0.1:1"
  credentials { access_key: "AK", secret_key: "hunter2-secret-key" }
}
agent {
  worker_name: "gpu-box"
  git_user: ${?CLEARML_AGENT_GIT_USER}
  git_pass: "hunter2-git"
  default_docker.arguments: ["-e HF_TOKEN=hunter2-hf", "--ipc=host"]
  package_manager.extra_index_url: ["https://ci:hunter2-pat@git.example.com/simple"]
}
team.output: "s3://from-the-file"
sdk {
  development.default_output_uri: ${team.output}
  aws.s3.region: "us-east-1"
}
"#,
    ),
    (
        "vaults/10-team.conf",
        r#"agent {
  worker_name: "every-box"
  hide_docker_command_env_vars.extra_keys: ["HF_TOKEN", "DB_PASSWORD"]
}
team.output: "s3://from-the-vault"
sdk.aws.s3.region: "eu-central-1"
"#,
    ),
    (
        "settings.toml",
        r#"[profile.default]
vaults.folder = "vaults"
[profile.team-b]
vaults.folder = "vaults"
config.files = ["clearml.conf", "team-b.conf"]
[profile.from-server]
vaults.source = "clearml"
"#,
    ),
    ("team-b.conf", "agent.git_user: \"bot-b\"\n"),
];

/// One question.
struct Question {
    /// As a headline.
    title: &'static str,
    /// Where it was asked.
    threads: &'static str,
    /// What to know beside the answer.
    words: &'static str,
    /// The variables that are set for the command.
    variables: &'static [(&'static str, &'static str)],
    /// What is typed behind `clearml-resolver`.
    command: &'static str,
    /// A piece of the answer without which it would be none.
    answer: &'static str,
}

const QUESTIONS: &[Question] = &[
    Question {
        title: "I set `environment`, but it is not applied",
        threads: "clearml/clearml-agent#166",
        words: "The section is applied by the agent; SDK processes leave it alone unless a switch is set, \
                and nothing sets it here.",
        variables: &[],
        command: "explain sdk.apply_environment",
        answer: "default counts: false",
    },
    Question {
        title: "Variables in `default_docker.arguments` are lost, or are there for all to see",
        threads: "clearml/clearml-agent#174, clearml/clearml-agent#67, clearml/clearml-server#146",
        words: "Two findings in one line: docker takes `-e` and its value as two arguments, and a secret \
                there is shown in the web UI.",
        variables: &[],
        command: "check clearml.conf",
        answer: "joined-argument",
    },
    Question {
        title: "Which variables are hidden on all agents, and who says so?",
        threads: "clearml/clearml#1497",
        words: "The team's vault does, for every host.",
        variables: &[],
        command: "explain agent.hide_docker_command_env_vars.extra_keys",
        answer: "10-team.conf:3:",
    },
    Question {
        title: "A reference does not see the vault's value",
        threads: "clearml/clearml-agent#126",
        words: "The clients close `${team.output}` within the file, before any vault is laid over it. \
                `--mode hocon` closes references after merging, for those who want one source of truth.",
        variables: &[],
        command: "get sdk.development.default_output_uri --mode hocon",
        answer: "from-the-vault",
    },
    Question {
        title: "Which file is used, and in which order?",
        threads: "clearml/clearml-agent#41, clearml/clearml#11, clearml/clearml#105",
        words: "All layers, lowest first; what is below is covered by what follows.",
        variables: &[],
        command: "resolve --profile team-b",
        answer: "team-b.conf",
    },
    Question {
        title: "Two git users on one host",
        threads: "clearml/clearml#987",
        words: "Each is a profile; what they differ in is shown key by key.",
        variables: &[("CLEARML_AGENT_GIT_USER", "bot-a")],
        command: "diff --profile team-b --against profile:default",
        answer: "bot-b",
    },
    Question {
        title: "Does my token show when an index URL is printed?",
        threads: "clearml/clearml-agent#228",
        words: "Not here: passwords in URLs are masked, wherever a text leaves the resolver.",
        variables: &[],
        command: "explain agent.package_manager.extra_index_url",
        answer: "ci:********@",
    },
    Question {
        title: "Does my `CLEARML_AGENT__…` variable count?",
        threads: "clearml/clearml#1383, clearml/clearml-agent#250",
        words: "It lies over the files and below the vaults: here the vault wins.",
        variables: &[("CLEARML_AGENT__SDK__AWS__S3__REGION", "ap-south-1")],
        command: "explain sdk.aws.s3.region --view agent",
        answer: "environment \"ap-south-1\", hidden",
    },
    Question {
        title: "The git user is empty on the pod",
        threads: "clearml/clearml-agent#186, clearml/clearml-helm-charts#263",
        words: "The file takes it from a variable of whoever asks, and here it is not set.",
        variables: &[],
        command: "explain agent.git_user",
        answer: "CLEARML_AGENT_GIT_USER is not set",
    },
    Question {
        title: "Starts hang, or vaults are missing",
        threads: "clearml/clearml#1517, clearml/clearml-server#113, clearml/clearml-agent#210",
        words: "The switch does the reverse of what the documentation says, the server cannot be reached.",
        variables: &[("CLEARML_DISABLE_VAULT_SUPPORT", "0")],
        command: "doctor",
        answer: "cannot reach `127.0.0.1:1`",
    },
    Question {
        title: "The vault's worker name is not used",
        threads: "the documentation of administrator vaults",
        words: "Six keys describe the machine; a vault may not change them where the machine has its own.",
        variables: &[],
        command: "explain agent.worker_name",
        answer: "dropped: it describes this machine",
    },
    Question {
        title: "What do the vaults change on this host?",
        threads: "clearml/clearml-agent#166",
        words: "Key by key, with the place that sets each; the exit code is 1 if anything differs.",
        variables: &[],
        command: "diff",
        answer: "changed",
    },
];

fn prepared() -> Sandbox {
    let sandbox = sandbox();
    for (name, text) in FILES {
        sandbox.write(name, text);
    }
    let readable = Permissions::from_mode(0o644);
    fs::set_permissions(sandbox.work().join("clearml.conf"), readable).unwrap();
    let temporary = sandbox.work().join("tmp");
    fs::create_dir(&temporary).unwrap();
    sandbox
        .with_variable("CLEARML_CONFIG_FILE", "clearml.conf")
        .with_variable("CLEARML_RESOLVER_SETTINGS", "settings.toml")
        .with_variable("TMPDIR", temporary.display().to_string())
}

/// Asks, and returns what a person sees.
fn transcript(question: &Question) -> String {
    let mut sandbox = prepared();
    let mut typed = String::new();
    for (name, value) in question.variables {
        sandbox = sandbox.with_variable(name, *value);
        write!(typed, "{name}={value} ").unwrap();
    }
    let outcome = sandbox.run(question.command);
    let seen = format!("{}{}", outcome.stdout, outcome.stderr);
    let folder = sandbox.work().parent().unwrap().display().to_string();
    let seen = seen.replace(&folder, "SANDBOX");
    assert!(seen.contains(question.answer), "{}:\n{seen}", question.title);
    assert!(!seen.contains("hunter2"), "a secret is told:\n{seen}");
    // What is said beside is wrapped where it is a terminal.
    let is_wide = |line: &str| line.chars().count() > 80;
    assert!(!outcome.stdout.lines().any(is_wide), "a line is too wide:\n{seen}");
    format!("$ {typed}clearml-resolver {}\n{seen}", question.command)
}

#[test]
fn each_question_is_answered_by_one_command() {
    let mut page = HEAD.to_owned();
    for question in QUESTIONS {
        let Question { title, threads, words, .. } = question;
        let transcript = transcript(question);
        write!(
            page,
            "\n## {title}\n\nAsked in {threads}. {words}\n\n```console\n{transcript}```\n"
        )
        .unwrap();
    }
    page.push_str("\n## The files\n");
    for (name, text) in FILES {
        write!(page, "\n`{name}`:\n\n```text\n{text}```\n").unwrap();
    }
    let path = tests::sandbox::workspace_file("docs/debugging.md");
    expect_file![path].assert_eq(&page);
}
