//! Keys of JSON and JSON5 objects, with the colon after them.

use lean_string::LeanStr;

use super::{
    grammar::{Grammar, Liberty},
    scanner::{Scanner, Stop, is_word_byte},
};
use crate::diagnostic::Diagnostic;

impl Scanner<'_, '_, '_> {
    /// Reads a key and the colon after it, up to the value.
    pub(super) fn take_key(&mut self) -> Result<LeanStr, Stop> {
        let key = match self.peek() {
            Some(b'"') => self.take_string(b'"')?,
            Some(b'\'') => self.take_single_quoted()?,
            Some(byte) if is_word_byte(byte) || byte == b'\\' => self.take_bare_key()?,
            _ => return Err(self.no_key()?),
        };
        self.skip_blanks()?;
        if self.peek() == Some(b':') {
            self.at += 1;
            self.skip_blanks()?;
            return Ok(key);
        }
        // At the end of the text it is the brace that is missed, which the reader says.
        if self.peek().is_some() {
            self.report_missing_colon()?;
        }
        Ok(key)
    }

    /// Reads a string in single quotes.
    #[cold]
    pub(super) fn take_single_quoted(&mut self) -> Result<LeanStr, Stop> {
        let start = self.at;
        let string = self.take_string(b'\'')?;
        self.take_liberty(Liberty::SingleQuotes, self.origin(start))?;
        Ok(string)
    }

    /// Reads a key without quotes: in JSON5 it may be a name as ECMAScript 5.1 has them.
    #[cold]
    fn take_bare_key(&mut self) -> Result<LeanStr, Stop> {
        let start = self.at;
        let mut key = String::new();
        loop {
            key.push_str(self.take_word());
            if !self.rest().starts_with(r"\u") {
                break;
            }
            let escape = self.at;
            self.at += 2;
            key.push(self.take_code_point(escape)?);
        }
        if key.is_empty() {
            return Err(self.no_key()?);
        }
        if self.grammar == Grammar::Json || !is_identifier(&key) {
            let message = "this key has to be in double quotes";
            self.report(
                Diagnostic::error("json-unquoted-key", message, self.origin(start))
                    .with_help("put the key in double quotes"),
            )?;
        }
        Ok(key.into())
    }

    #[cold]
    fn no_key(&mut self) -> Result<Stop, Stop> {
        let message = "a key has to stand here";
        self.report(
            Diagnostic::error("json-no-key", message, self.origin_here())
                .with_help("write `\"key\": value`"),
        )?;
        Ok(Stop)
    }

    /// Says that the colon is missing, and takes the sign that stands for it in other languages.
    #[cold]
    fn report_missing_colon(&mut self) -> Result<(), Stop> {
        let origin = self.origin_here();
        if self.peek() == Some(b'=') {
            self.at += 1;
        }
        self.report(
            Diagnostic::error("json-no-colon", "a colon has to follow the key", origin)
                .with_help("write `\"key\": value`"),
        )?;
        self.skip_blanks()
    }
}

/// Whether a key is a name as ECMAScript 5.1 has them, of letters and digits as Unicode has them.
fn is_identifier(key: &str) -> bool {
    let is_start = |c: char| c.is_alphabetic() || matches!(c, '$' | '_');
    let is_part = |c: char| is_start(c) || c.is_numeric() || matches!(c, '\u{200c}' | '\u{200d}');
    key.starts_with(is_start) && key.chars().all(is_part)
}
