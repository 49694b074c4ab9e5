//! Texts in YAML, JSON and JSON5 that want to bring the program down.

use std::fmt::Write as _;

use crate::hostile::check_file;

const MANY: usize = 100_000;

fn check(name: &str, text: impl AsRef<[u8]>, expected: &str) {
    check_file(name, "clearml", text.as_ref(), expected);
}

#[test]
fn brackets_without_end() {
    for name in ["base.json", "base.json5"] {
        check(name, "[".repeat(MANY), "json-too-deep");
        check(name, "{\"a\":".repeat(MANY), "json-too-deep");
        check(name, format!("{}{}", "[".repeat(MANY), "]".repeat(MANY)), "json-too-deep");
        check(name, "]".repeat(MANY), "json-no-value");
    }
    for opening in ["[", "{a: ", "- ", "? "] {
        check("base.yaml", opening.repeat(MANY), "yaml-too-deep");
    }
    check("base.yaml", "]".repeat(MANY), "yaml-mismatched-bracket");
    let mut stairs = String::new();
    for depth in 0..1_000 {
        writeln!(stairs, "{:depth$}a:", "").unwrap();
    }
    check("base.yaml", stairs, "yaml-too-deep");
}

/// Each anchor holds the one before nine times: 9^9 values, if they were written out.
#[test]
fn aliases_of_aliases() {
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for number in 1..10 {
        let aliases = vec![format!("*a{}", number - 1); 9].join(", ");
        writeln!(laughs, "a{number}: &a{number} [{aliases}]").unwrap();
    }
    check("base.yaml", laughs, "yaml-too-many-values");
    check("base.yaml", format!("a: &a x\nb: [{}]\n", "*a, ".repeat(MANY)), "yaml-too-many-aliases");
    check("base.yaml", "a: &a [*a]\n", "yaml-recursive-alias");
    let merges = "  <<: *a\n".repeat(MANY);
    check("base.yaml", format!("a: &a {{x: y}}\nb:\n{merges}"), "yaml-too-many-aliases");
}

#[test]
fn too_much_of_everything() {
    for name in ["base.yaml", "base.json", "base.json5"] {
        check(name, "key: value\n".repeat(5_000_000), "larger than");
        let values =
            if name == "base.yaml" { "yaml-too-many-values" } else { "json-too-many-values" };
        check(name, format!("{{\"a\": [{}1]}}", "1,".repeat(1_100_000)), values);
    }
}

#[test]
fn bytes_that_are_no_text() {
    for name in ["base.yaml", "base.json", "base.json5"] {
        check(name, b"{\"a\": \"\xff\xfe\"}\n", "no UTF-8");
        check(name, vec![0x80; MANY], "no UTF-8");
    }
    check("base.yaml", b"a: 1\n\0b: 1\n", "yaml-control-character");
    check("base.json", vec![0; MANY], "error[json-");
    check("base.json5", vec![0; MANY], "error[json-");
}
