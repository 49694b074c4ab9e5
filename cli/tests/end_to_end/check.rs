//! `check`: each mistake is found at its place, and what is right is left alone.

use std::{collections::BTreeMap, fs, path::Path};

use expect_test::expect;
use serde_json::Value;
use tests::sandbox::{Sandbox, workspace_file};

use crate::sandbox;

/// Mistakes that people make: how the text ends, what it is, the text, what is found first and
/// where.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    ("conf", "file", "agent {\n  git_user: ada\n", "hocon-unclosed-object 1:7"),
    ("conf", "file", "agent {\n  git_user: ada\n}}\n", "hocon-stray-bracket 3:2"),
    ("conf", "file", "agent { list: [1, 2 }\n", "hocon-mismatched-bracket 1:21"),
    ("conf", "file", "agent {\n  git_pass: \"hunter2\n}\n", "hocon-unclosed-string 2:13"),
    ("conf", "file", "agent {\n  note: \"\"\"never closed\n}\n", "hocon-unclosed-string 2:9"),
    ("conf", "file", "a: ${b}\nb: ${a}\n", "reference-cycle 2:4"),
    ("conf", "file", "agent {\n  git_user\n}\n", "hocon-no-separator 3:1"),
    ("conf", "file", "agent { : 1 }\n", "hocon-reserved-character 1:9"),
    ("conf", "file", "include \"no-end.conf\nagent.x: 1\n", "hocon-unclosed-string 1:9"),
    ("conf", "file", "include required(file(\"absent.conf\"))\n", "include-missing 1:1"),
    ("conf", "file", "include url(\"http://example.com/x\")\n", "include-refused 1:1"),
    ("conf", "file", "[1, 2]\n", "root-not-object 1:1"),
    ("conf", "file", "agent.git_usr: ada\n", "key-misspelt 1:7"),
    ("conf", "file", "agnet { git_user: ada }\n", "key-misspelt 1:1"),
    ("conf", "file", "sdk.aws.s3 { regoin: us-east-1 }\n", "key-misspelt 1:14"),
    ("conf", "file", "agent.made_up_by_us: 1\n", "key-unknown 1:7"),
    ("conf", "file", "agent.package_manager: pip\n", "value-of-other-kind 1:24"),
    ("conf", "file", "agent.git_user { name: ada }\n", "value-of-other-kind 1:16"),
    ("conf", "file", "sdk.metrics.file_history_size: many\n", "value-of-other-kind 1:32"),
    ("conf", "file", "agent.docker_force_pull: perhaps\n", "value-of-other-kind 1:26"),
    ("conf", "file", "agent { git_user: a }\nagent { git_user: b }\n", "repeated-key 2:19"),
    (
        "conf",
        "file",
        "agent.extra_docker_arguments: [\"-e\", \"DB_PASSWORD=hunter2\"]\n",
        "secret-in-arguments 1:38",
    ),
    ("conf", "file", "agent.extra_docker_arguments: [\"-e A=b\"]\n", "joined-argument 1:32"),
    ("conf", "file", "sdk.metrics.file_history_size: 007\n", "number-loses-zero 1:32"),
    ("conf", "vault", "agent.worker_name: other\n", "protected-key-in-vault 1:20"),
    ("conf", "vault", "include file(\"/etc/passwd\")\n", "include-refused 1:1"),
    ("conf", "vault", "agent.git_user: ${GIT_USER}\n", "reference-left-open 1:17"),
    ("conf", "vault", "agent:\n  git_user: foo\n", "hocon-looks-like-yaml 2:3"),
    ("conf", "vault", "\"agent.git_user\": ada\n", "dotted-key 1:19"),
    ("yaml", "vault", "agent:\n  git_user: foo\n", "yaml-read-as-hocon 2:3"),
    ("yaml", "vault", "agent:\n\tgit_user: foo\n", "yaml-tab 2:2"),
    ("yaml", "vault", "agent: {git_user: foo\n", "yaml-unclosed-bracket 1:8"),
    ("yaml", "vault", "a: &x [1]\nb: *y\n", "yaml-unknown-anchor 2:4"),
    ("yaml", "vault", "{a: 1, a: 2}\n", "yaml-repeated-key 1:11"),
    ("yaml", "vault", "---\na: 1\n---\nb: 2\n", "yaml-several-documents 3:1"),
    ("yaml", "vault", "a: !!python/object:os.system x\n", "yaml-unknown-tag 1:4"),
    ("json", "vault", "{\"agent\": {\"git_user\": \"ada\",}}\n", "json-trailing-comma 1:29"),
    ("json", "vault", "{\"agent\": {\"git_user\": 'ada'}}\n", "json-single-quotes 1:24"),
    ("json", "vault", "{\"agent\": {\"git_user\": \"ada\"}\n", "json-unclosed-bracket 1:1"),
    ("json", "vault", "{\"a\": 1, \"a\": 2}\n", "json-repeated-key 1:15"),
    ("json", "vault", "{\"a\": 01}\n", "json-leading-zero 1:7"),
    ("json", "vault", "{agent: 1}\n", "json-unquoted-key 1:2"),
    ("json5", "vault", "{agent: {git_user: 'ada}}\n", "json-newline-in-string 1:26"),
];

