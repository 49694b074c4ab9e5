//! HOCON held to other implementations: mode `hocon` to the Lightbend reference, mode `clearml` to
//! the stock clients' own parser.
//!
//! The cases with `own` and `layers` in their names lie in `tests/fixtures/hocon`. The rest is other
//! people's text, in `../shared/hocon` beside the checkout; where that is missing, the tests of it say
//! so and pass.

mod case;
mod misses;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use daemon::{settings::IncludeUrls, sources::FileIncluder};
use resolver::{
    Format, IncludeError, IncludeRequest, IncludedText, Includer, Limits, Mode, SourceName,
};
use serde_json::Value as Json;
use tests::sandbox::workspace_file;

use case::{CLIENTS, Case, SPECIFICATION};
use misses::{CLIENTS_DOCUMENTS, CLIENTS_OTHERWISE, Miss, SPECIFICATION_OTHERWISE};

#[test]
fn own_cases_give_what_the_specification_says() {
    check_specification(&own_cases());
}

#[test]
fn own_cases_give_what_the_clients_give() {
    check_clients(&own_cases());
}

#[test]
fn reference_cases_give_what_the_specification_says() {
    let Some(folder) = shared_folder() else { return };
    check_specification(&Case::read_all(&folder.join("hocon_cases.jsonl"), &folder));
}

#[test]
fn reference_cases_give_what_the_clients_give() {
    let Some(folder) = shared_folder() else { return };
    check_clients(&Case::read_all(&folder.join("hocon_cases.jsonl"), &folder));
}

#[test]
fn real_documents_give_what_the_clients_give() {
    let Some(folder) = shared_folder() else { return };
    let cases = Case::read_all(&folder.join("clearml_cases.jsonl"), Path::new(""));
    let texts = cases.iter().filter_map(Case::single_text).cloned().collect();
    check(&cases, (Mode::Clearml, CLIENTS), &Documents(texts), CLIENTS_DOCUMENTS);
}

fn own_cases() -> Vec<Case> {
    let folder = workspace_file("tests/fixtures/hocon");
    let files = ["own_cases.jsonl", "odd_cases.jsonl"];
    files.iter().flat_map(|file| Case::read_all(&folder.join(file), &folder)).collect()
}

/// Returns the folder of other people's cases, if it is beside the checkout.
fn shared_folder() -> Option<PathBuf> {
    let folder = workspace_file("../shared/hocon");
    if !folder.is_dir() {
        eprintln!("NOT TESTED: the reference cases of HOCON are not in `{}`", folder.display());
        return None;
    }
    Some(folder)
}

fn check_specification(cases: &[Case]) {
    let limits = Limits::default();
    let includer = FileIncluder::new(Mode::Hocon, IncludeUrls::Refuse, limits.text_bytes);
    check(cases, (Mode::Hocon, SPECIFICATION), &includer, SPECIFICATION_OTHERWISE);
}

fn check_clients(cases: &[Case]) {
    let limits = Limits::default();
    let includer = FileIncluder::new(Mode::Clearml, IncludeUrls::Refuse, limits.text_bytes);
    check(cases, (Mode::Clearml, CLIENTS), &includer, CLIENTS_OTHERWISE);
}

/// Fails when a case gives something else than expected and is not listed, or is listed and does not.
fn check(cases: &[Case], (mode, by): (Mode, &str), includer: &dyn Includer, misses: &[Miss]) {
    let mut wrong = Vec::new();
    for Case { id, expected, .. } in cases {
        assert!(!expected.is_empty(), "{id} expects nothing");
    }
    for case in cases {
        let Some(expected) = case.expected.get(by) else { continue };
        let got = case.run(mode, includer);
        let holds = match (&got, expected) {
            (Ok(got), Some(expected)) => is_same(got, expected, mode),
            (Err(_), None) => true,
            _ => false,
        };
        match (holds, misses.iter().find(|(id, _)| *id == case.id)) {
            (false, None) => {
                let got = got.map_or_else(|faults| format!("{faults:?}"), |got| got.to_string());
                wrong.push(format!("{}: {expected:?} is expected, but: {got}", case.id));
            }
            (true, Some((id, why))) => wrong.push(format!("{id} holds, though listed: {why}")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Whether two trees are equal. The reference writes `1.0` as 1, so that only the clients' values
/// tell whole numbers from others.
fn is_same(one: &Json, other: &Json, mode: Mode) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => {
            let is_equal = one.as_f64() == other.as_f64();
            is_equal && (mode == Mode::Hocon || one.is_f64() == other.is_f64())
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other, mode))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, one)| other.get(key).is_some_and(|other| is_same(one, other, mode)))
        }
        _ => one == other,
    }
}

/// Includes documents by one another, as they lay in their repository.
struct Documents(BTreeMap<PathBuf, String>);

impl Includer for Documents {
    fn include(&self, request: &IncludeRequest<'_>) -> Result<Vec<IncludedText>, IncludeError> {
        let SourceName::File(from) = request.from else { return Err(IncludeError::Missing) };
        let path = from.with_file_name(request.target);
        let text = self.0.get(&path).ok_or(IncludeError::Missing)?;
        let name = SourceName::File(path);
        Ok(vec![IncludedText { name, format: Format::Hocon, text: text.as_str().into() }])
    }
}
