//! What is said when something is wrong: a clear message, the right exit code, no secret.

use expect_test::{Expect, expect};

use crate::sandbox;

/// A run that fails: the file, what is typed, the exit code, the talk.
fn check(file: &str, arguments: &str, code: i32, expected: &Expect) {
    let sandbox = sandbox();
    sandbox.write("base.conf", file);
    let talk = sandbox.run(arguments).failure(code);
    let folder = sandbox.work().display().to_string();
    let folder = folder.strip_suffix("/work").unwrap_or(&folder);
    expected.assert_eq(&talk.replace(folder, "SANDBOX"));
    assert!(!talk.contains("hunter2"), "a secret is told");
}

#[test]
fn a_broken_file_has_no_answer() {
    let file = "agent {\n  git_pass = hunter2\n  port = [1, 2\n}\n";
    check(
        file,
        "resolve --print --offline --config base.conf",
        1,
        &expect![[r#"
        error[hocon-mismatched-bracket]: `}` stands here while a list is open
         --> base.conf:4:1
          |
        4 | }
          | ^
          |
          = help: write `]` before it
        note: this `[` is not closed
         --> base.conf:3:10
          |
        3 |   port = [********, ********
          |          ^
        error: the configuration has no answer: `base.conf` is broken
    "#]],
    );
}

#[test]
fn an_unknown_key_has_no_answer_but_perhaps_a_neighbour() {
    let file = "agent { git_user: ada }";
    check(
        file,
        "get agent.git_usr --offline --config base.conf",
        1,
        &expect![[r#"
        error: nothing is set at `agent.git_usr`
        hint: did you mean `agent.git_user`?
    "#]],
    );
    check(
        file,
        "resolve nothing.like.it --offline --config base.conf",
        1,
        &expect![[r#"
        error: nothing is set at `nothing.like.it`
    "#]],
    );
}

#[test]
fn a_file_that_is_named_must_be_there() {
    check(
        "",
        "resolve --offline --config absent.conf",
        1,
        &expect![[r#"
        error: the configuration has no answer: cannot read `absent.conf`: No such file or directory (os error 2)
    "#]],
    );
    check(
        "",
        "resolve --offline --config base.conf --vaults absent.json",
        1,
        &expect![[r#"
        error: cannot read the vaults in `absent.json`
        caused by: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn a_slip_of_the_pen_is_usage() {
    check(
        "",
        "resolve --print --origins --format yaml --offline",
        2,
        &expect![[r#"
        error: `--origins` comes with `--format json` only
    "#]],
    );
    check(
        "",
        "resolve --ofline",
        2,
        &expect![[r#"
        error: unexpected argument '--ofline' found

          tip: a similar argument exists: '--offline'

        Usage: clearml-resolver resolve --offline [KEY]

        For more information, try '--help'.
    "#]],
    );
    check(
        "",
        "get a..b",
        2,
        &expect![[r#"
        error: invalid value 'a..b' for '<KEY>': key path has an empty key at column 3; write `""` for a key without a name

        For more information, try '--help'.
    "#]],
    );
    check(
        "",
        "resolve --offline --profile none",
        2,
        &expect![[r#"
        error: there is no such profile
        hint: name one with `--profile`: `default`
    "#]],
    );
    check(
        "",
        "resolve --settings absent.toml",
        2,
        &expect![[r#"
        error: cannot read the settings file `absent.toml`
        caused by: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn no_daemon_is_said_where_only_a_daemon_can_tell() {
    check(
        "",
        "status",
        3,
        &expect![[r#"
        error: no daemon answers on `SANDBOX/run/clearml-resolver/resolver.sock`
        caused by: No such file or directory (os error 2)
        hint: start it with `clearml-resolver daemon`, or name its `--socket`
    "#]],
    );
}