/// Runs `check` with JSON, whatever its verdict.
fn findings(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let typed = ["check", "--format", "json"];
    let outcome = sandbox.run_with(typed.iter().chain(arguments));
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{}", outcome.stderr))
}

#[test]
fn each_mistake_is_found_at_its_place() {
    let sandbox = sandbox();
    let mut missed = Vec::new();
    for (index, (ending, checked_as, text, expected)) in MISTAKES.iter().enumerate() {
        let name = format!("{index}.{ending}");
        sandbox.write(&name, text);
        let report = findings(&sandbox, &[&name, "--as", checked_as]);
        let found = report["findings"].as_array().unwrap().iter().map(|finding| {
            let rule = finding["rule"].as_str().unwrap();
            format!("{rule} {}:{}", finding["line"], finding["column"])
        });
        let found: Vec<_> = found.collect();
        if !found.iter().any(|found| found == expected) {
            missed.push(format!("{text:?}: {expected} is not among {found:?}"));
        }
        assert!(!report.to_string().contains("hunter2"), "a secret is told");
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// Writes the real configurations that are valid into the sandbox.
fn real_configurations(sandbox: &Sandbox) -> Vec<String> {
    let path = workspace_file("../shared/hocon/clearml_cases.jsonl");
    let cases = fs::read_to_string(&path);
    let cases = cases.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let cases = cases.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let valid = cases.filter(|case| case["valid"] == true).enumerate();
    let written = valid.map(|(index, case)| {
        let name = format!("{index}.conf");
        sandbox.write(&name, case["input"].as_str().unwrap());
        name
    });
    written.collect()
}

#[test]
fn real_configurations_have_no_error() {
    let sandbox = sandbox();
    let mut names = real_configurations(&sandbox);
    assert!(names.len() > 50);
    for sample in ["clearml.conf", "team.conf"] {
        let path = workspace_file("daemon/src/dev/sample").join(sample);
        let text = fs::read_to_string(path).unwrap();
        sandbox.write(sample, &text.replace("{server}", "http://localhost"));
        names.push(sample.into());
    }
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let report = findings(&sandbox, &names);
    assert_eq!(report["errors"], 0, "{report:#}");
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        *rules.entry(finding["rule"].as_str().unwrap()).or_default() += 1;
    }
    // What the command itself adds to the linter's rules is seldom right to doubt a real key.
    for (rule, most) in [("key-misspelt", 1), ("value-of-other-kind", 1), ("key-unknown", 4)] {
        assert!(rules.get(rule).copied().unwrap_or(0) <= most, "{rule}: {rules:?}");
    }
}

#[test]
fn a_person_sees_the_line_and_no_secret() {
    let sandbox = sandbox();
    sandbox.write("clearml.conf", "agent {\n  git_usr: ada\n  git_pass: hunter2 ]\n}\n");
    let outcome = sandbox.run("check clearml.conf");
    expect![[r#"
        error[hocon-stray-bracket]: this `]` closes nothing
         --> clearml.conf:3:21
          |
        3 |   git_pass: ******** ]
          |                      ^
          |
          = help: take it out, or put a value that holds `]` in double quotes

    "#]]
    .assert_eq(&outcome.stdout);
    let talk = outcome.failure(1);
    assert_eq!(talk, "error: 1 error in 1 text\n");
}

#[test]
fn warnings_are_errors_only_if_asked() {
    let sandbox = sandbox();
    sandbox.write("vaults/10.conf", "agent.git_usr: ada\n");
    let outcome = sandbox.run("check vaults");
    assert_eq!(outcome.stderr, "ok: 1 text, 1 warning\n");
    assert!(outcome.success().contains("did you mean `agent.git_user`?"));
    assert_eq!(sandbox.run("check vaults --strict").failure(1), "error: 1 warning in 1 text\n");
    sandbox.write("vaults/10.conf", "agent.git_user: ada\n");
    assert_eq!(sandbox.run("check vaults --strict").stderr, "ok: 1 text, nothing to say\n");
}

#[test]
fn what_a_vault_does_to_the_files_below_is_seen() {
    let sandbox = sandbox();
    sandbox.write("base.conf", "agent.extra_docker_arguments: [\"--ipc=host\"]\n");
    sandbox.write("vault.conf", "agent.extra_docker_arguments += \"--rm\"\nagent.git_usr = x\n");
    let report = findings(&sandbox, &["vault.conf", "--as", "vault", "--config", "base.conf"]);
    let sources: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|it| &it["source"]).collect();
    assert!(sources.iter().all(|source| *source == "vault.conf"), "{report:#}");
    let alone = findings(&sandbox, &["base.conf"]);
    assert_eq!(alone["findings"], Value::Array(Vec::new()));
}

#[test]
fn a_text_that_cannot_be_read_is_named() {
    let talk = sandbox().run("check absent.conf").failure(1);
    assert_eq!(talk, "error: cannot read `absent.conf`: No such file or directory (os error 2)\n");
}

/// Looks for what the schema of SARIF 2.1.0 requires, and for what code scanning services do.
#[test]
fn sarif_has_what_its_schema_requires() {
    let sandbox = sandbox();
    sandbox.write("a b.conf", "agent { git_user: a }\nagent { git_user: b }\nagent.git_usr: 1\n");
    sandbox.write("broken.conf", "a: [\n");
    let outcome = sandbox.run_with(["check", "a b.conf", "broken.conf", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("/sarif-schema-2.1.0.json"));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert!(driver["name"].is_string() && driver["informationUri"].is_string());
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 3, "{log:#}");
    assert!(rules.iter().any(|rule| {
        rule["helpUri"].as_str().is_some_and(|page| page.ends_with("/rules.md#repeated-key"))
    }));
    for result in results {
        assert!(result["message"]["text"].is_string());
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let related = result["relatedLocations"].as_array().into_iter().flatten();
        for location in result["locations"].as_array().unwrap().iter().chain(related) {
            check_location(&location["physicalLocation"]);
        }
    }
    let uris = results.iter().map(|result| {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap()
    });
    let uris: Vec<_> = uris.collect();
    assert!(uris.contains(&"a%20b.conf") && uris.contains(&"broken.conf"), "{uris:?}");
}

fn check_location(location: &Value) {
    assert!(!location["artifactLocation"]["uri"].as_str().unwrap().contains(' '));
    let region = &location["region"];
    let number = |name: &str| region[name].as_u64().unwrap();
    assert!(number("startLine") >= 1 && number("startColumn") >= 1, "{region}");
    let (start, end) = (number("startLine"), number("endLine"));
    assert!(start < end || number("startColumn") <= number("endColumn"), "{region}");
}

#[test]
fn what_this_host_uses_is_checked_when_no_file_is_named() {
    let sandbox = sandbox();
    fs::write(Path::new(&sandbox.home()).join("clearml.conf"), "agent.git_usr: ada\n").unwrap();
    let report = findings(&sandbox, &["--offline"]);
    assert_eq!(report["warnings"], 1, "{report:#}");
}
