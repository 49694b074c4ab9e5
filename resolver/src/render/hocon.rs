//! HOCON, spelled so that the stock clients' parser reads back the same tree.
//!
//! That parser (`pyhocon` as `clearml` 2.1.12 vendors it) decodes only `\n \r \t \" \\` in quoted
//! strings, turns raw tabs into blanks, and takes `10m` at the end of a text for a time span:
//! every string is therefore quoted, with just those escapes.

use super::open::spelled;
use crate::{
    object::Object,
    value::{Open, Spanned, Value},
};

/// Bytes of a list or an object that stands on one line.
const LINE: usize = 80;

/// Writes a value; the keys of an object without braces around them.
pub(super) fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(object) => fields(object, 0, text),
        other => write_value(other, 0, text),
    }
}

fn fields(object: &Object, level: usize, text: &mut String) {
    for (key, child) in object {
        match &child.value {
            Value::Open(open) => match &**open {
                Open::Stack(layers) => {
                    for layer in layers {
                        field(key, layer, level, text);
                    }
                }
                _ => field(key, child, level, text),
            },
            _ => field(key, child, level, text),
        }
    }
}

fn field(key: &str, child: &Spanned, level: usize, text: &mut String) {
    indent(level, text);
    write_key(key, text);
    match &child.value {
        Value::Object(_) => text.push(' '),
        _ => text.push_str(": "),
    }
    write_value(&child.value, level, text);
    text.push('\n');
}

fn write_value(value: &Value, level: usize, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number.canonical()),
        Value::String(string) => write_string(string, text),
        Value::Array(_) if write_in_line(value, text) => {}
        Value::Array(values) => list(values, level, text),
        Value::Object(object) if object.is_empty() => text.push_str("{}"),
        Value::Object(_) if write_in_line(value, text) => {}
        Value::Object(object) => {
            text.push_str("{\n");
            fields(object, level + 1, text);
            indent(level, text);
            text.push('}');
        }
        Value::Open(open) => write_open(open, level, text),
    }
}

fn list(values: &[Spanned], level: usize, text: &mut String) {
    let plain = values.iter().all(|item| !matches!(item.value, Value::Object(_) | Value::Array(_)));
    if plain {
        text.push('[');
        for (index, item) in values.iter().enumerate() {
            text.push_str(if index == 0 { "" } else { ", " });
            write_value(&item.value, level, text);
        }
        text.push(']');
        return;
    }
    text.push_str("[\n");
    for (index, item) in values.iter().enumerate() {
        indent(level + 1, text);
        write_value(&item.value, level + 1, text);
        text.push_str(if index + 1 < values.len() { ",\n" } else { "\n" });
    }
    indent(level, text);
    text.push(']');
}

/// Writes a value on one line if it is short and closed; returns whether it did.
///
/// The clients' parser takes a sixth less time for it than for a line a key.
fn write_in_line(value: &Value, text: &mut String) -> bool {
    let start = text.len();
    let fits = put_in_line(value, start + LINE, text);
    if !fits {
        text.truncate(start);
    }
    fits
}

/// Appends a value without a line break; `false` as soon as the text is longer than `end`, or
/// something in it is open. Recurses as deep as a line is long.
fn put_in_line(value: &Value, end: usize, text: &mut String) -> bool {
    let fits = match value {
        Value::Open(_) => false,
        Value::String(string) if string.len() > LINE => false,
        Value::Array(values) => {
            text.push('[');
            let all = values.iter().enumerate().all(|(index, item)| {
                text.push_str(if index == 0 { "" } else { ", " });
                put_in_line(&item.value, end, text)
            });
            text.push(']');
            all
        }
        Value::Object(object) if !object.is_empty() => {
            text.push_str("{ ");
            let all = object.iter().enumerate().all(|(index, (key, child))| {
                if key.len() > LINE {
                    return false;
                }
                text.push_str(if index == 0 { "" } else { ", " });
                write_key(key, text);
                text.push_str(": ");
                put_in_line(&child.value, end, text)
            });
            text.push_str(" }");
            all
        }
        scalar => {
            write_value(scalar, 0, text);
            true
        }
    };
    fits && text.len() <= end
}

fn write_open(open: &Open, level: usize, text: &mut String) {
    match open {
        Open::Reference(reference) => text.push_str(&spelled(reference)),
        Open::Concat(pieces) => {
            for piece in pieces {
                // Blanks are part of the string: between quotes they survive every parser.
                if !piece.space.is_empty() && !text.ends_with(": ") {
                    write_string(&piece.space, text);
                }
                write_value(&piece.value.value, level, text);
            }
        }
        // In a list there is nothing below to fall back on: the topmost layer is the value.
        Open::Stack(layers) => {
            if let Some(top) = layers.last() {
                write_value(&top.value, level, text);
            }
        }
    }
}

fn write_key(key: &str, text: &mut String) {
    let plain = !key.is_empty()
        && key != "include"
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        && key.bytes().any(|byte| !byte.is_ascii_digit() && byte != b'-');
    if plain { text.push_str(key) } else { write_quoted_key(key, text) }
}

/// Writes a key in quotes, in which the clients keep backslashes as they are typed.
///
/// No spelling of theirs holds a key with a tab or a line break in it, or with an odd number of
/// backslashes before a quote or at its end.
fn write_quoted_key(key: &str, text: &mut String) {
    text.push('"');
    for character in key.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            other => text.push(other),
        }
    }
    text.push('"');
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            other => text.push(other),
        }
    }
    text.push('"');
}

fn indent(level: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', 2 * level));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backslashes_of_keys_stay_as_the_clients_read_them() {
        for (key, spelled) in [
            ("plain", "plain"),
            ("a.b", "\"a.b\""),
            (r"c:\d", r#""c:\d""#),
            (r#"q"k"#, r#""q\"k""#),
            ("", "\"\""),
            ("1", "\"1\""),
        ] {
            let mut text = String::new();
            write_key(key, &mut text);
            assert_eq!(text, spelled);
        }
    }
}
