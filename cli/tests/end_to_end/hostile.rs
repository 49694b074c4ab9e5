//! Texts that want to bring the program down: each ends in a diagnostic, within little time, memory
//! and stack.

use std::{fs, ops::Range};

use tests::sandbox::Sandbox;

use crate::sandbox;

/// Runs the program with 2 MiB of stack, 512 MiB of data and so many seconds of a processor, its
/// user and system time together, as limits of the kernel: more of any ends it by a signal.
const CONFINED: &str =
    r#"ulimit -s 2048 && ulimit -d 524288 && ulimit -t "$1" && shift && exec "$@""#;

/// Two seconds of a processor; a build that is not optimised, which takes four to ten times as
/// long, has twice that.
const SECONDS: &str = if cfg!(debug_assertions) { "4" } else { "2" };

/// How many brackets, keys or links there are.
const MANY: usize = 100_000;

/// Gives a text to the program in each mode and expects it to fail with this in its talk.
fn check_both(text: impl AsRef<[u8]>, expected: &str) {
    for mode in ["clearml", "hocon"] {
        check(mode, text.as_ref(), expected);
    }
}

fn check(mode: &str, text: &[u8], expected: &str) {
    check_file("base.conf", mode, text, expected);
}

/// Gives a text to the program as a file of this name.
pub(crate) fn check_file(name: &str, mode: &str, text: &[u8], expected: &str) {
    let sandbox = sandbox();
    fs::write(sandbox.work().join(name), text).unwrap();
    check_sandbox(&sandbox, name, mode, expected);
}

/// Gives a file that is there to the program.
fn check_sandbox(sandbox: &Sandbox, name: &str, mode: &str, expected: &str) {
    let program = sandbox.program().to_str().unwrap().to_owned();
    let arguments = ["-c", CONFINED, "sh", SECONDS, &program, "resolve", "--print", "--mode", mode];
    let source = ["--offline", "--no-vaults", "--config", name];
    let talk = sandbox.run_other("sh", arguments.iter().chain(&source)).failure(1);
    assert!(talk.contains(expected), "{name}, mode {mode}: `{expected}` is not said, but: {talk}");
}

fn lines(numbers: Range<usize>, line: impl Fn(usize) -> String) -> String {
    numbers.flat_map(|number| [line(number), "\n".into()]).collect()
}

#[test]
fn brackets_without_end() {
    for (opening, closing) in [("[", "]"), ("{a:", "}")] {
        check_both(format!("a: {}", opening.repeat(MANY)), "hocon-too-deep");
        let closed = format!("a: {}1{}", opening.repeat(MANY), closing.repeat(MANY));
        check_both(closed, "hocon-too-deep");
    }
    check_both("a {".repeat(MANY), "hocon-too-deep");
    check_both("}".repeat(MANY), "hocon-stray-bracket");
    check_both("]".repeat(MANY), "hocon-stray-bracket");
}

#[test]
fn paths_without_end() {
    let path = vec!["a"; MANY].join(".");
    check_both(format!("{path}: 1"), "hocon-long-path");
    check_both(format!("x: ${{{path}}}"), "hocon-long-path");
    check_both(format!("{}: 1", path.replace('a', "\"a\"")), "hocon-long-path");
}

/// A value that doubles forty times would have 2^40 parts.
#[test]
fn doublings() {
    for (first, twice) in [
        ("x", "${A}${A}"),
        ("[x]", "${A} ${A}"),
        ("[x]", "[${A}, ${A}]"),
        ("{x: 1}", "{l: ${A}, r: ${A}}"),
        ("{x: 1}", "${A} {l: ${A}, r: ${A}}"),
    ] {
        let doubled = |number: usize| twice.replace('A', &format!("k{number}"));
        let links = lines(1..41, |number| format!("k{number}: {}", doubled(number - 1)));
        check_both(format!("k0: {first}\n{links}"), "reference-limit");
    }
    for (first, twice) in [("x", "${a}${a}"), ("[x]", "${a} ${a}")] {
        let text = format!("a: {first}\n{}", format!("a: {twice}\n").repeat(40));
        check_both(text, "reference-limit");
    }
}

#[test]
fn chains_that_end_nowhere() {
    let links = lines(0..20_000, |link| format!("k{link}: ${{k{}}}", (link + 1) % 20_000));
    check_both(links, "reference-cycle");
    let nested = lines(0..20_000, |link| format!("k{link} {{n: ${{k{}}}}}", link + 1));
    check_both(format!("{nested}k20000: end"), "reference-limit");
    check_both(format!("x: 1\n{}", "y: ${x}\n".repeat(2 * MANY)), "hocon-too-many-references");
}

#[test]
fn includes_without_end() {
    check_both("include \"base.conf\"", "include-cycle");
    for mode in ["clearml", "hocon"] {
        let sandbox = sandbox();
        for number in 0..20 {
            let text = format!("include \"{}.conf\"\n", number + 1).repeat(10);
            sandbox.write(&format!("{number}.conf"), &text);
        }
        check_sandbox(&sandbox, "0.conf", mode, "include-limit");
    }
}

#[test]
fn too_much_of_everything() {
    check_both("key: value\n".repeat(5_000_000), "larger than");
    check_both(format!("a: [{}]", "1,".repeat(1_100_000)), "hocon-too-many-values");
    check_both(format!("a: {}", "\"x\" ".repeat(1_100_000)), "hocon-too-many-values");
}

#[test]
fn bytes_that_are_no_text() {
    check("clearml", b"a: 1\n\0b: 1\n", "hocon-reserved-character");
    check_both(vec![0; MANY], "error[hocon-");
    check_both(b"a: \"\xff\xfe\"\n", "no UTF-8");
    check_both(vec![0x80; MANY], "no UTF-8");
}
