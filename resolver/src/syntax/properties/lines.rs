//! The lines of Java properties: a key and a value each, escapes decoded.

use crate::{
    diagnostic::Diagnostic,
    document::Reading,
    origin::{Origin, SourceId, SourceText},
    value::{Spanned, Value},
};

/// A key with its value, dots in the key not yet told apart.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_origin: Origin,
    pub(super) value: Spanned,
}

/// A text and how much of it is read (`java.util.Properties.load`, as of Java 21).
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    source: SourceId,
}

/// What stands next on a line that may go on behind a backslash.
enum Next {
    Plain(char),
    /// A character that an escape stands for; it ends no key.
    Escaped(char),
    End,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t SourceText) -> Self {
        Self { text: &text.text, at: 0, source: text.id }
    }

    /// Returns the place of the whole text.
    pub(super) fn whole(&self) -> Origin {
        self.origin(0, self.text.len())
    }

    /// Reads the next entry; nothing at the end of the text.
    pub(super) fn next_entry(&mut self, reading: &mut Reading<'_>) -> Option<Entry> {
        let (key_start, key, key_end, separator) = loop {
            self.skip_to_entry();
            self.peek()?;
            let key_start = self.at;
            let (key, key_end, separator) = self.take_key(reading);
            // Of a blank line with a backslash at its end nothing is left.
            if separator.is_some() || !key.is_empty() {
                break (key_start, key, key_end, separator);
            }
        };
        self.skip_separator(separator);
        let start = self.at;
        let value = self.take_value(reading);
        let value = Value::from(value.as_str()).spanned(self.origin(start, self.at));
        Some(Entry { key, key_origin: self.origin(key_start, key_end), value })
    }

    /// Skips blank lines, comment lines, and the blanks before an entry.
    fn skip_to_entry(&mut self) {
        while let Some(character) = self.peek() {
            match character {
                ' ' | '\t' | '\u{c}' | '\n' | '\r' | '\u{feff}' => self.at += character.len_utf8(),
                '#' | '!' => {
                    let rest = self.rest();
                    self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// Reads a key; returns it, where it ends, and the character that ended it.
    fn take_key(&mut self, reading: &mut Reading<'_>) -> (String, usize, Option<char>) {
        let mut key = String::new();
        loop {
            let end = self.at;
            match self.take(reading) {
                Next::Plain(c @ ('=' | ':' | ' ' | '\t' | '\u{c}')) => return (key, end, Some(c)),
                Next::Plain(character) | Next::Escaped(character) => key.push(character),
                Next::End => return (key, end, None),
            }
        }
    }

    /// Skips the blanks between key and value, and the one `=` or `:` among them.
    fn skip_separator(&mut self, first: Option<char>) {
        self.skip_line_blanks();
        if let (Some(' ' | '\t' | '\u{c}'), Some('=' | ':')) = (first, self.peek()) {
            self.at += 1;
            self.skip_line_blanks();
        }
    }

    fn take_value(&mut self, reading: &mut Reading<'_>) -> String {
        let mut value = String::new();
        loop {
            match self.take(reading) {
                Next::Plain(character) | Next::Escaped(character) => value.push(character),
                Next::End => return value,
            }
        }
    }

    /// Takes the next character of the line; its end is left where it is.
    fn take(&mut self, reading: &mut Reading<'_>) -> Next {
        loop {
            match self.peek() {
                None | Some('\n' | '\r') => return Next::End,
                Some('\\') => {
                    if let Some(next) = self.take_escape(reading) {
                        return next;
                    }
                }
                Some(character) => {
                    self.at += character.len_utf8();
                    return Next::Plain(character);
                }
            }
        }
    }

    /// Takes an escape; nothing where the line goes on.
    fn take_escape(&mut self, reading: &mut Reading<'_>) -> Option<Next> {
        let start = self.at;
        self.at += 1;
        let escaped = self.peek()?;
        self.at += escaped.len_utf8();
        Some(Next::Escaped(match escaped {
            '\n' | '\r' => {
                if escaped == '\r' && self.peek() == Some('\n') {
                    self.at += 1;
                }
                self.skip_line_blanks();
                return None;
            }
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'u' => self.take_code_point(start, reading),
            other => other,
        }))
    }

    fn take_code_point(&mut self, start: usize, reading: &mut Reading<'_>) -> char {
        let Some(first) = self.take_hex_digits() else {
            let message = r"four hexadecimal digits have to follow `\u`";
            reading.report(
                Diagnostic::error("properties-bad-escape", message, self.origin(start, self.at))
                    .with_help(r"write them, or `\\u` for a backslash and a `u`"),
            );
            return char::REPLACEMENT_CHARACTER;
        };
        let before_second = self.at;
        if (0xd800..0xdc00).contains(&first) && self.rest().starts_with(r"\u") {
            self.at += 2;
            if let Some(second @ 0xdc00..=0xdfff) = self.take_hex_digits() {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
            self.at = before_second;
        }
        char::from_u32(first).unwrap_or_else(|| {
            let message = "half of a surrogate pair is no character, U+FFFD stands for it";
            let origin = self.origin(start, self.at);
            reading.report(
                Diagnostic::warning("properties-lone-surrogate", message, origin)
                    .with_help(r"write both halves, as in `\ud83d\ude00`"),
            );
            char::REPLACEMENT_CHARACTER
        })
    }

    fn take_hex_digits(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += digits.len();
        u32::from_str_radix(digits, 16).ok()
    }

    fn skip_line_blanks(&mut self) {
        while let Some(' ' | '\t' | '\u{c}') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn origin(&self, start: usize, end: usize) -> Origin {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Origin { source: self.source, start: offset(start), end: offset(end) }
    }
}
