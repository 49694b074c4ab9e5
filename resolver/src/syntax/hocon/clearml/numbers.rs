//! Numbers, and where the clients see one.

use super::Clearml;
use crate::{
    number::Number,
    syntax::hocon::{
        reader::{Reader, Taken},
        scanner::{Fault, Scanner},
        tree::Tail,
    },
    value::Value,
};

impl<'t> Scanner<'t, '_, '_> {
    /// Takes the number that begins here, if one does.
    ///
    /// It must be followed, blanks left out, by the end of the text or of a value, a comment or a
    /// reference (`regexp_numbers` of `clearml` 2.1.12); `5 x` begins with a word. The clients do
    /// not see one before blanks at the end of the text, here it is one there, too.
    pub(super) fn take_number(&mut self) -> Option<&'t str> {
        let start = self.at;
        let end = self.end_of_number(start)?;
        self.at = end;
        self.skip_blanks();
        let is_followed = match self.peek() {
            None | Some(b'$' | b'}' | b']' | b',' | b'#' | b'\n' | b'\r') => true,
            Some(b'/') => self.is_at(b"//"),
            _ => false,
        };
        self.at = if is_followed { end } else { start };
        is_followed.then(|| self.slice(start..end))
    }

    /// Returns where `[+-]? (digits? . digits | digits) ([eE] [+-]? digits)?` ends.
    fn end_of_number(&self, mut at: usize) -> Option<usize> {
        if let Some(b'+' | b'-') = self.byte_at(at) {
            at += 1;
        }
        let whole = self.end_of_digits(at);
        let fraction = match self.byte_at(whole) {
            Some(b'.') => self.end_of_digits(whole + 1),
            _ => whole,
        };
        let end = if fraction > whole + 1 { fraction } else { whole };
        if end == at {
            return None;
        }
        let Some(b'e' | b'E') = self.byte_at(end) else { return Some(end) };
        let signed = usize::from(matches!(self.byte_at(end + 1), Some(b'+' | b'-')));
        let exponent = self.end_of_digits(end + 1 + signed);
        Some(if exponent > end + 1 + signed { exponent } else { end })
    }

    fn end_of_digits(&self, mut at: usize) -> usize {
        while self.byte_at(at).is_some_and(|byte| byte.is_ascii_digit()) {
            at += 1;
        }
        at
    }
}

impl Reader<'_, '_, '_, Clearml> {
    #[inline]
    pub(super) fn take_number_or_words(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        let Some(spelling) = self.scanner.take_number() else { return self.take_words() };
        let value = Value::Number(Number::from_checked(spelling));
        let origin = self.scanner.origin(start);
        self.scanner.skip_blanks();
        self.add_or_keep(value.spanned(origin), Tail::Bare)
    }
}
