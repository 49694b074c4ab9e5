//! Texts that were made to hurt, or by chance.

use proptest::prelude::*;

use crate::{
    Format,
    syntax::tests::Sample,
    value::{Spanned, Value},
};

/// Texts that were made to hurt, each of some 100 kB to 1 MB.
#[test]
fn hostile_texts_give_findings_on_a_small_stack() {
    const TIMES: usize = 100_000;
    let texts = [
        "[",
        "{",
        "{\"a\":",
        "[{\"a\":[",
        "]",
        "\"",
        "'",
        "\\",
        "/*",
        "//",
        "/",
        "-",
        "+",
        "0",
        ".",
        ",",
        ":",
        "[,",
        "a",
        "\0",
        "\r",
        "\u{2028}",
        "\u{feff}",
        "é",
        "\"\\u",
        "\"\\ud800",
        "{\"a\":1,\"a\":",
        "tru",
        " ",
        "[\"\t\"",
        "0x",
        "1e",
        "{a",
        "{'a'",
        "\"a\" ",
    ]
    .map(|piece| piece.repeat(TIMES));
    let wrapped = [
        format!("[{}]", "1,".repeat(TIMES)),
        format!("[0x{}]", "f".repeat(TIMES)),
        format!("[{}]", "x ".repeat(TIMES)),
        format!("[\"{}\"]", "\\u0000".repeat(TIMES)),
        format!("{{{}}}", "\"a\":{\"b\":1},".repeat(TIMES)),
        format!("{{{}\"z\":0}}", numbered(TIMES, |n| format!("\"k{n}\":0,"))),
    ];
    let work = move || {
        for text in texts.iter().chain(&wrapped) {
            for format in [Format::Json, Format::Json5] {
                drop(Sample::parse(format, text));
            }
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

fn numbered(times: usize, piece: impl Fn(usize) -> String) -> String {
    (0..times).map(piece).collect::<Vec<_>>().concat()
}

proptest! {
    #[test]
    fn reads_what_serde_json_writes(json in any_json(), pretty in any::<bool>()) {
        let text = if pretty { format!("{json:#}") } else { json.to_string() };
        for format in [Format::Json, Format::Json5] {
            let sample = Sample::parse(format, &text);
            prop_assert_eq!(sample.findings(), "");
            prop_assert!(is_same(&sample.root.unwrap(), &json), "{}", text);
        }
    }

    #[test]
    fn accepts_just_what_serde_json_accepts(text in "[\\[\\]{}:,\"' 0-9a-ctrue.+\\\\n\\u{1}é-]{0,12}") {
        let ours = Sample::parse(Format::Json, &text);
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        // Two deliberate differences: blank texts, and numbers too large for 64 bits.
        let is_number_too_large = theirs.as_ref().is_err_and(|e| e.to_string().contains("range"));
        if !text.trim().is_empty() && !is_number_too_large {
            prop_assert_eq!(!ours.has_error, theirs.is_ok(), "{}", text);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*", pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        for text in [text, pieces.concat()] {
            drop(Sample::parse(Format::Json, &text));
            drop(Sample::parse(Format::Json5, &text));
        }
    }
}

const PIECES: &[&str] = &[
    "{", "}", "[", "]", ",", ":", "\"", "'", "\\", "\\u", "d83d", "a", "1", "-", "+", ".", "e",
    "0x", "true", "null", "NaN", "Infinity", "//", "/*", "*/", "\n", "\r", "\t", " ", "\0",
    "\u{a0}", "é", "\u{2028}", "=", "\\\n",
];

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..24)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

fn is_same(ours: &Spanned, theirs: &serde_json::Value) -> bool {
    match (&ours.value, theirs) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Value::Number(ours), serde_json::Value::Number(theirs)) => {
            ours.spelling() == theirs.to_string()
        }
        (Value::String(ours), serde_json::Value::String(theirs)) => ours == theirs,
        (Value::Array(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(ours), serde_json::Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|((k, a), (l, b))| k == l && is_same(a, b))
        }
        _ => false,
    }
}
