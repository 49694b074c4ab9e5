//! One reference case: a HOCON text, or several over one another, with what each mode makes of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use resolver::{
    Context, Diagnostic, Environment, Format, Includer, KeyPath, Layer, Limits, Mode, Precedence,
    SourceIds, SourceName, SourceText, Value, Variable, merge, parse_alone,
};
use serde_json::Value as Json;
use tests::as_json;

/// The environment in which the expected values were made.
const ENVIRONMENT: [(&str, &str); 7] = [
    ("HOME", "/home/test"),
    ("PATH", "/usr/bin:/bin"),
    ("HC_STR", "envval"),
    ("HC_NUM", "42"),
    ("HC_EMPTY", ""),
    ("HC_LIST_0", "l0"),
    ("HC_LIST_1", "l1"),
];

/// A case, as its line has it.
pub(super) struct Case {
    pub(super) id: String,
    /// The texts, lowest first, each with the path it has.
    texts: Vec<(PathBuf, String)>,
    /// Whether the root is a list.
    is_list: bool,
    /// What a mode gives; `None` where it gives an error.
    pub(super) expected: BTreeMap<&'static str, Option<Json>>,
}

/// The mode whose values come from the Lightbend reference.
pub(super) const SPECIFICATION: &str = "hocon";
/// Marks the cases that say nothing about the other mode.
const SPECIFICATION_ALONE: &str = "specification";
/// The mode whose values come from the stock clients.
pub(super) const CLIENTS: &str = "clearml";

impl Case {
    /// Reads the cases of a file, one a line. A case that names a file of its own has it below
    /// `folder`.
    pub(super) fn read_all(lines: &Path, folder: &Path) -> Vec<Self> {
        let lines = fs::read_to_string(lines).unwrap();
        lines.lines().map(|line| Self::read(&serde_json::from_str(line).unwrap(), folder)).collect()
    }

    fn read(line: &Json, folder: &Path) -> Self {
        let text_of = |text: &Json| text.as_str().unwrap().to_owned();
        let texts = if let Some(layers) = line["layers"].as_array() {
            // The reference's `a.withFallback(b)`: the first one wins.
            layers.iter().rev().map(|text| (folder.join("layer.conf"), text_of(text))).collect()
        } else if let Some(file) = line["file"].as_str() {
            let path = folder.join(file);
            let text = fs::read_to_string(&path).unwrap();
            vec![(path, text)]
        } else {
            let name = line["from"].as_str().unwrap_or("input.conf");
            vec![(folder.join(name), text_of(&line["input"]))]
        };
        Self {
            id: text_of(&line["id"]),
            texts,
            is_list: line["root_array"] == true,
            expected: expected(line),
        }
    }

    /// Returns the case's own text, if it is a single one, with its path.
    pub(super) fn single_text(&self) -> Option<&(PathBuf, String)> {
        if let [text] = &self.texts[..] { Some(text) } else { None }
    }

    /// Returns what is made of it.
    ///
    /// # Errors
    /// What is wrong with its texts.
    pub(super) fn run(&self, mode: Mode, includer: &dyn Includer) -> Result<Json, Vec<Diagnostic>> {
        let context =
            Context { mode, environment: &ReferenceHost, includer, limits: Limits::default() };
        let mut ids = SourceIds::default();
        let mut layers = Vec::new();
        for (path, text) in &self.texts {
            let text = self.source_text(path, text, &context, &mut ids)?;
            let build = Layer::build(Precedence::File, text, &KeyPath::root(), &context, &mut ids);
            layers.push(build.layer.ok_or(build.diagnostics)?);
        }
        let (snapshot, diagnostics) = merge(&layers, &context);
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(diagnostics);
        }
        let root = Value::object(snapshot.root().clone());
        Ok(if self.is_list { as_json(&root)["root"].clone() } else { as_json(&root) })
    }

    /// Returns the text to build a layer of. A list, which is no layer, is checked by itself and
    /// then put below a key.
    fn source_text(
        &self,
        path: &Path,
        text: &str,
        context: &Context<'_>,
        ids: &mut SourceIds,
    ) -> Result<SourceText, Vec<Diagnostic>> {
        let text = SourceText {
            id: ids.next_id(),
            name: SourceName::File(path.to_owned()),
            format: Format::Hocon,
            text: text.into(),
        };
        if !self.is_list {
            return Ok(text);
        }
        let (_, diagnostics) = parse_alone(&text, context.mode, &context.limits);
        if diagnostics.iter().any(Diagnostic::is_error) {
            return Err(diagnostics);
        }
        Ok(SourceText { text: format!("root: {}", text.text).into(), ..text })
    }
}

/// Returns what each mode gives. What differs from run to run of the clients is expected of nobody.
fn expected(line: &Json) -> BTreeMap<&'static str, Option<Json>> {
    let value = |valid: &str, json: &str| (line[valid] == true).then(|| line[json].clone());
    let mut expected = BTreeMap::new();
    if line["src"] == SPECIFICATION_ALONE {
        expected.insert(SPECIFICATION, value("valid", "expected_json"));
        return expected;
    }
    if line["clearml_valid"].is_null() {
        expected.insert(CLIENTS, value("valid", "expected_json"));
        return expected;
    }
    expected.insert(SPECIFICATION, value("valid", "expected_json"));
    if line["clearml_unstable"] != true {
        expected.insert(CLIENTS, value("clearml_valid", "clearml_json"));
    }
    expected
}

struct ReferenceHost;

impl Environment for ReferenceHost {
    fn variable(&self, name: &str) -> Variable {
        let found = ENVIRONMENT.into_iter().find(|(known, _)| *known == name);
        found.map_or(Variable::Unset, |(_, text)| Variable::Set(text.into()))
    }
}
