//! Unquoted values: words, and the three that mean something.

use lean_string::LeanStr;

use super::Clearml;
use crate::{
    syntax::hocon::{
        bytes::{self, WIDE_BLANK, WORD, WORD_RUN},
        reader::{Reader, Taken},
        scanner::{Fault, Scanner},
        tree::Tail,
    },
    value::Value,
};

impl Scanner<'_, '_, '_> {
    /// Skips one word, escapes in it included; says whether it has escapes.
    fn skip_word(&mut self) -> bool {
        let mut has_escapes = false;
        loop {
            self.skip_run(WORD_RUN);
            let Some(byte) = self.peek() else { return has_escapes };
            if bytes::is(byte, WIDE_BLANK) {
                match self.peek_character() {
                    Some(character) if !bytes::is_python_blank(character) => {
                        self.at += character.len_utf8();
                    }
                    _ => return has_escapes,
                }
            } else if byte == b'\\' && self.is_at_escape() {
                has_escapes = true;
                self.at += 1;
                // The clients see blanks for a tab, of which the escape takes only the first.
                if self.take(b'\t') {
                    return has_escapes;
                }
                self.at += self.peek_character().map_or(0, char::len_utf8);
            } else {
                return has_escapes;
            }
        }
    }

    /// Takes `true`, `false` or `null` in any case, as a word of its own.
    fn take_literal(&mut self) -> Option<Value> {
        let is_literal = |word: &str| {
            let bytes = self.rest_bytes();
            bytes.get(..word.len()).is_some_and(|next| next.eq_ignore_ascii_case(word.as_bytes()))
                && !bytes.get(word.len()).copied().is_some_and(is_identifier_byte)
        };
        let (value, length) = if is_literal("true") {
            (Value::Bool(true), 4)
        } else if is_literal("false") {
            (Value::Bool(false), 5)
        } else if is_literal("null") {
            (Value::Null, 4)
        } else {
            return None;
        };
        self.at += length;
        Some(value)
    }
}

impl Reader<'_, '_, '_, Clearml> {
    #[inline]
    pub(super) fn take_literal_or_words(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        let Some(value) = self.scanner.take_literal() else { return self.take_words() };
        let origin = self.scanner.origin(start);
        let blanks = self.scanner.take_blanks();
        // `true x` is "Truex" to the clients; what they make of `null x` is of no use to anybody.
        let tail = if value == Value::Null { Tail::Other(blanks) } else { Tail::Bare };
        self.add_or_keep(value.spanned(origin), tail)
    }

    /// Takes words and the blanks between them, up to what is no plain word.
    #[inline]
    pub(super) fn take_words(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        let mut has_escapes = self.scanner.skip_word();
        let mut end = self.scanner.at;
        if end == start {
            return Err(self.reserved_character("value"));
        }
        self.scanner.skip_blanks();
        let mut has_blanks = false;
        while self.scanner.at > end && self.is_at_plain_word() {
            has_blanks = true;
            let word = self.scanner.at;
            has_escapes |= self.scanner.skip_word();
            if self.scanner.at == word {
                break;
            }
            end = self.scanner.at;
            self.scanner.skip_blanks();
        }
        let blanks = end..self.scanner.at;
        let text = match (has_escapes, has_blanks) {
            (false, false) => self.scanner.slice(start..end).into(),
            (false, true) => self.expanded(start..end),
            (true, _) => unescaped(&self.expanded(start..end)),
        };
        let origin = self.scanner.origin_of(start..end);
        self.add_or_keep(Value::String(text).spanned(origin), Tail::Word(blanks))
    }

    /// Whether a word begins here, and not a number, a literal, a comment or an include.
    fn is_at_plain_word(&mut self) -> bool {
        let Some(byte) = self.scanner.peek() else { return false };
        let start = self.scanner.at;
        let is_other = match byte {
            b'0'..=b'9' | b'-' | b'.' => self.scanner.take_number().is_some(),
            b't' | b'T' | b'f' | b'F' | b'n' | b'N' => self.scanner.take_literal().is_some(),
            b'i' | b'I' => self.is_at_include(),
            b'/' => self.scanner.is_at(b"//"),
            b'\\' => !self.scanner.is_at_escape(),
            _ => !bytes::is(byte, WORD),
        };
        self.scanner.at = start;
        !is_other
    }

    /// Adds the blanks behind a word that turned out not to be the last piece.
    pub(super) fn extend_last_word(&mut self, blanks: &str) {
        if let Some((piece, _)) = self.tree.last_piece()
            && let Value::String(text) = &mut piece.value.value
        {
            *text = [text.as_str(), blanks].concat().into();
        }
    }
}

/// Replaces the escapes that the clients know; others stay as they are typed (`REPLACEMENTS` of
/// `clearml` 2.1.12).
pub(super) fn unescaped(text: &str) -> LeanStr {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('t') => plain.push('\t'),
            Some(known @ ('\\' | '"' | '=' | '#' | '!')) => plain.push(known),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    plain.into()
}

/// Whether a byte continues an identifier, so that a literal before it is none.
pub(super) const fn is_identifier_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}
