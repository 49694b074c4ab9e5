//! Numbers as the reference implementation sees them.

use crate::{
    number::Number,
    syntax::hocon::{
        bytes::{self, NUMERIC},
        scanner::Scanner,
    },
};

impl Scanner<'_, '_, '_> {
    /// Whether a number can begin with the next byte.
    pub(super) fn is_at_numeric(&self) -> bool {
        matches!(self.peek(), Some(b'0'..=b'9' | b'-'))
    }

    /// Skips all that a number could be made of, but no `+` unless it is one: elsewhere a `+`
    /// cannot stand.
    pub(super) fn skip_numeric(&mut self) {
        let start = self.at;
        while self.peek().is_some_and(|byte| bytes::is(byte, NUMERIC)) {
            self.at += 1;
        }
        let text = self.slice(start..self.at);
        if let Some(plus) = text.bytes().position(|byte| byte == b'+')
            && number_of(text).is_none()
        {
            self.at = start + plus;
        }
    }
}

/// Digits that 64 bits hold, whatever they are.
const SURE_DIGITS: usize = 18;

/// Returns the number that a text is: an integer of 64 bits, or a decimal one in the spelling of
/// Java's `Double.parseDouble`, which lets digits be missing on either side of the point. Its
/// first character is a digit or `-`: `.5` is a string.
pub(super) fn number_of(text: &str) -> Option<Number> {
    let begins = text.bytes().next().is_some_and(|first| first.is_ascii_digit() || first == b'-');
    if !begins || !text.bytes().all(|byte| bytes::is(byte, NUMERIC)) {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= SURE_DIGITS {
        return Some(Number::from_checked(text));
    }
    if !text.contains(['.', 'e', 'E']) {
        return text.parse::<i64>().ok().and_then(|_| Number::parse(text));
    }
    if let Some(number) = Number::parse(text) {
        return Some(number);
    }
    let (whole, rest) = text.split_once('.')?;
    let has_digits = whole.ends_with(|last: char| last.is_ascii_digit());
    let has_fraction = rest.starts_with(|first: char| first.is_ascii_digit());
    if has_digits && !has_fraction { Number::parse(&format!("{whole}.0{rest}")) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_the_numbers_that_the_reference_implementation_sees() {
        for (text, canonical) in [
            ("0", Some("0")),
            ("-0", Some("0")),
            ("007", Some("7")),
            ("9223372036854775807", Some("9223372036854775807")),
            ("9223372036854775808", None),
            ("5.", Some("5.0")),
            ("5.e3", Some("5000.0")),
            ("-.5", Some("-0.5")),
            (".5", None),
            ("1e+5", Some("100000.0")),
            ("1.2.3", None),
            ("-", None),
            ("1-2", None),
            ("1e", None),
            ("-.", None),
            ("0x10", None),
            ("", None),
        ] {
            let number = number_of(text).map(|number| number.canonical());
            assert_eq!(number.as_deref(), canonical, "{text}");
        }
    }
}
