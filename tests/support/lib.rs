//! What the tests share.

pub mod etcd;
pub mod oracle;
pub mod sandbox;

use resolver::{Format, SourceId, SourceName, SourceText, Value};

/// Returns a text without a file of its own.
pub fn source_text(format: Format, text: &str) -> SourceText {
    SourceText {
        id: SourceId(0),
        name: SourceName::Text("sample".into()),
        format,
        text: text.into(),
    }
}

/// Returns a value as `serde_json` has it. An open one, which JSON has not, is a string that says
/// so, and a number that `serde_json` cannot hold is its spelling.
pub fn as_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => {
            let spelling = number.canonical();
            serde_json::from_str(&spelling).unwrap_or_else(|_| spelling.as_str().into())
        }
        Value::String(text) => text.as_str().into(),
        Value::Array(values) => values.iter().map(|value| as_json(&value.value)).collect(),
        Value::Object(object) => {
            let entries =
                object.iter().map(|(key, value)| (key.to_string(), as_json(&value.value)));
            serde_json::Value::Object(entries.collect())
        }
        Value::Open(_) => "<open>".into(),
    }
}
