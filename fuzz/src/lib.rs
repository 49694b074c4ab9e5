//! What every fuzz target holds a text to.
//!
//! Whatever a text is, it gives an answer or an error with a place, and what spells the answer is
//! read back as the same answer.

mod choices;
mod hocon_text;
mod layers;
mod reference_text;

use std::sync::Arc;

use resolver::{
    Build, Context, Diagnostic, Environment, Format, KeyPath, Layer, Limits, Mode, Precedence,
    Redactor, RefuseIncludes, Reveal, Snapshot, SourceId, SourceIds, SourceName, SourceText,
    Spelling, Value, Variable, merge, parse_alone, render,
};

pub use choices::Choices;
pub use hocon_text::{References, hocon_text};
pub use layers::merge_layers;
pub use reference_text::reference_text;

/// Takes a text through every stage; panics where one of them breaks its word.
pub fn resolve(format: Format, mode: Mode, text: &str) {
    let text = source_text(format, text);
    let context =
        Context { mode, environment: &OneVariable, includer: &RefuseIncludes, limits: limits() };
    let build = Layer::build(
        Precedence::Vault,
        text.clone(),
        &KeyPath::root(),
        &context,
        &mut SourceIds::default(),
    );
    check_findings(&build, &text);
    let Some(layer) = build.layer else { return };
    let (snapshot, findings) = merge(&[layer], &context);
    if findings.iter().any(Diagnostic::is_error) || !snapshot.unresolved().is_empty() {
        spell(&snapshot, Spelling::Json);
        return;
    }
    for (spelling, format) in [
        (Spelling::Json, Format::Json),
        (Spelling::PrettyJson, Format::Json5),
        (Spelling::Yaml, Format::Yaml),
        (Spelling::Hocon, Format::Hocon),
    ] {
        check_round_trip(&snapshot, spelling, format);
    }
    spell(&snapshot, Spelling::Env);
    spell(&snapshot, Spelling::Raw);
}

/// Holds our reading of a JSON text to that of `serde_json`.
pub fn compare_with_serde_json(text: &str) {
    let theirs = serde_json::from_str::<serde_json::Value>(text);
    let (root, findings) = parse_alone(&source_text(Format::Json, text), Mode::Clearml, &limits());
    let error = findings.iter().find(|finding| finding.is_error());
    match (theirs, error) {
        (Ok(theirs), None) => {
            let root = root.expect("a text without an error has a root");
            // Objects of a repeated key join here, as with the stock clients.
            if !findings.iter().any(|finding| finding.code == "json-repeated-key") {
                assert!(is_same(&root.value, &theirs), "another value");
            }
        }
        (Ok(_), Some(error)) => {
            let is_limit = matches!(error.code, "json-too-deep" | "json-too-many-values");
            assert!(is_limit || error.code == "text-too-large", "refused: {}", error.code);
        }
        (Err(theirs), None) => {
            // Blank texts, two blanks beyond ASCII, lone surrogates and numbers of any size are
            // read here.
            let is_deliberate = text.contains(['\u{feff}', '\u{a0}'])
                || text.trim().is_empty()
                || findings.iter().any(|finding| finding.code == "json-lone-surrogate")
                || theirs.to_string().contains("number out of range")
                || theirs.to_string().contains("recursion limit");
            assert!(is_deliberate, "accepted: {theirs}");
        }
        (Err(_), Some(_)) => {}
    }
}

/// An environment in which every other variable is set.
struct OneVariable;

impl Environment for OneVariable {
    fn variable(&self, name: &str) -> Variable {
        match name.len() % 3 {
            0 => Variable::Set(name.to_lowercase()),
            1 => Variable::Unset,
            _ => Variable::Unknown,
        }
    }
}

/// Smaller than the usual ones, so that a short text can reach them.
fn limits() -> Limits {
    Limits { nodes: 20_000, output_bytes: 1 << 20, substitutions: 10_000, ..Limits::default() }
}

fn source_text(format: Format, text: &str) -> SourceText {
    SourceText {
        id: SourceId(0),
        name: SourceName::Text("fuzzed".into()),
        format,
        text: Arc::from(text),
    }
}

fn check_findings(build: &Build, text: &SourceText) {
    for finding in &build.diagnostics {
        for origin in finding.origin.iter().chain(finding.related.iter().map(|(origin, _)| origin))
        {
            assert!(origin.start <= origin.end, "{finding:?}");
            assert!(
                text.text.get(origin.start as usize..origin.end as usize).is_some(),
                "{finding:?}"
            );
        }
    }
    let has_error = build.diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(build.layer.is_none(), has_error, "a text is refused if it has an error");
}

fn check_round_trip(snapshot: &Snapshot, spelling: Spelling, format: Format) {
    let first = snapshot.get(&KeyPath::root()).expect("the root is always there");
    if spelling == Spelling::Hocon && !fits_clients(first) {
        return;
    }
    let spelled = spell(snapshot, spelling);
    let depth = Limits::TREE_DEPTH_CEILING;
    let limits = Limits { depth, tree_depth: depth, ..Limits::default() };
    let text = source_text(format, &spelled);
    let (root, findings) = parse_alone(&text, Mode::Clearml, &limits);
    assert!(
        !findings.iter().any(Diagnostic::is_error),
        "{spelling:?} is broken: {findings:?}\n{spelled}"
    );
    let root = root.expect("a text without an error has a root");
    assert!(is_equal(first, &root.value), "{spelling:?} reads back otherwise:\n{spelled}");
}

fn spell(snapshot: &Snapshot, spelling: Spelling) -> String {
    let reveal = Some(Reveal::grant("a fuzzed text has no secrets"));
    let view = Redactor::for_snapshot(snapshot).view(snapshot, &KeyPath::root(), reveal);
    render(&view.expect("the root is always there"), spelling)
}

/// Whether the clients' HOCON has a spelling for a value: no list holds an empty string, which they
/// drop, and no key a tab, a line break, or an odd number of backslashes before a quote or at its end.
fn fits_clients(value: &Value) -> bool {
    match value {
        Value::Array(values) => {
            values.iter().all(|item| item.value.as_str() != Some("") && fits_clients(&item.value))
        }
        Value::Object(object) => object.iter().all(|(key, value)| {
            let odd_backslashes = |text: &str| {
                let backslashes = text.len() - text.trim_end_matches('\\').len();
                backslashes % 2 == 1
            };
            !key.contains(['\t', '\n', '\r'])
                && !key.split('"').any(odd_backslashes)
                && fits_clients(&value.value)
        }),
        _ => true,
    }
}

/// Whether two values are equal; numbers too large for a float are, whatever their digits.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64().is_infinite() && one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other.iter())
                    .all(|(one, other)| is_equal(&one.value, &other.value))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| {
                    other.get(key).is_some_and(|other| is_equal(&one.value, &other.value))
                })
        }
        _ => one == other,
    }
}

fn is_same(ours: &Value, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
        (Value::Number(ours), serde_json::Value::Number(theirs)) => {
            Some(ours.as_f64()) == theirs.as_f64()
        }
        (Value::String(ours), serde_json::Value::String(theirs)) => ours == theirs,
        (Value::Array(ours), serde_json::Value::Array(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().zip(theirs).all(|(ours, theirs)| is_same(&ours.value, theirs))
        }
        (Value::Object(ours), serde_json::Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(key, ours)| {
                    theirs.get(key.as_str()).is_some_and(|theirs| is_same(&ours.value, theirs))
                })
        }
        _ => false,
    }
}
