//! YAML that a 1.1 reader such as `PyYAML` reads back to the same tree.

use std::fmt::Write as _;

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
                mark_of_key(key, level, text);
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

/// Writes a key and its colon. A long key needs a `?` before it and a line of its own.
fn mark_of_key(key: &str, level: usize, text: &mut String) {
    /// Bytes of a key that every reader takes for one: YAML's bound is 1024 characters, quotes
    /// and escapes counted, of which one byte may need six.
    const MAX_SHORT_KEY: usize = 128;
    let is_long = key.len() > MAX_SHORT_KEY;
    if is_long {
        text.push_str("? ");
    }
    plain_or_quoted(key, text);
    if is_long {
        text.push('\n');
        indent(level, text);
    }
    text.push(':');
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
        Value::Number(number) => float_or_integer(&number.canonical(), text),
        Value::Object(_) => text.push_str("{}"),
        Value::Array(_) => text.push_str("[]"),
        other => json::write(other, text),
    }
}

/// Writes a number so that YAML 1.1 takes it for one: its floats have a point, and a sign before
/// their exponent.
fn float_or_integer(canonical: &str, text: &mut String) {
    let Some((mantissa, exponent)) = canonical.split_once(['e', 'E']) else {
        text.push_str(canonical);
        return;
    };
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) { "" } else { "+" };
    text.extend([mantissa, point, "e", sign, exponent]);
}

/// Writes a word plainly where no reader takes it for anything else, quoted otherwise.
fn plain_or_quoted(word: &str, text: &mut String) {
    const OTHER_THINGS: [&str; 10] =
        ["y", "yes", "n", "no", "true", "false", "on", "off", "null", "none"];
    let mut bytes = word.bytes();
    let plain = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/'))
        && !OTHER_THINGS.iter().any(|other| word.eq_ignore_ascii_case(other));
    if plain { text.push_str(word) } else { quoted(word, text) }
}

/// Writes a string in double quotes. Beyond JSON's escapes it has those for what YAML 1.1 cannot
/// hold as it is, or takes for a line break or a byte order mark.
fn quoted(word: &str, text: &mut String) {
    let start = text.len();
    json::write_string(word, text);
    if !word.contains(is_special) {
        return;
    }
    let json = text.split_off(start);
    for character in json.chars() {
        if is_special(character) {
            write!(text, "\\u{:04x}", u32::from(character)).expect("a `String` takes all");
        } else {
            text.push(character);
        }
    }
}

fn is_special(character: char) -> bool {
    matches!(
        character,
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

fn indent(level: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', 2 * level));
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::{number::Number, object::Object, origin::Origin};

    #[test]
    fn writes_what_yaml_1_1_reads_back() {
        let mut object = Object::new();
        for (key, value) in [
            ("plain", Value::from("word")),
            ("control", "\u{7f}\u{85}\u{2028}\u{feff}\u{0}é".into()),
            ("yes", "no".into()),
            ("float", Value::Number(Number::parse("1e400").unwrap())),
            ("small", Value::Number(Number::parse("1e-7").unwrap())),
            (&"k".repeat(129), Value::Null),
        ] {
            object.insert(key.into(), value.spanned(Origin::default()));
        }
        let mut text = String::new();
        write(&Value::object(object), &mut text);
        expect![[r#"
            plain: word
            control: "\u007f\u0085\u2028\ufeff\u0000é"
            "yes": "no"
            float: 1.0e+400
            small: 1.0e-07
            ? <long>
            : null
        "#]]
        .assert_eq(&text.replace(&"k".repeat(129), "<long>"));
    }
}
