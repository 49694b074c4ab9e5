//! Odd texts in YAML, JSON and JSON5, held to what the best-known reader of each makes of them.
//!
//! The references are `PyYAML` 6.0.3, whose dates are text here, the npm package `json5` 2.2.3 and
//! the `JSON.parse` of Node. A line has a text and what the reference reads, or the name of its
//! error; where something else is meant to come of the text, also `here`, and `why`.

use std::fs;

use resolver::{Diagnostic, Format, Limits, Mode, parse_alone};
use serde_json::Value as Json;
use tests::{as_json, sandbox::workspace_file, source_text};

#[test]
fn odd_texts_are_read_as_their_references_read_them() {
    let mut wrong = Vec::new();
    for file in ["yaml/odd_cases.jsonl", "json/odd_cases.jsonl"] {
        let lines = fs::read_to_string(workspace_file("tests/fixtures").join(file)).unwrap();
        for line in lines.lines() {
            let case: Json = serde_json::from_str(line).unwrap();
            // `here` is an empty list for a text that is refused, otherwise the list of its value.
            let expected = case.get("here").map_or(case.get("reads"), |here| here.get(0));
            let found = found(&case);
            if !is_same(found.as_ref(), expected) {
                wrong.push(format!("{line}\n    here {}", Json::from_iter(found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

fn found(case: &Json) -> Option<Json> {
    let format = match case["format"].as_str().unwrap() {
        "yaml" => Format::Yaml,
        "json" => Format::Json,
        "json5" => Format::Json5,
        other => panic!("no format: {other}"),
    };
    let text = source_text(format, case["text"].as_str().unwrap());
    let (root, findings) = parse_alone(&text, Mode::Clearml, &Limits::default());
    let is_read = !findings.iter().any(Diagnostic::is_error);
    root.filter(|_| is_read).map(|root| as_json(&root.value))
}

/// Whether two trees are equal, numbers by their values.
fn is_same(one: Option<&Json>, other: Option<&Json>) -> bool {
    match (one, other) {
        (Some(Json::Number(one)), Some(Json::Number(other))) => one.as_f64() == other.as_f64(),
        (Some(Json::Array(one)), Some(Json::Array(other))) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(Some(one), Some(other)))
        }
        (Some(Json::Object(one)), Some(Json::Object(other))) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| is_same(Some(one), other.get(key)))
        }
        (one, other) => one == other,
    }
}
