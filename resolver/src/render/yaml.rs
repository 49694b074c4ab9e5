//! YAML that a 1.1 reader such as `PyYAML` reads back to the same tree.

use super::{json, shown, shown_value};
use crate::value::Value;

/// Writes a value in block style.
pub(super) fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(object) if !object.is_empty() => block(value, 0, text),
        Value::Array(values) if !values.is_empty() => block(value, 0, text),
        other => scalar(other, text),
    }
}

/// Writes the lines of an object or list that is not empty.
fn block(value: &Value, level: usize, text: &mut String) {
    match value {
        Value::Object(object) => {
            for (key, child) in shown(object) {
                indent(level, text);
                plain_or_quoted(key, text);
                text.push(':');
                after_mark(&child, level, text);
            }
        }
        Value::Array(values) => {
            for item in values.iter() {
                indent(level, text);
                text.push('-');
                match shown_value(item) {
                    Some(child) => after_mark(&child, level, text),
                    None => text.push_str(" null\n"),
                }
            }
        }
        other => scalar(other, text),
    }
}

fn after_mark(child: &Value, level: usize, text: &mut String) {
    let is_block = match child {
        Value::Object(object) => shown(object).next().is_some(),
        Value::Array(values) => !values.is_empty(),
        _ => false,
    };
    if is_block {
        text.push('\n');
        block(child, level + 1, text);
    } else {
        text.push(' ');
        scalar(child, text);
        text.push('\n');
    }
}

fn scalar(value: &Value, text: &mut String) {
    match value {
        Value::String(string) => plain_or_quoted(string, text),
        Value::Number(number) => {
            let canonical = number.canonical();
            // `1e+16` is a string to YAML 1.1: its floats have a point.
            match canonical.split_once('e') {
                Some((mantissa, exponent)) if !mantissa.contains('.') => {
                    text.extend([mantissa, ".0e", exponent]);
                }
                _ => text.push_str(&canonical),
            }
        }
        Value::Object(_) => text.push_str("{}"),
        Value::Array(_) => text.push_str("[]"),
        other => json::write(other, text),
    }
}

/// Writes a word plainly where no reader takes it for anything else, quoted otherwise.
fn plain_or_quoted(word: &str, text: &mut String) {
    const OTHER_THINGS: [&str; 10] =
        ["y", "yes", "n", "no", "true", "false", "on", "off", "null", "none"];
    let mut bytes = word.bytes();
    let plain = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/'))
        && !OTHER_THINGS.iter().any(|other| word.eq_ignore_ascii_case(other));
    if plain { text.push_str(word) } else { json::write_string(word, text) }
}

fn indent(level: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', 2 * level));
}
