//! Tables of JSON and JSON5 texts.

mod hostile;

use expect_test::{Expect, expect};

use crate::{Format, Limits, syntax::tests::Sample};

fn check(format: Format, cases: &[&str], expected: &Expect) {
    expected.assert_eq(&Sample::table(&Limits::default(), format, cases));
}

#[test]
fn json_is_read_as_the_rfc_says() {
    let cases = [
        "{}",
        "[]",
        " { } ",
        "\"root\"",
        "[1, -0, 1.0, 1e+20, -0.5E-3, 12345678901234567890123456789012]",
        "{\"a\": {\"b\": [true, false, null, {}, []]}, \"\": \"\"}",
        r#"["q\" b\\ s\/ n\n t\t \b\f\r", "Zo\u00eb \ud83d\ude00", "${X}", "日本"]"#,
        r#"{"a.b": 1, "k\"ey": 2}"#,
        "",
        " \r\n\t",
        "\u{feff}{\"a\":\u{a0}1}\u{feff}",
        "[\"\u{2028}\u{7f}\"]",
    ];
    check(
        Format::Json,
        &cases,
        &expect![[r#"
        {}
          {}
        []
          []
         { } 
          {}
        "root"
          "root"
        [1, -0, 1.0, 1e+20, -0.5E-3, 12345678901234567890123456789012]
          [1,-0,1.0,1e+20,-0.5E-3,12345678901234567890123456789012]
        {"a": {"b": [true, false, null, {}, []]}, "": ""}
          {"a":{"b":[true,false,null,{},[]]},"":""}
        ["q\" b\\ s\/ n\n t\t \b\f\r", "Zo\u00eb \ud83d\ude00", "${X}", "日本"]
          ["q\" b\\ s/ n\n t\t \b\f\r","Zoë \u{1f600}","${X}","日本"]
        {"a.b": 1, "k\"ey": 2}
          {"a.b":1,"k\"ey":2}

          {}
         ␍␊␉
          {}
        \u{feff}{"a":\u{a0}1}\u{feff}
          {"a":1}
        ["\u{2028}\u{7f}"]
          ["\u{2028}\u{7f}"]
    "#]],
    );
}

#[test]
fn a_json_text_shows_all_its_faults_at_once() {
    let cases = [
        "{a: 1, 'b': 2, \"c\": 'd',}",
        "// note\n[1, /* two */ 2]",
        "[+1, .5, 5., 0x1F, 007, 1.2.3, 1a, -, Infinity, -NaN]",
        "[True, None, undefined, some words, tru]",
        "{\"a\" 1 \"b\" = 2, \"c\":: 3, \"d\":}",
        "[1 2, , 3]",
        "[\"a\\qb\\u12\", \"\ttab\ttwice\", \"\\ud83d\", \"\\ude00\\ud83dx\"]",
        "{\"a\": \"one\n\"}",
        "{\"a\": \"one",
        "{\"a\": [1, {\"b\": 2]}",
        "{\"a\": [1, 2",
        "{\"a\"",
        "{\"a\":",
        "{\"a\": 1,",
        "{\"a\": 1,, \"b\": 2}",
        "{{}}",
        "{\"a\": 1} {\"b\": 2}",
        "{\"a\": 1}}",
        "[1, /* never closed",
        "]",
        "\0",
        "[1,\u{b}2,\u{2003}3]",
        "[\"\\",
        "[\"\\u00",
    ];
    check(
        Format::Json,
        &cases,
        &expect![[r#"
        {a: 1, 'b': 2, "c": 'd',}
          {"a":1,"b":2,"c":"d"}
          error json-unquoted-key 1:2-3
          error json-single-quotes 1:8-11
          error json-single-quotes 1:21-24
          error json-trailing-comma 1:24-25
        // note␊[1, /* two */ 2]
          [1,2]
          error json-comment 1:1-8
          error json-comment 2:5-14
        [+1, .5, 5., 0x1F, 007, 1.2.3, 1a, -, Infinity, -NaN]
          [+1,.5,5.0,31,007,null,null,null,null,null]
          error json-plus-sign 1:2-4
          error json-bare-point 1:6-8
          error json-bare-point 1:10-12
          error json-hexadecimal 1:14-18
          error json-leading-zero 1:20-23
          error json-bad-number 1:25-30
          error json-bad-number 1:32-34
          error json-bad-number 1:36-37
          error json-not-finite 1:39-47
          error json-not-finite 1:49-53
        [True, None, undefined, some words, tru]
          [null,null,null,null,null]
          error json-unquoted-value 1:2-6
          error json-unquoted-value 1:8-12
          error json-unquoted-value 1:14-23
          error json-unquoted-value 1:25-35
          error json-unquoted-value 1:37-40
        {"a" 1 "b" = 2, "c":: 3, "d":}
          {"a":1,"b":2,"c":null,"d":null}
          error json-no-colon 1:6-7
          error json-no-comma 1:8-8
          error json-no-colon 1:12-13
          error json-unquoted-value 1:21-24
          error json-no-value 1:30-31
        [1 2, , 3]
          [1,2,null,3]
          error json-no-comma 1:4-4
          error json-no-value 1:7-8
        ["a\qb\u12", "␉tab␉twice", "\ud83d", "\ude00\ud83dx"]
          ["aqb\u{fffd}12","\ttab\ttwice","\u{fffd}","\u{fffd}\u{fffd}x"]
          error json-unknown-escape 1:4-6
          error json-bad-unicode-escape 1:7-9
          error json-control-character 1:15-16
          warning json-lone-surrogate 1:29-35
          warning json-lone-surrogate 1:39-45
          warning json-lone-surrogate 1:45-51
        {"a": "one␊"}
          -
          error json-newline-in-string 1:11-11 (1:7-8)
        {"a": "one
          -
          error json-unclosed-string 1:7-8
        {"a": [1, {"b": 2]}
          -
          error json-mismatched-bracket 1:18-19 (1:11-12)
        {"a": [1, 2
          -
          error json-unclosed-bracket 1:7-8 (1:12-12)
        {"a"
          -
          error json-unclosed-bracket 1:1-2 (1:5-5)
        {"a":
          -
          error json-unclosed-bracket 1:1-2 (1:6-6)
        {"a": 1,
          -
          error json-unclosed-bracket 1:1-2 (1:9-9)
        {"a": 1,, "b": 2}
          -
          error json-no-key 1:9-10
        {{}}
          -
          error json-no-key 1:2-3
        {"a": 1} {"b": 2}
          {"a":1}
          error json-text-after-end 1:10-11 (1:1-9)
        {"a": 1}}
          {"a":1}
          error json-text-after-end 1:9-10 (1:1-9)
        [1, /* never closed
          -
          error json-unclosed-comment 1:5-7
        ]
          null
          error json-no-value 1:1-2
          error json-text-after-end 1:1-2 (1:1-1)
        ␀
          null
          error json-unquoted-value 1:1-2
        [1,␋2,\u{2003}3]
          [1,2,3]
          error json-blank 1:4-5
          error json-blank 1:7-8
        ["\
          -
          error json-unclosed-string 1:2-3
        ["\u00
          -
          error json-bad-unicode-escape 1:3-5
          error json-unclosed-string 1:2-3
    "#]],
    );
}

#[test]
fn json5_is_read_as_its_specification_says() {
    let cases = [
        "// c\n{a: 1, $b_1: 'two', \"c\": /* x */ [.5, 5., +7, -0x1F, 1e3,],}",
        "{'sin\"gle': \"dou'ble\", 'esc\\'': '\\x41\\v\\0\\q\\\n-\\\r\n-\\u2028'}",
        "\u{feff}\u{2029}\u{b}\u{c}\u{3000}[1]",
        "{ünïcode: 1, \\u0061b: 2, a\\u200cb: 3}",
        "['\u{2028}raw\ttab']",
        "[0xffffffffffffffffff]",
        "/**/ // nothing but comments",
        "[Infinity, -Infinity, +NaN, NaN]",
        "[007, 0x, 0xg, ., +, '\\1', '\\x4', '\\u12']",
        "{foo-bar: 1, 1a: 2}",
        "{'a': 1, a: 2}",
        "'broken\nline'",
        "{a\u{2003}:\u{2028}[1\u{a0},true\u{feff},0x1F\u{3000},'x'\u{b}]}",
        "// to a line separator\u{2028}{a: 1 // to a paragraph separator\u{2029}}",
        "{\u{85}}",
        "{a: 1\u{85}}",
    ];
    check(
        Format::Json5,
        &cases,
        &expect![[r#"
        // c␊{a: 1, $b_1: 'two', "c": /* x */ [.5, 5., +7, -0x1F, 1e3,],}
          {"a":1,"$b_1":"two","c":[.5,5.0,+7,-31,1e3]}
        {'sin"gle': "dou'ble", 'esc\'': '\x41\v\0\q\␊-\␍␊-\u2028'}
          {"sin\"gle":"dou'ble","esc'":"A\u000b\u0000q--\u{2028}"}
        \u{feff}\u{2029}␋␌\u{3000}[1]
          [1]
        {ünïcode: 1, \u0061b: 2, a\u200cb: 3}
          {"ünïcode":1,"ab":2,"a\u{200c}b":3}
        ['\u{2028}raw␉tab']
          ["\u{2028}raw\ttab"]
        [0xffffffffffffffffff]
          [4722366482869645213695]
        /**/ // nothing but comments
          {}
        [Infinity, -Infinity, +NaN, NaN]
          [null,null,null,null]
          error json-not-finite 1:2-10
          error json-not-finite 1:12-21
          error json-not-finite 1:23-27
          error json-not-finite 1:29-32
        [007, 0x, 0xg, ., +, '\1', '\x4', '\u12']
          [007,null,null,null,null,"","4","\u{fffd}12"]
          error json-leading-zero 1:2-5
          error json-bad-number 1:7-9
          error json-bad-number 1:11-14
          error json-bad-number 1:16-17
          error json-bad-number 1:19-20
          error json-unknown-escape 1:23-25
          error json-unknown-escape 1:29-31
          error json-bad-unicode-escape 1:36-38
        {foo-bar: 1, 1a: 2}
          {"foo-bar":1,"1a":2}
          error json-unquoted-key 1:2-9
          error json-unquoted-key 1:14-16
        {'a': 1, a: 2}
          {"a":2}
          warning json-repeated-key 1:13-14 (1:7-8)
        'broken␊line'
          -
          error json-newline-in-string 1:8-8 (1:1-2)
        {a\u{2003}:\u{2028}[1\u{a0},true\u{feff},0x1F\u{3000},'x'␋]}
          {"a":[1,true,31,"x"]}
        // to a line separator\u{2028}{a: 1 // to a paragraph separator\u{2029}}
          {"a":1}
        {\u{85}}
          {"\u{85}":null}
          error json-unquoted-key 1:2-3
          error json-no-colon 1:3-4
          error json-no-value 1:3-4
        {a: 1\u{85}}
          {"a":null}
          error json-bad-number 1:5-7
    "#]],
    );
}

#[test]
fn of_a_repeated_key_objects_join_and_the_rest_is_replaced() {
    let cases = [
        r#"{"a": {"x": 1, "y": {"z": 1}}, "b": 1, "a": {"x": 2, "y": {"w": 2}}}"#,
        r#"{"a": {"x": 1}, "a": [1]}"#,
        r#"{"a": 1, "a": {"x": 1}, "a": null}"#,
    ];
    check(
        Format::Json,
        &cases,
        &expect![[r#"
        {"a": {"x": 1, "y": {"z": 1}}, "b": 1, "a": {"x": 2, "y": {"w": 2}}}
          {"a":{"x":2,"y":{"z":1,"w":2}},"b":1}
          warning json-repeated-key 1:45-68 (1:7-30)
        {"a": {"x": 1}, "a": [1]}
          {"a":[1]}
          warning json-repeated-key 1:22-25 (1:7-15)
        {"a": 1, "a": {"x": 1}, "a": null}
          {"a":null}
          warning json-repeated-key 1:15-23 (1:7-8)
          warning json-repeated-key 1:30-34 (1:15-23)
    "#]],
    );
}

#[test]
fn every_value_knows_its_place() {
    let text = "{\"é\": [1, \"two\"],\n \"o\": {\"x\": null}}";
    expect![[r#"
        1:1-19 {\"é\": [1, \"two\"],\n \"o\": {\"x\": null}}
        1:7-17 [1, \"two\"]
        1:8-9 1
        1:11-16 \"two\"
        2:7-18 {\"x\": null}
        2:13-17 null
    "#]]
    .assert_eq(&Sample::parse(Format::Json, text).places());
}

#[test]
fn what_a_text_may_cost_is_limited() {
    let limits = Limits { nodes: 3, depth: 2, diagnostics: 2, ..Limits::default() };
    let cases = ["[1, 2]", "[1, 2, 3]", "[[1]]", "[[[]]]", "[ ' ', ' ', ' ', ' ']"];
    let shown = Sample::table(&limits, Format::Json, &cases);
    expect![[r#"
        [1, 2]
          [1,2]
        [1, 2, 3]
          -
          error json-too-many-values 1:8-9
        [[1]]
          [[1]]
        [[[]]]
          -
          error json-too-deep 1:3-4
        [ ' ', ' ', ' ', ' ']
          -
          error json-single-quotes 1:3-6
          error json-single-quotes 1:8-11
    "#]]
    .assert_eq(&shown);
}

#[test]
fn faults_are_told_with_cause_and_help_and_without_values() {
    let text = "{\"pass\": hunter2, \"pass\": 'hunter2', \"n\": 0hunter2 \"k\": \"\\hunter2\"";
    let sample = Sample::parse(Format::Json, text);
    assert!(sample.diagnostics.len() > 5);
    for diagnostic in sample.diagnostics {
        assert!(!format!("{diagnostic:?}").contains("hunter"), "{diagnostic:?}");
        assert!(diagnostic.help.is_some() && diagnostic.origin.is_some(), "{diagnostic:?}");
    }
}
