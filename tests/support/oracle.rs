//! The oracle: merge cases that the stock clients worked out, and what is wanted of us for each.
//!
//! `tests/fixtures/oracle/CASE/` holds `base.conf`, `vaults.json`, perhaps `env.json` and an
//! included file, and `want.json`: a rule, and under `want` or `any` the trees that are right,
//! under `quarantined` the vaults that have to be named, or `error` where there is no answer.
//! Made by `clearml` 2.1.12 and `clearml-agent` 4.0.15rc0; where we differ on purpose, `want.json`
//! says so by its rule.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use resolver::{Format, Limits, Mode, Number, Value, parse_alone};
use tempfile::TempDir;

use crate::{sandbox::workspace_file, source_text};

/// One case, ready to be run.
pub struct Case {
    /// Its name, which says what it shows.
    pub name: String,
    /// The environment of whoever asks.
    pub environment: BTreeMap<String, String>,
    /// What is wanted.
    pub want: Want,
    folder: TempDir,
}

/// What is wanted.
pub enum Want {
    /// One of these trees, and these vaults named as quarantined.
    Tree {
        /// The trees that are right.
        any: Vec<Value>,
        /// Whether it is right, too, to set the vaults aside and answer with the file alone.
        or_dropped: bool,
        /// The ids of the vaults that must be named.
        quarantined: Vec<String>,
    },
    /// No answer: the file has an error.
    FileError,
}

/// What came of a case.
pub enum Got {
    /// A tree, and the vaults that were named as quarantined.
    Tree(Value, Vec<String>),
    /// No answer.
    FileError,
}

/// Returns all cases, in the order of their names.
///
/// # Panics
/// They are not where they should be, or are broken.
pub fn cases() -> Vec<Case> {
    let folder = workspace_file("tests/fixtures/oracle");
    let entries = fs::read_dir(folder).expect("the oracle's cases are in the repository");
    let mut folders: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    folders.sort();
    folders.iter().map(|folder| Case::read(folder)).collect()
}

impl Case {
    /// Returns the case of a name.
    ///
    /// # Panics
    /// There is none, or it is broken.
    pub fn named(name: &str) -> Self {
        Self::read(&workspace_file("tests/fixtures/oracle").join(name))
    }

    /// Returns a file of the case.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the ids of its vaults, in their order.
    ///
    /// # Panics
    /// Its vaults are no list.
    pub fn vault_ids(&self) -> Vec<String> {
        let text = fs::read_to_string(self.file("vaults.json")).expect("a case has vaults");
        let vaults = parse(&text);
        let vaults = vaults.as_array().expect("vaults are a list");
        vaults
            .iter()
            .filter_map(|vault| vault.value.as_object()?.get("id")?.value.as_str())
            .map(str::to_owned)
            .collect()
    }

    /// Reads a case and fills in the placeholder for its folder, in a copy.
    fn read(original: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        for entry in fs::read_dir(original).expect("a case is a folder") {
            let path = entry.expect("readable").path();
            let text = fs::read_to_string(&path).expect("a case is text");
            let text = text.replace("@@CASE@@", &folder.path().to_string_lossy());
            let name = path.file_name().expect("a file has a name");
            fs::write(folder.path().join(name), text).expect("our own folder can be written");
        }
        let environment = fs::read_to_string(folder.path().join("env.json"));
        let environment = environment.map_or_else(|_| BTreeMap::new(), |text| variables(&text));
        let want = fs::read_to_string(folder.path().join("want.json")).expect("a case has a want");
        let name = original.file_name().expect("a case has a name").to_string_lossy().into_owned();
        Self { name, environment, want: Want::read(&want), folder }
    }

    /// Returns what is wrong with what came of it. `file_alone` is the answer without vaults.
    pub fn fault(&self, got: &Got, file_alone: &Got) -> Option<String> {
        match (&self.want, got) {
            (Want::FileError | Want::Tree { or_dropped: true, .. }, Got::FileError) => None,
            (Want::FileError, Got::Tree(..)) => Some("there is an answer, none is wanted".into()),
            (Want::Tree { .. }, Got::FileError) => Some("there is no answer".into()),
            (Want::Tree { any, or_dropped, quarantined }, Got::Tree(tree, named)) => {
                let is_dropped = *or_dropped
                    && !named.is_empty()
                    && matches!(file_alone, Got::Tree(alone, _) if are_equal(tree, alone));
                let is_right = is_dropped || any.iter().any(|right| are_equal(tree, right));
                let unnamed = quarantined.iter().find(|id| !named.contains(id));
                match unnamed {
                    Some(id) => Some(format!("vault `{id}` is not named as quarantined")),
                    None if is_right => None,
                    None => Some(format!("the tree is {}", crate::as_json(tree))),
                }
            }
        }
    }
}

impl Want {
    fn read(text: &str) -> Self {
        let want = parse(text);
        let member = |name: &str| want.as_object().and_then(|want| want.get(name));
        if member("error").is_some() {
            return Self::FileError;
        }
        let mut any: Vec<Value> = member("any")
            .and_then(|any| any.value.as_array())
            .map(|any| any.iter().map(|tree| tree.value.clone()).collect())
            .unwrap_or_default();
        let count = any.len();
        any.retain(|tree| tree.as_object().is_none_or(|tree| tree.get("__dropped__").is_none()));
        let or_dropped = any.len() < count;
        any.extend(member("want").map(|tree| tree.value.clone()));
        assert!(!any.is_empty() || or_dropped, "a want wants something");
        let quarantined = member("quarantined")
            .and_then(|ids| ids.value.as_array())
            .map(|ids| ids.iter().filter_map(|id| id.value.as_str()).map(Into::into).collect());
        Self::Tree { any, or_dropped, quarantined: quarantined.unwrap_or_default() }
    }
}

/// Reads JSON with our own parser, which keeps numbers of any size.
///
/// # Panics
/// It is no JSON.
pub fn parse(text: &str) -> Value {
    let text = source_text(Format::Json, text);
    let (root, diagnostics) = parse_alone(&text, Mode::Clearml, &Limits::default());
    assert!(!diagnostics.iter().any(resolver::Diagnostic::is_error), "{diagnostics:?}");
    root.expect("a text without an error has a root").value
}

fn variables(text: &str) -> BTreeMap<String, String> {
    let object = parse(text);
    let object = object.as_object().expect("an environment is an object");
    let text = |value: &Value| value.as_str().expect("a variable is a text").to_owned();
    object.iter().map(|(name, value)| (name.to_string(), text(&value.value))).collect()
}

/// Whether two trees are equal as Python's `==` has it, but for booleans, which equal no number.
pub fn are_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => are_equal_numbers(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other.iter())
                    .all(|(one, other)| are_equal(&one.value, &other.value))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| {
                    other.get(key).is_some_and(|there| are_equal(&value.value, &there.value))
                })
        }
        _ => one == other,
    }
}

/// Integers are compared digit by digit, others as the doubles they are to Python.
#[expect(clippy::float_cmp, reason = "Python compares them so")]
fn are_equal_numbers(one: &Number, other: &Number) -> bool {
    if one.is_integer() && other.is_integer() {
        one.canonical() == other.canonical()
    } else {
        one.as_f64() == other.as_f64()
    }
}
