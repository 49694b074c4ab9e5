//! Numbers of JSON and JSON5.

use super::{
    grammar::Liberty,
    scanner::{Scanner, Stop},
};
use crate::{
    diagnostic::Diagnostic,
    number::{Number, Sign},
    value::Value,
};

impl Scanner<'_, '_, '_> {
    /// Reads a number, or what begins like one; `null` stands for one that cannot be told.
    pub(super) fn take_number(&mut self) -> Result<Value, Stop> {
        let start = self.at;
        match self.end_of_json_number() {
            Some(end) if !self.is_word_at(end) => {
                self.at = end;
                Ok(Value::Number(Number::from_checked(self.since(start))))
            }
            _ => self.take_rare_number(),
        }
    }

    /// Returns where the JSON number that begins here ends, if one begins here.
    fn end_of_json_number(&self) -> Option<usize> {
        let mut at = self.at;
        if self.byte_at(at) == Some(b'-') {
            at += 1;
        }
        at = match self.byte_at(at)? {
            b'0' => at + 1,
            b'1'..=b'9' => self.end_of_digits(at + 1),
            _ => return None,
        };
        if self.byte_at(at) == Some(b'.') {
            at = self.end_of_some_digits(at + 1)?;
        }
        if let Some(b'e' | b'E') = self.byte_at(at) {
            at += 1;
            if let Some(b'+' | b'-') = self.byte_at(at) {
                at += 1;
            }
            at = self.end_of_some_digits(at)?;
        }
        Some(at)
    }

    fn end_of_digits(&self, mut at: usize) -> usize {
        while self.byte_at(at).is_some_and(|byte| byte.is_ascii_digit()) {
            at += 1;
        }
        at
    }

    fn end_of_some_digits(&self, at: usize) -> Option<usize> {
        let end = self.end_of_digits(at);
        (end > at).then_some(end)
    }

    /// Reads the numbers that JSON5 alone has, and says what is wrong with what is no number.
    #[cold]
    fn take_rare_number(&mut self) -> Result<Value, Stop> {
        let start = self.at;
        let word = self.take_word();
        let origin = self.origin(start);
        let (sign, unsigned) = match word.strip_prefix('-') {
            Some(unsigned) => (Sign::Minus, unsigned),
            None => (Sign::Plus, word.strip_prefix('+').unwrap_or(word)),
        };
        let number = if let Some(digits) = hexadecimal_digits(unsigned) {
            self.take_liberty(Liberty::Hexadecimal, origin)?;
            Number::from_digits(sign, digits, 16)
        } else if is_not_finite(unsigned) {
            self.report_not_finite(start)?;
            return Ok(Value::Null);
        } else {
            self.decimal_of_json5(word, unsigned, start)?
        };
        let Some(number) = number else {
            self.report(
                Diagnostic::error("json-bad-number", "this is no number", origin)
                    .with_help("put it in double quotes if it is meant as a string"),
            )?;
            return Ok(Value::Null);
        };
        if word.starts_with('+') {
            self.take_liberty(Liberty::PlusSign, origin)?;
        }
        Ok(Value::Number(number))
    }

    /// Reads a decimal number with a bare point or leading zeros; JSON5 has no leading zeros
    /// either.
    fn decimal_of_json5(
        &mut self,
        word: &str,
        unsigned: &str,
        start: usize,
    ) -> Result<Option<Number>, Stop> {
        let ends_bare = unsigned.contains('.') && Number::parse(word).is_none();
        let completed = if ends_bare { word.replacen('.', ".0", 1) } else { word.to_owned() };
        let Some(number) = Number::parse(&completed) else { return Ok(None) };
        let origin = self.origin(start);
        let digits = unsigned.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        if digits.len() > 1 && digits.starts_with('0') {
            let message = "a number has no leading zeros";
            let help = "take the zeros out, or put the number in double quotes";
            self.report(Diagnostic::error("json-leading-zero", message, origin).with_help(help))?;
        }
        if ends_bare && digits.is_empty() {
            return Ok(None);
        }
        if ends_bare || digits.is_empty() {
            self.take_liberty(Liberty::BarePoint, origin)?;
        }
        Ok(Some(number))
    }

    pub(super) fn report_not_finite(&mut self, start: usize) -> Result<(), Stop> {
        let message = "an infinite number or none at all cannot be an answer, which is JSON";
        self.report(
            Diagnostic::error("json-not-finite", message, self.origin(start))
                .with_help("write a finite number, or put the word in double quotes"),
        )
    }
}

/// Whether a word stands for a float that JSON cannot hold.
pub(super) fn is_not_finite(word: &str) -> bool {
    matches!(word, "Infinity" | "NaN")
}

fn hexadecimal_digits(unsigned: &str) -> Option<&str> {
    unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"))
}
