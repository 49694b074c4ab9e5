//! What YAML texts mean.

use expect_test::expect;

use super::check;

#[test]
fn plain_scalars_are_read_by_the_rules_of_yaml_1_1() {
    let cases = [
        "[yes, Yes, YES, no, true, True, on, OFF, y, n, tRUE, oN]",
        "[~, null, Null, NULL, nULL, '', x]",
        "[0, -0, +5, 007, 08, 0_, 0b101, -0b1, 0b_, 0b2, 0x1F, -0xf_f, 0xg, 0o17, 1_000, 1__, _1]",
        "[1:30, -1:30:05, 1:60, 01:30, 190:20:30.15, 1:30.5, 1:30., 0:0.5, '1:30']",
        "[1., 1.5, .5, -.5, +.5, 1e3, 1.0e3, 1.0e+3, 1.e-2, 6.02E+23, .5e+1, ._5, 1_0.0_1, 1.2.3, +.]",
        "[123456789012345678901234567890, 0xffffffffffffffffffff, 1.5e+999]",
        "[2001-12-14, 2001-12-14 21:59:43.10 -5, 12:30:45]",
        "[=, <<, '<<', ${X}, \"${?X}\", http://x.y:80/z?a=b#c, a#b, --, -x, '?x']",
        "[\"1\", 'yes', \"~\", \"é\\u00e9\\x41\\U0001F600\\n\", 'it''s']",
    ];
    check(
        &cases,
        &expect![[r#"
        [yes, Yes, YES, no, true, True, on, OFF, y, n, tRUE, oN]
          [true,true,true,false,true,true,true,false,"y","n","tRUE","oN"]
        [~, null, Null, NULL, nULL, '', x]
          [null,null,null,null,"nULL","","x"]
        [0, -0, +5, 007, 08, 0_, 0b101, -0b1, 0b_, 0b2, 0x1F, -0xf_f, 0xg, 0o17, 1_000, 1__, _1]
          [0,-0,5,7,"08",0,5,-1,"0b_","0b2",31,-255,"0xg","0o17",1000,1,"_1"]
        [1:30, -1:30:05, 1:60, 01:30, 190:20:30.15, 1:30.5, 1:30., 0:0.5, '1:30']
          [90,-5405,"1:60","01:30",685230.15,90.5,90.0,0.5,"1:30"]
        [1., 1.5, .5, -.5, +.5, 1e3, 1.0e3, 1.0e+3, 1.e-2, 6.02E+23, .5e+1, ._5, 1_0.0_1, 1.2.3, +.]
          [1.0,1.5,.5,"-.5","+.5","1e3","1.0e3",1.0e+3,1.0e-2,6.02e+23,.5e+1,"._5",10.01,"1.2.3","+."]
        [123456789012345678901234567890, 0xffffffffffffffffffff, 1.5e+999]
          [123456789012345678901234567890,1208925819614629174706175,1.5e+999]
        [2001-12-14, 2001-12-14 21:59:43.10 -5, 12:30:45]
          ["2001-12-14","2001-12-14 21:59:43.10 -5",45045]
        [=, <<, '<<', ${X}, "${?X}", http://x.y:80/z?a=b#c, a#b, --, -x, '?x']
          -
          error yaml-no-comma 1:16-17
        ["1", 'yes', "~", "é\u00e9\x41\U0001F600\n", 'it''s']
          ["1","yes","~","ééA\u{1f600}\n","it's"]
    "#]],
    );
}

#[test]
fn what_json_cannot_hold_is_refused() {
    let cases = [
        "a: .inf\nb: -.INF\nc: .NaN\nd: !!float inf\ne: 1",
        "[a]: 1\n? {b: 1}\n: 2",
        "a: !foo 1\nb: !!set {x}\nc: !!binary aGk=\nd: !<tag:x.org,1:y> [1]\ne: !!timestamp 2001-12-14",
        "a: 1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1",
    ];
    check(
        &cases,
        &expect![[r#"
        a: .inf␊b: -.INF␊c: .NaN␊d: !!float inf␊e: 1
          {"a":null,"b":null,"c":null,"d":null,"e":1}
          error yaml-not-json-number 1:4-8
          error yaml-not-json-number 2:4-9
          error yaml-not-json-number 3:4-8
          error yaml-not-json-number 4:12-15
        [a]: 1␊? {b: 1}␊: 2
          {"":2}
          error yaml-complex-key 1:1-4
          error yaml-complex-key 2:3-9
          warning yaml-repeated-key 3:3-4 (1:6-7)
        a: !foo 1␊b: !!set {x}␊c: !!binary aGk=␊d: !<tag:x.org,1:y> [1]␊e: !!timestamp 2001-12-14
          {"a":"1","b":{"x":null},"c":"aGk=","d":[1],"e":"2001-12-14"}
          error yaml-unknown-tag 1:4-8
          error yaml-unknown-tag 2:4-9
          error yaml-unknown-tag 3:4-12
          error yaml-unknown-tag 4:4-20
          error yaml-unknown-tag 5:4-15
        a: 1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1:1
          {"a":null}
          error yaml-number-too-long 1:4-63
    "#]],
    );
}

#[test]
fn tags_of_the_core_are_obeyed() {
    let cases = [
        "[!!str 12, !!str, !!int '12', !!int 0x1f, !!float 3, !!float 1e3, !!bool 'yes', !!null x]",
        "{a: !!map {b: 1}, c: !!seq [1], d: ! 12, e: ! '12', f: !<tag:yaml.org,2002:str> 1}",
        "[!!int x, !!int 1.5, !!float x, !!bool 1, !!map [1], !!seq {a: 1}, !!str [1], !!map x]",
        "%TAG !y! tag:yaml.org,2002:\n---\na: !y!str 1",
    ];
    check(
        &cases,
        &expect![[r#"
        [!!str 12, !!str, !!int '12', !!int 0x1f, !!float 3, !!float 1e3, !!bool 'yes', !!null x]
          ["12","",12,31,3.0,1e3,true,null]
        {a: !!map {b: 1}, c: !!seq [1], d: ! 12, e: ! '12', f: !<tag:yaml.org,2002:str> 1}
          {"a":{"b":1},"c":[1],"d":12,"e":12,"f":"1"}
        [!!int x, !!int 1.5, !!float x, !!bool 1, !!map [1], !!seq {a: 1}, !!str [1], !!map x]
          [null,null,null,null,[1],{"a":1},[1],"x"]
          error yaml-misfit-tag 1:8-9
          error yaml-misfit-tag 1:17-20
          error yaml-misfit-tag 1:30-31
          error yaml-misfit-tag 1:40-41
          error yaml-misfit-tag 1:43-48
          error yaml-misfit-tag 1:54-59
          error yaml-misfit-tag 1:68-73
          error yaml-misfit-tag 1:79-84
        %TAG !y! tag:yaml.org,2002:␊---␊a: !y!str 1
          {"a":"1"}
    "#]],
    );
}

#[test]
fn keys_are_spelled_as_python_dumps_them() {
    let cases = [
        "{1: a, 1.50: b, yes: c, ~: d, 0x10: e, 'f': g, !!str 1: h, \"\": i, a.b: j, 2001-12-14: k}",
        "? a\n: 1\n? b\n? |\n  c\n: 3",
        "&k a: 1\n*k : 2\nb: *k",
        "a: {x: 1}\nb: 2\na: {y: 2}\nb: 3",
        "\"\\e[2J\": 1\n\"\\e[2J\": 2",
    ];
    check(
        &cases,
        &expect![[r#"
        {1: a, 1.50: b, yes: c, ~: d, 0x10: e, 'f': g, !!str 1: h, "": i, a.b: j, 2001-12-14: k}
          {"1":"h","1.5":"b","true":"c","null":"d","16":"e","f":"g","":"i","a.b":"j","2001-12-14":"k"}
          warning yaml-repeated-key 1:57-58 (1:5-6)
        ? a␊: 1␊? b␊? |␊  c␊: 3
          {"a":1,"b":null,"c\n":3}
        &k a: 1␊*k : 2␊b: *k
          {"a":2,"b":"a"}
          warning yaml-repeated-key 2:6-7 (1:7-8)
        a: {x: 1}␊b: 2␊a: {y: 2}␊b: 3
          {"a":{"y":2},"b":3}
          warning yaml-repeated-key 3:4-10 (1:4-10)
          warning yaml-repeated-key 4:4-5 (2:4-5)
        "\e[2J": 1␊"\e[2J": 2
          {"\u001b[2J":2}
          warning yaml-repeated-key 2:10-11 (1:10-11)
    "#]],
    );
}

#[test]
fn merge_keys_bring_in_what_is_not_set() {
    let cases = [
        "b: &b {x: 1, y: {z: 1}}\nu:\n  own: 0\n  <<: *b\n  y: {w: 2}",
        "u: {<<: [{a: 1, b: 1}, {b: 2, c: 2}], a: 0}",
        "u: {<<: {a: 1}, <<: {a: 2, b: 2}}",
        "u: {<<: {a: 1, <<: {a: 2, b: 2}}}",
        "u: {'<<': {a: 1}, !!merge x: {b: 1}}",
        "u: {<<: x}\nv: {<<: [1]}\nw: {<<: [{a: 1}, [2]]}\nx: {<<: }",
        "<<: {a: 1}\n",
    ];
    check(
        &cases,
        &expect![[r#"
        b: &b {x: 1, y: {z: 1}}␊u:␊  own: 0␊  <<: *b␊  y: {w: 2}
          {"b":{"x":1,"y":{"z":1}},"u":{"x":1,"y":{"w":2},"own":0}}
        u: {<<: [{a: 1, b: 1}, {b: 2, c: 2}], a: 0}
          {"u":{"b":1,"c":2,"a":0}}
        u: {<<: {a: 1}, <<: {a: 2, b: 2}}
          {"u":{"a":2,"b":2}}
        u: {<<: {a: 1, <<: {a: 2, b: 2}}}
          {"u":{"a":1,"b":2}}
        u: {'<<': {a: 1}, !!merge x: {b: 1}}
          {"u":{"b":1,"<<":{"a":1}}}
        u: {<<: x}␊v: {<<: [1]}␊w: {<<: [{a: 1}, [2]]}␊x: {<<: }
          {"u":{},"v":{},"w":{},"x":{}}
          error yaml-merge-no-object 1:9-10
          error yaml-merge-no-object 2:10-11
          error yaml-merge-no-object 3:18-21
          error yaml-merge-no-object 4:7-7
        <<: {a: 1}␊
          {"a":1}
    "#]],
    );
}

#[test]
fn aliases_repeat_finished_values() {
    let cases = [
        "a: &x [1, {b: 2}]\nc: *x\nd: [*x, *x]",
        "a: &x 1\nb: &x 2\nc: *x",
        "a: &x\nb: *x",
        "a: &x [*x]",
        "a: &x {b: {c: *x}}",
        "a: *nowhere\nb: 1",
        "[*]",
    ];
    check(
        &cases,
        &expect![[r#"
        a: &x [1, {b: 2}]␊c: *x␊d: [*x, *x]
          {"a":[1,{"b":2}],"c":[1,{"b":2}],"d":[[1,{"b":2}],[1,{"b":2}]]}
        a: &x 1␊b: &x 2␊c: *x
          {"a":1,"b":2,"c":2}
        a: &x␊b: *x
          {"a":null,"b":null}
        a: &x [*x]
          -
          error yaml-recursive-alias 1:8-10
        a: &x {b: {c: *x}}
          -
          error yaml-recursive-alias 1:15-17
        a: *nowhere␊b: 1
          -
          error yaml-unknown-anchor 1:4-5
        [*]
          -
          error yaml-unnamed-anchor 1:2-3
    "#]],
    );
}

#[test]
fn texts_without_a_value_are_empty_objects() {
    let cases = [
        "",
        " \n\n",
        "# nothing\n",
        "---\n",
        "--- # nothing\n...\n",
        "\u{feff}",
        "~",
        "%YAML 1.1\n---",
    ];
    check(
        &cases,
        &expect![[r#"

          {}
         ␊␊
          {}
        # nothing␊
          {}
        ---␊
          {}
        --- # nothing␊...␊
          {}
        \u{feff}
          {}
        ~
          null
        %YAML 1.1␊---
          {}
    "#]],
    );
}
