//! What is said about YAML texts, and where.

use expect_test::expect;

use super::check;
use crate::{Format, Limits, syntax::tests::Sample};

#[test]
fn one_text_is_one_document() {
    let cases =
        ["---\nb: 2\n", "a: 1\n...\n", "a: 1\n---\nb: 2\n", "a: 1\n...\nb: 2\n", "a: 1\n---\n"];
    check(
        &cases,
        &expect![[r#"
        ---␊b: 2␊
          {"b":2}
        a: 1␊...␊
          {"a":1}
        a: 1␊---␊b: 2␊
          -
          error yaml-several-documents 2:1-4
        a: 1␊...␊b: 2␊
          -
          error yaml-several-documents 3:1-1
        a: 1␊---␊
          -
          error yaml-several-documents 2:1-4
    "#]],
    );
}

#[test]
fn faults_of_lines_and_brackets_are_told_where_they_are() {
    let cases = [
        "a:\n\tb: 1",
        "a: 1\n  b: 2\n c: 3",
        "a:\n  b: 1\n c: 2",
        "- a\nb: 1",
        "a: b: c",
        "a: [1, 2",
        "a: {b: 1]}",
        "a: [1 2]\nb: {c: 1 d: 2}",
        "a\nb: 1",
        "a: [b]]",
        "a: 1 # c\n#d\n b\n",
    ];
    check(
        &cases,
        &expect![[r#"
        a:␊␉b: 1
          -
          error yaml-tab 2:2-3
        a: 1␊  b: 2␊ c: 3
          -
          error yaml-unexpected-colon 2:4-5
        a:␊  b: 1␊ c: 2
          -
          error yaml-indentation 3:2-3
        - a␊b: 1
          -
          error yaml-indentation 2:1-2
        a: b: c
          -
          error yaml-unexpected-colon 1:5-6
        a: [1, 2
          -
          error yaml-unclosed-bracket 1:4-5
        a: {b: 1]}
          -
          error yaml-mismatched-bracket 1:4-5
        a: [1 2]␊b: {c: 1 d: 2}
          -
          error yaml-no-comma 2:11-12
        a␊b: 1
          -
          error yaml-unexpected-colon 2:2-3
        a: [b]]
          -
          error yaml-mismatched-bracket 1:7-8
        a: 1 # c␊#d␊ b␊
          -
          error yaml-indentation 3:2-3
    "#]],
    );
}

#[test]
fn faults_of_strings_and_marks_are_told_where_they_are() {
    let cases = [
        "a: 'x\nb: 1",
        "a: \"x\\q\"",
        "a: \"x\" y",
        "a: @x",
        "a: %x\n",
        "a: |x\n  y",
        "a: !x!y 1",
        "%YAML 3.0\n---\na: 1",
        "a: \u{feff}b\n\u{feff}c: 1",
        "a: \0",
        "a: {b: -}",
        "a: \"\\ud800\"",
        "a: {b: 'c}\n",
    ];
    check(
        &cases,
        &expect![[r#"
        a: 'x␊b: 1
          -
          error yaml-unclosed-string 1:4-5
        a: "x\q"
          -
          error yaml-unknown-escape 1:4-5
        a: "x" y
          -
          error yaml-text-after-string 1:8-9
        a: @x
          -
          error yaml-unexpected-character 1:4-5
        a: %x␊
          -
          error yaml-unexpected-character 1:4-5
        a: |x␊  y
          -
          error yaml-block-string 1:4-5
        a: !x!y 1
          -
          error yaml-bad-tag 1:4-5
        %YAML 3.0␊---␊a: 1
          -
          error yaml-directive 1:1-2
        a: \u{feff}b␊\u{feff}c: 1
          -
          error yaml-byte-order-mark 1:4-5
        a: ␀
          -
          error yaml-control-character 1:4-5
        a: {b: -}
          -
          error yaml-unexpected-character 1:8-9
        a: "\ud800"
          -
          error yaml-unknown-escape 1:4-5
        a: {b: 'c}␊
          -
          error yaml-unclosed-string 1:8-9
    "#]],
    );
}

#[test]
fn every_value_knows_its_place() {
    let text = "é: 'ü'\nlist:\n  - 1\n  - {a: b}\nempty:\nblock: |\n  two\n  lines\nuse: &x [1]\nagain: *x\n";
    expect![[r#"
        1:1-10 é: \'ü\'\nlist:\n  - 1\n  - {a: b}\nempty:\nblock: |\n  two\n  lines\nuse: &x [1]\nagain: *x
        1:4-7 \'ü\'
        3:3-11 - 1\n  - {a: b}
        3:5-6 1
        4:5-11 {a: b}
        4:9-10 b
        5:6-6 
        7:3-1 two\n  lines\n
        9:9-12 [1]
        9:10-11 1
        10:8-10 *x
        9:10-11 1
    "#]].assert_eq(&Sample::parse(Format::Yaml, text).places());
}

#[test]
fn what_a_text_may_cost_is_limited() {
    let limits = Limits {
        nodes: 6,
        depth: 3,
        tree_depth: 4,
        aliases: 3,
        output_bytes: 20,
        diagnostics: 2,
        ..Limits::default()
    };
    let cases = [
        "[1, 2, 3, 4, 5]",
        "[1, 2, 3, 4, 5, 6]",
        "{a: 1, b: 2, c: 3, d: 4, e: 5}",
        "[[[1]]]",
        "[[[[1]]]]",
        "- - - - 1",
        "[&a [&b [1]], [[*a]]]",
        "[&a 1, *a, *a, *a, *a]",
        "[&a [1, 2], *a]",
        "[&a aaaaaaaaaa, *a, *a]",
        "[.inf, .inf, .inf, .inf]",
    ];
    expect![[r#"
        [1, 2, 3, 4, 5]
          [1,2,3,4,5]
        [1, 2, 3, 4, 5, 6]
          -
          error yaml-too-many-values 1:17-18
        {a: 1, b: 2, c: 3, d: 4, e: 5}
          {"a":1,"b":2,"c":3,"d":4,"e":5}
        [[[1]]]
          [[[1]]]
        [[[[1]]]]
          -
          error yaml-too-deep 1:4-5
        - - - - 1
          -
          error yaml-too-deep 1:7-8
        [&a [&b [1]], [[*a]]]
          -
          error yaml-too-deep 1:17-19
        [&a 1, *a, *a, *a, *a]
          -
          error yaml-too-many-aliases 1:20-22
        [&a [1, 2], *a]
          -
          error yaml-too-many-values 1:13-15
        [&a aaaaaaaaaa, *a, *a]
          -
          error yaml-too-many-values 1:21-23
        [.inf, .inf, .inf, .inf]
          -
          error yaml-not-json-number 1:2-6
          error yaml-not-json-number 1:8-12
    "#]]
    .assert_eq(&Sample::table(&limits, Format::Yaml, &cases));
}

#[test]
fn faults_are_told_with_cause_and_help_and_without_values() {
    let texts = [
        "pass: !x hunter2\npass: !!int hunter2\ninf: .inf\n? [hunter2]\n: hunter2\n<<: hunter2",
        "pass: 'hunter2",
        "pass: hunter2: hunter2",
        "pass: \"hunter\\2\"",
        "pass: [hunter2",
    ];
    for text in texts {
        for diagnostic in Sample::parse(Format::Yaml, text).diagnostics {
            assert!(!format!("{diagnostic:?}").contains("hunter"), "{diagnostic:?}");
            assert!(diagnostic.help.is_some() && diagnostic.origin.is_some(), "{diagnostic:?}");
        }
    }
}
