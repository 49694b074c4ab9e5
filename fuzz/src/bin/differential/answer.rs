//! What comes of a text, in a form in which two readers can be compared.

use std::fmt;

use resolver::{
    Context, Diagnostic, Environment, Format, IncludeError, IncludeRequest, IncludedText, Includer,
    KeyPath, Layer, Limits, Mode, Precedence, SourceId, SourceIds, SourceName, SourceText, Value,
    Variable,
};
use serde_json::Value as Json;

use super::stock::VARIABLES;

/// What came of a text. Scalars but strings, truth values and `null` are objects that name their
/// kind in Python and their spelling there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Read(Json),
    /// An error, and its name.
    Refused(String),
    /// The reader ran out of time or stack.
    GaveUp,
}

/// The key that marks an object as a scalar.
const KIND: &str = "\0kind";

impl Answer {
    /// Returns what the Python process said.
    pub(super) fn of_stock(answer: Json) -> Self {
        match (answer.get("value"), answer.get("error")) {
            (Some(value), _) => Self::Read(value.clone()),
            (None, Some(error)) => Self::Refused(error.as_str().unwrap_or_default().to_owned()),
            (None, None) => Self::GaveUp,
        }
    }

    /// Whether the two say different things about a text; who gave up says nothing.
    pub(super) fn differs_from(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::GaveUp, _) | (_, Self::GaveUp) => false,
            (Self::Refused(_), Self::Refused(_)) => false,
            (one, other) => one != other,
        }
    }

    /// Whether a word is anywhere in it: a key, a text, or the name of a kind.
    pub(super) fn mentions(&self, word: &str) -> bool {
        matches!(self, Self::Read(value) if value.to_string().contains(word))
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(value) => write!(formatter, "{value}"),
            Self::Refused(error) => write!(formatter, "refused: {error}"),
            Self::GaveUp => formatter.write_str("gave up"),
        }
    }
}

/// Reads a text as this crate does, in mode `clearml`.
pub(super) fn ours(text: &str) -> Answer {
    let context = Context {
        mode: Mode::Clearml,
        environment: &FewVariables,
        includer: &NothingThere,
        limits: Limits::default(),
    };
    let source = SourceText {
        id: SourceId(0),
        name: SourceName::Text("random".into()),
        format: Format::Hocon,
        text: text.into(),
    };
    let root = KeyPath::root();
    let build = Layer::build(Precedence::File, source, &root, &context, &mut SourceIds::default());
    match build.layer {
        Some(layer) => Answer::Read(spelled(&Value::Object(layer.root().clone()))),
        None => {
            let error = build.diagnostics.iter().find(|finding| finding.is_error());
            Answer::Refused(error.map_or("", |error: &Diagnostic| error.code).to_owned())
        }
    }
}

fn spelled(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => {
            let kind = if number.is_integer() { "int" } else { "float" };
            let spelling = match number.as_f64() {
                _ if number.is_integer() => number.canonical().to_string(),
                f64::INFINITY => "inf".to_owned(),
                f64::NEG_INFINITY => "-inf".to_owned(),
                _ => number.canonical().to_string(),
            };
            serde_json::json!({ KIND: kind, "spelling": spelling })
        }
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(|item| spelled(&item.value)).collect(),
        Value::Object(object) => {
            let keys = object.iter().map(|(key, item)| (key.to_string(), spelled(&item.value)));
            Json::Object(keys.collect())
        }
        Value::Open(_) => serde_json::json!({ KIND: "open" }),
    }
}

struct FewVariables;

impl Environment for FewVariables {
    fn variable(&self, name: &str) -> Variable {
        let found = VARIABLES.iter().find(|(there, _)| *there == name);
        found.map_or(Variable::Unset, |(_, text)| Variable::Set((*text).to_owned()))
    }
}

struct NothingThere;

impl Includer for NothingThere {
    fn include(&self, _: &IncludeRequest<'_>) -> Result<Vec<IncludedText>, IncludeError> {
        Err(IncludeError::Missing)
    }
}
