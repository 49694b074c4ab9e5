//! JSON (RFC 8259).

use std::fmt::Write as _;

use super::{open, shown, shown_value};
use crate::value::Value;

/// Writes a value on one line.
pub(super) fn write(value: &Value, text: &mut String) {
    Writer { text, indent: None }.value(value, 0);
}

/// Writes a value with two blanks a level, as Python's `json.dumps(…, indent=2)`.
pub(super) fn write_pretty(value: &Value, text: &mut String) {
    Writer { text, indent: Some(2) }.value(value, 0);
}

/// Writes a string with its quotes.
pub(super) fn write_string(string: &str, text: &mut String) {
    text.push('"');
    let mut rest = string;
    while let Some(at) = rest.bytes().position(needs_escape) {
        let (plain, special) = rest.split_at(at);
        text.push_str(plain);
        let mut characters = special.chars();
        match characters.next() {
            Some('"') => text.push_str("\\\""),
            Some('\\') => text.push_str("\\\\"),
            Some('\n') => text.push_str("\\n"),
            Some('\r') => text.push_str("\\r"),
            Some('\t') => text.push_str("\\t"),
            Some(other) => {
                write!(text, "\\u{:04x}", u32::from(other))
                    .expect("writing to a `String` cannot fail");
            }
            None => {}
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text.push('"');
}

fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

struct Writer<'t> {
    text: &'t mut String,
    indent: Option<usize>,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, level: usize) {
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(true) => self.text.push_str("true"),
            Value::Bool(false) => self.text.push_str("false"),
            Value::Number(number) => self.text.push_str(&number.canonical()),
            Value::String(string) => write_string(string, self.text),
            Value::Array(values) => {
                let mut items = values.iter().map(|item| (None, shown_value(item)));
                self.sequence(['[', ']'], &mut items, level);
            }
            Value::Object(object) => {
                let mut items = shown(object).map(|(key, child)| (Some(key), Some(child)));
                self.sequence(['{', '}'], &mut items, level);
            }
            Value::Open(_) => match open::without_environment(value) {
                Some(closed) => self.value(&closed, level),
                None => self.text.push_str("null"),
            },
        }
    }

    fn sequence<'v>(
        &mut self,
        [opening, closing]: [char; 2],
        items: &mut dyn Iterator<Item = (Option<&'v str>, Option<std::borrow::Cow<'v, Value>>)>,
        level: usize,
    ) {
        self.text.push(opening);
        let mut empty = true;
        for (key, child) in items {
            if !std::mem::replace(&mut empty, false) {
                self.text.push(',');
            }
            self.new_line(level + 1);
            if let Some(key) = key {
                write_string(key, self.text);
                self.text.push_str(if self.indent.is_some() { ": " } else { ":" });
            }
            match child {
                Some(child) => self.value(&child, level + 1),
                None => self.text.push_str("null"),
            }
        }
        if !empty {
            self.new_line(level);
        }
        self.text.push(closing);
    }

    fn new_line(&mut self, level: usize) {
        if let Some(width) = self.indent {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n(' ', width * level));
        }
    }
}
