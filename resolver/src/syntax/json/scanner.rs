//! The place in a JSON text that is being read.

use super::grammar::{Grammar, Liberty};
use crate::{
    diagnostic::Diagnostic,
    document::Reading,
    origin::{Origin, SourceId, SourceText},
};

/// A text and how much of it is read.
pub(super) struct Scanner<'t, 'r, 'c> {
    pub(super) text: &'t str,
    /// The next byte, always at the border of a character.
    pub(super) at: usize,
    pub(super) grammar: Grammar,
    source: SourceId,
    pub(super) reading: &'r mut Reading<'c>,
}

/// Says that the rest of the text is not read: what would be said about it is a guess.
#[derive(Debug)]
pub(super) struct Stop;

impl<'t, 'r, 'c> Scanner<'t, 'r, 'c> {
    pub(super) fn new(
        text: &'t SourceText,
        grammar: Grammar,
        reading: &'r mut Reading<'c>,
    ) -> Self {
        Self { text: &text.text, at: 0, grammar, source: text.id, reading }
    }

    /// Returns the next byte.
    pub(super) fn peek(&self) -> Option<u8> {
        self.byte_at(self.at)
    }

    pub(super) fn byte_at(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Returns the next character.
    pub(super) fn peek_character(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Returns the text from `start` to the next byte.
    pub(super) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Takes the run of characters that words and numbers are made of, which may be empty.
    ///
    /// Wider than either, so that a misspelled one is one fault.
    pub(super) fn take_word(&mut self) -> &'t str {
        let start = self.at;
        while self.is_word_at(self.at) {
            self.at += self.peek_character().map_or(1, char::len_utf8);
        }
        self.since(start)
    }

    /// Whether a character of a word is at a place; beyond ASCII all are that are no blanks.
    pub(super) fn is_word_at(&self, at: usize) -> bool {
        match self.byte_at(at) {
            Some(0x80..) => {
                let mut rest = self.text.get(at..).unwrap_or_default().chars();
                rest.next().is_some_and(|character| !is_blank(character))
            }
            byte => byte.is_some_and(is_word_byte),
        }
    }

    /// Returns the place from `start` to the next byte.
    pub(super) fn origin(&self, start: usize) -> Origin {
        self.origin_between(start, self.at)
    }

    /// Returns the place of the next character; an empty one at the end of the text.
    pub(super) fn origin_here(&self) -> Origin {
        let width = self.peek_character().map_or(0, char::len_utf8);
        self.origin_between(self.at, self.at + width)
    }

    pub(super) fn origin_between(&self, start: usize, end: usize) -> Origin {
        Origin { source: self.source, start: offset(start), end: offset(end) }
    }

    /// Reports a finding; stops when there are enough.
    #[cold]
    pub(super) fn report(&mut self, diagnostic: Diagnostic) -> Result<(), Stop> {
        self.reading.report(diagnostic);
        self.check_findings()
    }

    /// Stops when there are enough findings: a text of 16 MB can hold as many faults.
    pub(super) fn check_findings(&self) -> Result<(), Stop> {
        if self.reading.has_enough() {
            return Err(Stop);
        }
        Ok(())
    }

    /// Takes note of what only JSON5 allows: an error in a JSON text.
    #[cold]
    pub(super) fn take_liberty(&mut self, liberty: Liberty, origin: Origin) -> Result<(), Stop> {
        if self.grammar == Grammar::Json5 {
            return Ok(());
        }
        let (code, message, help) = liberty.refusal();
        self.report(Diagnostic::error(code, message, origin).with_help(help))
    }
}

/// Whether a character is a blank or a line's end of JSON5 (its specification, "White Space").
pub(super) fn is_blank(character: char) -> bool {
    character == '\u{feff}' || character.is_whitespace() && character != '\u{85}'
}

/// Whether a byte belongs to a word, a number, or a misspelling of one.
pub(super) const fn is_word_byte(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'$' | b'.' | b'+' | b'-')
        || byte >= 0x80
}

/// Offsets have 32 bits; a text beyond them, which `Limits::text_bytes` would have to let
/// through, has its far places at the end of that range.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
