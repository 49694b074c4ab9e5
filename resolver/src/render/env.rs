//! Shell assignments, one a leaf.

use super::{json, shown};
use crate::value::Value;

/// Writes `NAME='value'` lines; nothing for a value without keys.
pub(super) fn write(value: &Value, text: &mut String) {
    lines(value, &mut Vec::new(), text);
}

fn lines(value: &Value, keys: &mut Vec<String>, text: &mut String) {
    if let Value::Object(object) = value {
        for (key, child) in shown(object) {
            keys.push(key.to_owned());
            lines(&child, keys, text);
            keys.pop();
        }
        return;
    }
    if keys.is_empty() {
        return;
    }
    text.push_str(&name(keys));
    text.push('=');
    quoted(&as_text(value), text);
    text.push('\n');
}

fn name(keys: &[String]) -> String {
    let joined = match keys {
        [single] => single.clone(),
        several => several.join("__").to_uppercase(),
    };
    let mut name: String =
        joined.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(string) => string.to_string(),
        Value::Null => String::new(),
        other => {
            let mut text = String::new();
            json::write(other, &mut text);
            text
        }
    }
}

/// Quotes for a POSIX shell: everything stands for itself but the quote.
fn quoted(value: &str, text: &mut String) {
    text.push('\'');
    text.push_str(&value.replace('\'', r"'\''"));
    text.push('\'');
}
