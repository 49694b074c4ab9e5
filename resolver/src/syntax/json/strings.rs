//! Strings of JSON and JSON5.

use lean_string::LeanStr;

use super::{
    grammar::{Grammar, Liberty},
    scanner::{Scanner, Stop},
};
use crate::{diagnostic::Diagnostic, syntax::plain_run::plain_length};

impl Scanner<'_, '_, '_> {
    /// Reads a string that opens here, with `"` or `'`.
    pub(super) fn take_string(&mut self, quote: u8) -> Result<LeanStr, Stop> {
        let open = self.at;
        self.at += 1;
        self.skip_plain(quote);
        if self.peek() == Some(quote) {
            let string = LeanStr::from(self.since(open + 1));
            self.at += 1;
            return Ok(string);
        }
        self.take_escaped_string(open, quote)
    }

    /// Skips to the next byte of a string that means something: its quote, a backslash, a control
    /// character, or the end of the text.
    fn skip_plain(&mut self, quote: u8) {
        self.at += plain_length(self.rest().as_bytes(), quote);
    }

    fn take_escaped_string(&mut self, open: usize, quote: u8) -> Result<LeanStr, Stop> {
        let mut string = String::from(self.since(open + 1));
        let mut has_control = false;
        loop {
            match self.peek() {
                Some(byte) if byte == quote => {
                    self.at += 1;
                    return Ok(string.into());
                }
                Some(b'\\') => self.take_escape(&mut string)?,
                Some(b'\n' | b'\r') => return Err(self.broken_line(open)?),
                Some(control) => {
                    if !has_control {
                        self.report_control()?;
                    }
                    has_control = true;
                    string.push(char::from(control));
                    self.at += 1;
                }
                None => return Err(self.unclosed_string(open)?),
            }
            let start = self.at;
            self.skip_plain(quote);
            string.push_str(self.since(start));
        }
    }

    /// Reads an escape, from its backslash on, and adds what it stands for.
    fn take_escape(&mut self, string: &mut String) -> Result<(), Stop> {
        let start = self.at;
        self.at += 1;
        let Some(escaped) = self.peek_character() else { return Ok(()) };
        self.at += escaped.len_utf8();
        let plain = match escaped {
            '"' | '\\' | '/' => escaped,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => self.take_code_point(start)?,
            _ => return self.take_escape_of_json5(start, escaped, string),
        };
        string.push(plain);
        Ok(())
    }

    #[cold]
    fn take_escape_of_json5(
        &mut self,
        start: usize,
        escaped: char,
        string: &mut String,
    ) -> Result<(), Stop> {
        if matches!(escaped, '\n' | '\r' | '\u{2028}' | '\u{2029}') {
            self.take_liberty(Liberty::ContinuedLine, self.origin_between(start, start + 1))?;
            if escaped == '\r' && self.peek() == Some(b'\n') {
                self.at += 1;
            }
            return Ok(());
        }
        let plain = match escaped {
            'v' => '\u{b}',
            '0' if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) => '\0',
            'x' => match self.take_hex_digits(2) {
                Some(code) => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                None => return self.report_escape(start),
            },
            '0'..='9' => return self.report_escape(start),
            other => other,
        };
        self.take_liberty(Liberty::Escape, self.origin(start))?;
        string.push(plain);
        Ok(())
    }

    fn report_escape(&mut self, start: usize) -> Result<(), Stop> {
        let (code, message, help) = match self.grammar {
            Grammar::Json => Liberty::Escape.refusal(),
            Grammar::Json5 => (
                "json-unknown-escape",
                "JSON5 knows no such escape",
                r"write `\xXX` or `\uXXXX` with hexadecimal digits, or `\\` for a backslash",
            ),
        };
        self.report(Diagnostic::error(code, message, self.origin(start)).with_help(help))
    }

    /// Reads what follows a `\u`: four digits, or twelve characters where a pair of surrogates
    /// stands for one code point.
    ///
    /// A surrogate without its other half is no character; the replacement character stands in,
    /// as where other readers decode such a text.
    pub(super) fn take_code_point(&mut self, start: usize) -> Result<char, Stop> {
        let Some(first) = self.take_hex_digits(4) else {
            self.report(
                Diagnostic::error(
                    "json-bad-unicode-escape",
                    r"four hexadecimal digits have to follow `\u`",
                    self.origin(start),
                )
                .with_help(r"write them, or `\\u` for a backslash and a `u`"),
            )?;
            return Ok(char::REPLACEMENT_CHARACTER);
        };
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let second_start = self.at;
        if first < 0xdc00 && self.rest().starts_with(r"\u") {
            self.at += 2;
            match self.take_hex_digits(4) {
                Some(second @ 0xdc00..=0xdfff) => {
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                _ => self.at = second_start,
            }
        }
        let message = "half of a surrogate pair is no character, U+FFFD stands for it";
        self.report(
            Diagnostic::warning("json-lone-surrogate", message, self.origin(start))
                .with_help(r"write both halves, as in `\ud83d\ude00`, or the character itself"),
        )?;
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn take_hex_digits(&mut self, count: usize) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += count;
        u32::from_str_radix(digits, 16).ok()
    }

    fn report_control(&mut self) -> Result<(), Stop> {
        if self.grammar == Grammar::Json5 {
            return Ok(());
        }
        self.report(
            Diagnostic::error(
                "json-control-character",
                "a string cannot hold a control character as it is",
                self.origin_here(),
            )
            .with_help(r"write a tab as `\t`, others as `\u` and four digits"),
        )
    }

    fn broken_line(&mut self, open: usize) -> Result<Stop, Stop> {
        let message = "a string has to end on its line";
        let origin = self.origin_between(self.at, self.at);
        self.report(
            Diagnostic::error("json-newline-in-string", message, origin)
                .with_related(self.origin_between(open, open + 1), "it begins here")
                .with_help(r"close it with its quote, or write the line break as `\n`"),
        )?;
        Ok(Stop)
    }

    fn unclosed_string(&mut self, open: usize) -> Result<Stop, Stop> {
        let message = "this string is never closed";
        let origin = self.origin_between(open, open + 1);
        self.report(
            Diagnostic::error("json-unclosed-string", message, origin)
                .with_help("close it with its quote"),
        )?;
        Ok(Stop)
    }
}
