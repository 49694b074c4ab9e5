//! The place in a HOCON text that is being read.

use std::ops::Range;

use fearless_simd::Level;

use super::{bytes, comments::comments_length};
use crate::{
    diagnostic::Diagnostic,
    document::Reading,
    origin::{Origin, SourceText},
};

/// A text and how much of it is read.
pub(super) struct Scanner<'t, 'r, 'c> {
    pub(super) text: &'t str,
    /// The next byte, always at the border of a character.
    pub(super) at: usize,
    pub(super) source: &'t SourceText,
    pub(super) reading: &'r mut Reading<'c>,
    level: Level,
}

/// What went wrong has been reported; says how reading goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// What is being read is lost; the next entry may be sound.
    Entry,
    /// The rest of the text is not read: what would be said about it is a guess.
    Text,
}

impl<'t, 'r, 'c> Scanner<'t, 'r, 'c> {
    pub(super) fn new(source: &'t SourceText, reading: &'r mut Reading<'c>) -> Self {
        Self { text: &source.text, at: 0, source, reading, level: Level::new() }
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
        self.slice(self.at..self.text.len())
    }

    pub(super) fn rest_bytes(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    /// Whether the next bytes are these.
    pub(super) fn is_at(&self, bytes: &[u8]) -> bool {
        self.rest_bytes().starts_with(bytes)
    }

    /// Whether nothing but the end of a value can be next, in either dialect.
    #[inline]
    pub(super) fn is_at_end_of_value(&self) -> bool {
        matches!(self.peek(), None | Some(b'\n' | b'\r' | b',' | b'}' | b']' | b'#'))
    }

    /// Takes a byte if it is the next one.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Skips the bytes of a class that come next.
    #[inline]
    pub(super) fn skip_run(&mut self, class: u8) {
        self.at += self.rest_bytes().iter().take_while(|byte| bytes::is(**byte, class)).count();
    }

    /// Skips the comment that is next, to its line's end, with blank lines and further comments
    /// behind it. Lines end with a line feed and with `other_end`.
    #[inline]
    pub(super) fn skip_comments(&mut self, other_end: u8) {
        self.at += comments_length(self.level, self.rest_bytes(), other_end);
    }

    /// Returns the place from `start` to the next byte.
    pub(super) fn origin(&self, start: usize) -> Origin {
        self.origin_of(start..self.at)
    }

    /// Returns the place of the next character; an empty one at the end of the text.
    pub(super) fn origin_here(&self) -> Origin {
        let width = self.peek_character().map_or(0, char::len_utf8);
        self.origin_of(self.at..self.at + width)
    }

    pub(super) fn origin_of(&self, range: Range<usize>) -> Origin {
        Origin { source: self.source.id, start: offset(range.start), end: offset(range.end) }
    }

    /// Reports a finding that does not keep the text from being used.
    #[cold]
    pub(super) fn note(&mut self, diagnostic: Diagnostic) {
        self.reading.report(diagnostic);
    }

    /// Reports an error; what is being read is lost. Gives the text up once there are more
    /// findings than are kept: one of 16 MB can hold as many faults.
    #[cold]
    pub(super) fn fail(&mut self, diagnostic: Diagnostic) -> Fault {
        self.reading.report(diagnostic);
        if self.reading.more_diagnostics > 0 { Fault::Text } else { Fault::Entry }
    }

    /// Reports an error after which the rest of the text cannot be told.
    #[cold]
    pub(super) fn give_up(&mut self, diagnostic: Diagnostic) -> Fault {
        self.reading.report(diagnostic);
        Fault::Text
    }
}

/// Offsets have 32 bits; a text beyond them, which `Limits::text_bytes` would have to let
/// through, has its far places at the end of that range.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
