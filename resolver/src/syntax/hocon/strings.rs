//! The inside of quoted strings.

use memchr::memmem;

use super::scanner::Scanner;
use crate::syntax::plain_run::plain_length;

impl<'t> Scanner<'t, '_, '_> {
    /// Skips to the next `"`, backslash or control character, or to the end of the text.
    pub(super) fn skip_plain(&mut self) {
        self.at += plain_length(self.rest_bytes(), b'"');
    }

    /// Takes the quoted string that opens here, if it is as simple as most are: not empty, without
    /// escapes or control characters. Returns what is between the quotes.
    #[inline]
    pub(super) fn take_simple_quoted(&mut self) -> Option<&'t str> {
        let inside = self.at + 1;
        let length = plain_length(self.text.as_bytes().get(inside..)?, b'"');
        let end = inside + length;
        if length == 0 || self.byte_at(end) != Some(b'"') {
            return None;
        }
        self.at = end + 1;
        Some(self.slice(inside..end))
    }

    /// Takes a string between triple quotes, of which the opening one is the next bytes; nothing
    /// if it is never closed. Of a longer run of closing quotes the last three close.
    pub(super) fn take_triple_quoted(&mut self) -> Option<&'t str> {
        let start = self.at + TRIPLE_QUOTE.len();
        let rest = self.text.as_bytes().get(start..)?;
        let mut end = start + memmem::find(rest, TRIPLE_QUOTE)? + TRIPLE_QUOTE.len();
        while self.byte_at(end) == Some(b'"') {
            end += 1;
        }
        self.at = end;
        Some(self.slice(start..end - TRIPLE_QUOTE.len()))
    }
}

/// Opens and closes a string in which nothing else means anything.
pub(super) const TRIPLE_QUOTE: &[u8] = b"\"\"\"";
