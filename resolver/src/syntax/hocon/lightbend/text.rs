//! Unquoted text: numbers, literals and words, which join to the text that they are made of.

use super::{Lightbend, numbers::number_of};
use crate::{
    syntax::hocon::{
        bytes::{self, PLAIN, PLAIN_RUN, WIDE_BLANK},
        reader::{Reader, Taken},
        scanner::{Fault, Scanner},
        tree::Tail,
    },
    value::Value,
};

impl Scanner<'_, '_, '_> {
    /// Skips unquoted text up to white space, a comment or a reserved character. Nothing is
    /// skipped where there is none.
    pub(super) fn skip_unquoted(&mut self) {
        loop {
            self.skip_run(PLAIN_RUN);
            let Some(byte) = self.peek() else { return };
            if !bytes::is(byte, PLAIN) || (byte == b'/' && self.is_at(b"//")) {
                return;
            }
            if bytes::is(byte, WIDE_BLANK) {
                match self.peek_character() {
                    Some(character) if !bytes::is_hocon_blank(character) => {
                        self.at += character.len_utf8();
                    }
                    _ => return,
                }
            } else {
                self.at += 1;
            }
        }
    }

    /// Skips a run of words: numbers, literals and other unquoted text without white space
    /// between them.
    ///
    /// The reference implementation makes tokens of it, in which a number may hold a `+`; a
    /// number begins where a token does, at the start or behind a literal.
    fn skip_words(&mut self) {
        loop {
            let start = self.at;
            if self.is_at_numeric() {
                self.skip_numeric();
            } else if let Some(literal) = self.literal() {
                self.at += literal.len();
            } else {
                self.skip_unquoted();
                return;
            }
            if self.at == start {
                return;
            }
        }
    }

    #[inline]
    fn literal(&self) -> Option<&'static str> {
        let Some(b't' | b'f' | b'n') = self.peek() else { return None };
        ["true", "false", "null"].into_iter().find(|literal| self.is_at(literal.as_bytes()))
    }

    /// Skips words and the white space between them, and returns where the last one ends; the
    /// white space behind it is skipped, too.
    pub(super) fn skip_text(&mut self) -> usize {
        let mut end = self.at;
        loop {
            let word = self.at;
            self.skip_words();
            if self.at == word {
                return end;
            }
            end = self.at;
            self.skip_white();
        }
    }
}

impl Reader<'_, '_, '_, Lightbend> {
    /// Takes unquoted text, and the white space behind it.
    pub(super) fn take_text(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        let end = self.scanner.skip_text();
        if end == start {
            return Ok(Taken::End);
        }
        let text = self.scanner.slice(start..end);
        let value = match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ => number_of(text).map_or_else(|| Value::String(text.into()), Value::Number),
        };
        let origin = self.scanner.origin_of(start..end);
        let blanks = end..self.scanner.at;
        self.add_or_keep(value.spanned(origin), Tail::Word(blanks))
    }
}
