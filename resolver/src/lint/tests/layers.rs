//! What the rules find in a text over lower layers.

use expect_test::expect;

use super::{check, check_over, found};
use crate::{layer::Precedence, origin::Format};

#[test]
fn finds_plus_equals_that_adds_nothing() {
    check_over(
        "sdk { list = [1, 2], text = x }",
        Format::Hocon,
        &[
            "sdk.list += 3\n",
            "sdk.list += [3]\n",
            "sdk { text += y }\n",
            "own = [1]\nown += [2]\n",
            "own += { a: 1 }\n",
            "sdk.list = [1, 2, 3]\n",
        ],
        &expect![[r#"
            sdk.list += 3␊
              1:13 append-adds-nothing the stock clients take this `+=` for `=`: `sdk.list` becomes a number
              1:13 other-kind-of-value `sdk.list` is a number here, and a list in the layers below
                below: what it replaces
            sdk.list += [3]␊
              1:13 append-adds-nothing `+=` adds to `sdk.list` of this text alone, and so replaces that of the layers below
                below: what is replaced
            sdk { text += y }␊
              1:15 append-adds-nothing `+=` adds to `sdk.text` of this text alone, and so replaces that of the layers below
                below: what is replaced
            own = [1]␊own += [2]␊
            own += { a: 1 }␊
              1:8 append-adds-nothing the stock clients take this `+=` for `=`: `own` becomes an object
            sdk.list = [1, 2, 3]␊
        "#]],
    );
}

#[test]
fn finds_references_that_stay_open() {
    check_over(
        "sdk { key = 1, list = [1] }",
        Format::Hocon,
        &[
            "a = ${sdk.key}\n",
            "sdk.list = ${sdk.list} [2]\n",
            "sdk.key = 2, a = ${sdk.key}\n",
            "a = ${SOME_NAME}/x, b = ${?OTHER}\n",
            "a { \"2\": ${d.b} {y: 1} }\n",
        ],
        &expect![[r#"
            a = ${sdk.key}␊
              1:5 reference-across-layers this reference does not see `sdk.key`, which another text sets
                below: it is set here
            sdk.list = ${sdk.list} [2]␊
              1:12 reference-across-layers this reference does not see `sdk.list`, which another text sets
                below: it is set here
            sdk.key = 2, a = ${sdk.key}␊
            a = ${SOME_NAME}/x, b = ${?OTHER}␊
              1:5 reference-left-open `SOME_NAME` is no key of this text: each process that asks needs an environment variable of that name
            a { "2": ${d.b} {y: 1} }␊
              1:10 reference-left-open `d.b` is no key of this text: each process that asks needs an environment variable of that name
        "#]],
    );
}

#[test]
fn finds_keys_of_the_machine_in_a_vault() {
    let below = "agent { worker_id: x }";
    check_over(
        below,
        Format::Hocon,
        &["agent { worker_id: y, debug: true, git_user: z }\n", "worker_id: y\n"],
        &expect![[r#"
            agent { worker_id: y, debug: true, git_user: z }␊
              1:20 protected-key-in-vault `agent.worker_id` has no effect here: this host keeps its own
                below: the value that stays
              1:30 protected-key-in-vault `agent.debug` has an effect only on hosts that set none themselves
            worker_id: y␊
        "#]],
    );
    let in_file = found(Precedence::File, below, Format::Hocon, "agent.worker_id: y\n");
    assert_eq!(in_file, "");
    let in_monitoring = found(Precedence::Monitoring, below, Format::Hocon, "agent.worker_id: y\n");
    assert_eq!(in_monitoring, "");
}

#[test]
fn finds_values_that_cover_more_than_they_show() {
    check_over(
        "sdk { aws { s3 { key: x, region: y } }, port: 80, on: true, text: x, none: null }",
        Format::Hocon,
        &[
            "sdk.aws: null\n",
            "sdk.aws.s3: [1]\n",
            "sdk.aws.s3.key: null\n",
            "sdk.aws {}\n",
            "sdk.port: \"80\"\n",
            "sdk.on: \"false\"\nsdk.text: [x]\nsdk.none: 1\n",
            "sdk.port: 81\n",
        ],
        &expect![[r#"
            sdk.aws: null␊
              1:10 section-erased this null erases all of `sdk.aws`, which has keys in the layers below (1)
                below: what is erased
            sdk.aws.s3: [1]␊
              1:13 section-erased this list erases all of `sdk.aws.s3`, which has keys in the layers below (2)
                below: what is erased
            sdk.aws.s3.key: null␊
            sdk.aws {}␊
            sdk.port: "80"␊
              1:11 other-kind-of-value `sdk.port` is a string here, and a number in the layers below
                below: what it replaces
            sdk.on: "false"␊sdk.text: [x]␊sdk.none: 1␊
              1:9 other-kind-of-value `sdk.on` is a string here, and a boolean in the layers below
                below: what it replaces
              2:11 other-kind-of-value `sdk.text` is a list here, and a string in the layers below
                below: what it replaces
            sdk.port: 81␊
        "#]],
    );
}

#[test]
fn finds_dots_in_keys() {
    check_over(
        "x { y: 1 }",
        Format::Hocon,
        &[
            "\"agent.git_user\": x\n",
            "\"x.y\": 2\n",
            "hosts { \"s3.example.com\": 1 }\n",
            "agent.git_user: x\n",
        ],
        &expect![[r#"
            "agent.git_user": x␊
              1:19 dotted-key `"agent.git_user"` is one key with dots in its name, not a path
            "x.y": 2␊
              1:8 dotted-key `"x.y"` is one key with dots in its name, not a path
            hosts { "s3.example.com": 1 }␊
            agent.git_user: x␊
        "#]],
    );
    check(
        Format::Yaml,
        &["agent.git_user: x\n"],
        &expect![[r#"
        agent.git_user: x␊
          1:17 yaml-read-as-hocon the stock clients read this text as HOCON: they find no `"agent.git_user"`
            here: and they find a key `agent`
          1:17 dotted-key `"agent.git_user"` is one key with dots in its name, not a path
    "#]],
    );
}

#[test]
fn finds_words_of_yaml_that_are_no_text() {
    check_over(
        "agent { debug: true }",
        Format::Yaml,
        &["country: no\n", "agent: {debug: yes}\n", "a: true\nb: 'no'\n"],
        &expect![[r#"
            country: no␊
              1:10 yaml-read-as-hocon the stock clients read this text as HOCON: `country`, here a boolean, is a string to them
              1:10 yaml-word-is-boolean `country` is the truth value `false`
            agent: {debug: yes}␊
              1:16 yaml-read-as-hocon the stock clients read this text as HOCON: `agent.debug`, here a boolean, is a string to them
              1:16 protected-key-in-vault `agent.debug` has no effect here: this host keeps its own
                below: the value that stays
            a: true␊b: 'no'␊
              2:4 yaml-read-as-hocon the stock clients read this text as HOCON: `b` is another string to them
        "#]],
    );
}
