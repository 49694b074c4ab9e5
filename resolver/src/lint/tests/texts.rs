//! What the rules find in a text by itself.

use expect_test::expect;

use super::{build, check};
use crate::{
    context::{Context, Mode},
    layer::Precedence,
    lint::{Subject, is_read_otherwise},
    origin::{Format, SourceIds},
};

#[test]
fn tells_what_the_clients_read_in_other_formats() {
    check(
        Format::Yaml,
        &[
            "agent:\n  git_user: foo\n  git_pass: bar\n",
            "agent:\n  git_user: foo\n",
            "a:\n- 1\n- 2\n",
            "a: b: c\n",
            "a: [1, 2]\nb: {c: x}\n",
            "a: {b: yes}\n",
            "a: !x\n",
        ],
        &expect![[r#"
            agent:␊  git_user: foo␊  git_pass: bar␊
              2:3 yaml-read-as-hocon the stock clients read this text as HOCON: `agent`, here an object, is a string to them
                here: and they find a key `git_pass`
            agent:␊  git_user: foo␊
              2:3 yaml-read-as-hocon the stock clients read this text as HOCON: `agent`, here an object, is a string to them
            a:␊- 1␊- 2␊
              4:1 yaml-read-as-hocon the stock clients read this text as HOCON and stop here: they go on without the whole of it
            a: b: c␊
            a: [1, 2]␊b: {c: x}␊
            a: {b: yes}␊
              1:8 yaml-read-as-hocon the stock clients read this text as HOCON: `a.b`, here a boolean, is a string to them
              1:8 yaml-word-is-boolean `a.b` is the truth value `true`
            a: !x␊
        "#]],
    );
    check(
        Format::Json,
        &[
            r#"{"a": "é", "b": [1, 2.5]}"#,
            r#"{"a": "\u00e9"}"#,
            r#"{"a": "${HOME}", "b": "$x"}"#,
            r#"{"a": "a\/b"}"#,
            "{\"a\": [\"\"]}",
        ],
        &expect![[r#"
            {"a": "é", "b": [1, 2.5]}
            {"a": "\u00e9"}
              1:7 json-read-as-hocon the stock clients read this text as HOCON: `a` is another string to them
            {"a": "${HOME}", "b": "$x"}
            {"a": "a\/b"}
              1:7 json-read-as-hocon the stock clients read this text as HOCON: `a` is another string to them
            {"a": [""]}
              1:7 json-read-as-hocon the stock clients read this text as HOCON: `a` is another list to them
        "#]],
    );
    check(
        Format::Hocon,
        &["a {\n  b = \"\\u00e9\" }\n"],
        &expect![[r#"
        a {␊  b = "\u00e9" }␊
    "#]],
    );
}

#[test]
fn finds_keys_that_are_set_twice() {
    check(
        Format::Hocon,
        &[
            "a = 1\nb = 2\na = 3\n",
            "a { b = 1 }\na { b = 2, c = 3 }\n",
            "a = 1\na = ${?A}\n",
            "a { b = 1 }\na { c = 2 }\n",
            "a { b = 1 }\na = null\n",
        ],
        &expect![[r#"
            a = 1␊b = 2␊a = 3␊
              3:5 repeated-key `a` is set twice in this text
                here: the value that is never seen
            a { b = 1 }␊a { b = 2, c = 3 }␊
              2:9 repeated-key `a.b` is set twice in this text
                here: the value that is never seen
            a = 1␊a = ${?A}␊
            a { b = 1 }␊a { c = 2 }␊
            a { b = 1 }␊a = null␊
              2:5 repeated-key `a` is set twice in this text
                here: the value that is never seen
        "#]],
    );
}

#[test]
fn finds_numbers_that_lose_something() {
    check(
        Format::Hocon,
        &[
            "python_version: 3.10\n",
            "timeout: 0.50\n",
            "mode: 0644, id: 007, zero: 0, point: 0.5\n",
            "a: 9007199254740993, b: 9007199254740992, c: -12345678901234567890\n",
            "a: 1e999, b: 0.1234567890123456789, c: 3.14159\n",
            "python_version: \"3.10\"\n",
        ],
        &expect![[r#"
            python_version: 3.10␊
              1:17 number-loses-zero `python_version` loses its last zero, as a number
            timeout: 0.50␊
            mode: 0644, id: 007, zero: 0, point: 0.5␊
              1:7 number-loses-zero `mode` loses its first zero, as a number
              1:17 number-loses-zero `id` loses its first zero, as a number
            a: 9007199254740993, b: 9007199254740992, c: -12345678901234567890␊
              1:4 number-loses-digits `a` has more digits than a reader keeps that holds numbers as floats
              1:46 number-loses-digits `c` has more digits than a reader keeps that holds numbers as floats
            a: 1e999, b: 0.1234567890123456789, c: 3.14159␊
              1:4 number-loses-digits `a` is too large for a float: to the stock clients it is infinite
              1:14 number-loses-digits `b` has more digits than a float holds
            python_version: "3.10"␊
        "#]],
    );
    check(
        Format::Yaml,
        &["mode: 0644\n", "when: 22:22\n", "when: '22:22'\n"],
        &expect![[r#"
        mode: 0644␊
          1:7 yaml-read-as-hocon the stock clients read this text as HOCON: `mode` is another number to them
          1:7 number-loses-zero `mode` loses its first zero, as a number
        when: 22:22␊
          1:7 yaml-read-as-hocon the stock clients read this text as HOCON: `when`, here a number, is a string to them
          1:7 yaml-time-is-number `when` is a number to base 60
        when: '22:22'␊
          1:7 yaml-read-as-hocon the stock clients read this text as HOCON: `when` is another string to them
    "#]],
    );
}

#[test]
fn finds_secrets_and_options_in_arguments() {
    check(
        Format::Hocon,
        &[
            "agent.extra_docker_arguments: [\"-e\", \"PASSWORD=hunter22\", \"-e\", \"USER=me\"]\n",
            "agent.default_docker.arguments: [\"-e AWS_SECRET_ACCESS_KEY=abcdefgh\", \"--ipc=host\"]\n",
            "agent.default_docker.arguments: \"--env=API_TOKEN=abcdefgh --ipc=host\"\n",
            "agent.extra_docker_arguments: [\"-e\", \"PASSWORD\", \"-v\", \"/a:/b\"]\n",
            "agent.extra_docker_arguments: [\"-v /a:/b\"]\n",
            "environment { PASSWORD: hunter22 }\n",
        ],
        &expect![[r#"
            agent.extra_docker_arguments: ["-e", "PASSWORD=hunter22", "-e", "USER=me"]␊
              1:38 secret-in-arguments the value of `PASSWORD` is a secret for all to see
            agent.default_docker.arguments: ["-e AWS_SECRET_ACCESS_KEY=abcdefgh", "--ipc=host"]␊
              1:34 secret-in-arguments the value of `AWS_SECRET_ACCESS_KEY` is a secret for all to see
              1:34 joined-argument `-e` and its value are one argument here
            agent.default_docker.arguments: "--env=API_TOKEN=abcdefgh --ipc=host"␊
              1:33 secret-in-arguments the value of `API_TOKEN` is a secret for all to see
            agent.extra_docker_arguments: ["-e", "PASSWORD", "-v", "/a:/b"]␊
            agent.extra_docker_arguments: ["-v /a:/b"]␊
              1:32 joined-argument `-v` and its value are one argument here
            environment { PASSWORD: hunter22 }␊
        "#]],
    );
}

#[test]
fn finds_tabs_comments_and_escapes_in_values() {
    check(
        Format::Hocon,
        &[
            "a: \"x\ty\"\n",
            "a:\t1\n\tb: x\n",
            "pass: abc#123\n",
            "pass: abc #123\n",
            "pass: \"abc#123\", port: 1#x\n",
            "dir: \"C:\\new\\x\"\n",
            "dir: \"C:\\\\new\", other: \"C:\\Users\"\n",
            "dir: \"C:\\Users\\test\"\n",
        ],
        &expect![[r#"
            a: "x␉y"␊
              1:4 tab-in-value the tabs in `a` become blanks
            a:␉1␊␉b: x␊
            pass: abc#123␊
              1:7 comment-cuts-value `pass` ends here: what follows is a comment
            pass: abc #123␊
            pass: "abc#123", port: 1#x␊
            dir: "C:\new\x"␊
              1:6 escape-in-path the backslashes in `dir` are read as escapes
            dir: "C:\\new", other: "C:\Users"␊
            dir: "C:\Users\test"␊
              1:6 escape-in-path the backslashes in `dir` are read as escapes
        "#]],
    );
}

#[test]
fn finds_hocon_that_is_meant_otherwise() {
    check(
        Format::Hocon,
        &[
            "agent:\n  git_user: foo\n  git_pass: bar\n",
            "list:\n  - a\n",
            "agent:\n{ git_user: foo }\n",
            "a:\n  plain\n",
            "a: [1 2 3]\n",
            "a: [\"x\" \"y\", z]\n",
            "a: [\"x\", \"y z\", \"a \\\" \\\" b\"]\n",
            "a: [one two, three]\n",
        ],
        &expect![[r#"
            agent:␊  git_user: foo␊  git_pass: bar␊
              2:3 hocon-looks-like-yaml `agent` is this line as one text, not a section or a list
            list:␊  - a␊
              2:3 hocon-looks-like-yaml `list` is this line as one text, not a section or a list
            agent:␊{ git_user: foo }␊
            a:␊  plain␊
            a: [1 2 3]␊
              1:5 missing-comma this is one item of `a`, not several
            a: ["x" "y", z]␊
              1:5 missing-comma this is one item of `a`, not several
            a: ["x", "y z", "a \" \" b"]␊
            a: [one two, three]␊
        "#]],
    );
}

#[test]
fn tells_which_texts_the_stock_clients_read_otherwise() {
    for (format, text, expected) in [
        (Format::Json, r#"{"a": {"b": [1, 2.5, null]}, "c": "${HOME}"}"#, false),
        (Format::Json, r#"{"a": "\u00e9"}"#, true),
        (Format::Yaml, "a: {b: x}\n", false),
        (Format::Yaml, "a:\n  b: x\n", true),
        (Format::Yaml, "- a\n: [", false),
        (Format::Hocon, "a:\n  b: x\n", false),
    ] {
        let context = Context::alone(Mode::Clearml);
        let precedence = Precedence::Vault;
        let build = build(precedence, format, text, &context, &mut SourceIds::default());
        let subject = Subject { build: &build, precedence, below: &[], context: &context };
        assert_eq!(is_read_otherwise(&subject), expected, "{text}");
    }
}
