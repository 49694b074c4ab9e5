//! YAML texts that were made to hurt, or by chance.

use proptest::prelude::*;

use crate::{Format, Value, syntax::tests::Sample};

const TIMES: usize = 100_000;

/// Runs on the stack that a worker thread of a daemon has.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

fn numbered(times: usize, piece: impl Fn(usize) -> String) -> String {
    (0..times).map(piece).collect::<Vec<_>>().concat()
}

#[test]
fn pieces_repeated_without_end_give_findings() {
    let texts = [
        "{a: ",
        "{a:",
        "[",
        "- ",
        "? ",
        ": ",
        ":",
        "!",
        "!a ",
        "&a ",
        "&",
        "*",
        "*a ",
        "\"",
        "'",
        "|\n",
        ">\n",
        "#\n",
        "\n",
        " ",
        "\t",
        "\r",
        "\0",
        "%a\n",
        "---\n",
        "...\n",
        ",",
        "]",
        "}",
        "a\n",
        "a ",
        "a: b: ",
        "? a\n: b\n",
        "<<: ",
        "<<: {",
        "\u{2028}",
        "\u{85}",
        "\u{feff}",
        "é",
        "- a\n",
        "a: b\r",
        "- &a x\n- *a\n",
        "a: &a [*a]\n",
        "\\",
        "\"\\x",
        "-",
        "- - \n",
        "[a, ",
    ]
    .map(|piece| piece.repeat(TIMES));
    on_small_stack(move || texts.iter().for_each(|text| drop(Sample::parse(Format::Yaml, text))));
}

#[test]
fn large_texts_are_read_in_linear_time() {
    let texts = [
        numbered(TIMES, |n| format!("k{n}: v\n")),
        numbered(TIMES, |n| format!("- &a{n} x\n")),
        format!("{{{}}}", numbered(TIMES, |n| format!("k{n}: v, "))),
        format!("[{}]", "a: b, ".repeat(TIMES)),
        format!("a: |\n{}", " x\n".repeat(TIMES)),
        format!("a: |\n{}", "\n".repeat(TIMES)),
        format!("a: \"{}\"", "x\n".repeat(TIMES)),
        format!("a: '{}'", "x\n\n".repeat(TIMES)),
        format!("a: {}", "x ".repeat(TIMES)),
        format!("{}: 1", "k".repeat(TIMES)),
        format!("? {}\n: 1", "k".repeat(TIMES)),
        format!("a: [{}]", "\n".repeat(TIMES)),
        format!("a: {{<<: [{}]}}", "{x: 1},".repeat(TIMES)),
        format!("{}---\na: 1", numbered(TIMES / 10, |n| format!("%TAG !{n}! tag:x\n"))),
        numbered(3_000, |n| format!("{}a:\n", " ".repeat(n))),
        format!("a: {}1", "1:".repeat(TIMES)),
        format!("a: 0x{}", "f".repeat(TIMES)),
    ];
    on_small_stack(move || texts.iter().for_each(|text| drop(Sample::parse(Format::Yaml, text))));
}

/// Each line repeats the one before ten times: 10^100 values written out.
#[test]
fn bombs_of_aliases_are_refused() {
    let lists = numbered(100, |n| {
        let items = format!("*a{n},").repeat(10);
        format!("k{}: &a{} [{items}]\n", n + 1, n + 1)
    });
    let merges = numbered(100, |n| format!("k{}: &a{} {{x: *a{n}, y: *a{n}}}\n", n + 1, n + 1));
    let chain = numbered(9_000, |n| format!("k{}: &a{} [*a{n}]\n", n + 1, n + 1));
    for (body, code) in [
        (lists, "yaml-too-many-values"),
        (merges, "yaml-too-many-values"),
        (chain, "yaml-too-deep"),
        (
            format!(
                "k: &long {}\n{}",
                "x".repeat(TIMES),
                numbered(1_000, |n| format!("l{n}: *long\n"))
            ),
            "yaml-too-many-values",
        ),
    ] {
        let sample = Sample::parse(Format::Yaml, &format!("k0: &a0 x\n{body}"));
        assert!(sample.findings().contains(code), "{}", sample.findings());
    }
}

#[test]
fn aliases_share_what_they_repeat() {
    let sample = Sample::parse(Format::Yaml, "a: &x {k: [1, 2]}\nb: *x\n");
    let root = sample.root.unwrap();
    let shared: Vec<_> = root.value.as_object().unwrap().iter().map(|(_, value)| value).collect();
    let [Value::Object(one), Value::Object(other)] = [&shared[0].value, &shared[1].value] else {
        panic!("two objects");
    };
    assert!(std::sync::Arc::ptr_eq(one, other));
    assert_ne!(shared[0].origin, shared[1].origin);
}

const PIECES: &[&str] = &[
    "a",
    "b: ",
    "c:\n",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    " ",
    "\t",
    "? ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "&x ",
    "*x",
    "<<: ",
    "!!int ",
    "!!str ",
    "!foo ",
    "!",
    "\"",
    "'",
    "|\n",
    ">-\n",
    "# c\n",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "1",
    "0x1F",
    "1:30",
    ".inf",
    "~",
    "yes",
    "\\",
    "\0",
    "\u{2028}",
    "\u{feff}",
    "é",
];

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        for text in [text, pieces.concat()] {
            drop(Sample::parse(Format::Yaml, &text));
        }
    }

    #[test]
    fn json_is_yaml(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..8)) {
        let json = serde_json::json!({"list": pieces, "o": {"n": null, "t": true, "i": 7, "f": 0.5}});
        let sample = Sample::parse(Format::Yaml, &json.to_string());
        // What JSON may hold in strings as it is and YAML not.
        if !json.to_string().contains(['\u{feff}', '\u{2028}']) {
            prop_assert_eq!(sample.findings(), "");
            prop_assert_eq!(sample.tree(), json.to_string());
        }
    }
}
