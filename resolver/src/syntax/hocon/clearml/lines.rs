//! What stands between the parts of a text: blanks, line ends, comments.

use std::ops::Range;

use lean_string::LeanStr;

use super::Clearml;
use crate::{
    diagnostic::Diagnostic,
    syntax::{
        hocon::{
            reader::{Reader, Taken},
            scanner::{Fault, Scanner},
        },
        plain_run::blank_length,
    },
};

impl Scanner<'_, '_, '_> {
    /// Skips blanks within a line: the clients', and two that editors leave behind unseen.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(0xc2 | 0xef) => match self.peek_character() {
                    Some(blank @ ('\u{a0}' | '\u{feff}')) => self.at += blank.len_utf8(),
                    _ => return,
                },
                _ => return,
            }
        }
    }

    /// Skips blanks and returns where they are.
    pub(super) fn take_blanks(&mut self) -> Range<usize> {
        let start = self.at;
        self.skip_blanks();
        start..self.at
    }

    /// Skips blanks, line ends and comments.
    #[inline]
    pub(super) fn skip_blank_lines(&mut self) {
        self.take(b' ');
        if let Some(b'\n' | b' ' | b'#' | b'\r' | b'/' | b'\t' | 0xc2 | 0xef) = self.peek() {
            self.skip_many_blank_lines();
        }
    }

    #[inline(never)]
    fn skip_many_blank_lines(&mut self) {
        loop {
            match self.peek() {
                Some(b'\n' | b'\r') => self.at += 1,
                Some(b' ') => self.at += blank_length(self.rest_bytes()),
                Some(b'#') => self.skip_comments(b'\r'),
                Some(b'/') if self.is_at(b"//") => self.skip_comments(b'\r'),
                Some(b'\t' | 0xc2 | 0xef) => {
                    if self.take_blanks().is_empty() {
                        return;
                    }
                }
                _ => return,
            }
        }
    }

    /// Whether a backslash, which is the next byte, escapes what follows: anything but a line
    /// feed, which it continues, or the end of the text.
    pub(super) fn is_at_escape(&self) -> bool {
        self.byte_at(self.at + 1).is_some_and(|escaped| escaped != b'\n')
    }
}

impl Reader<'_, '_, '_, Clearml> {
    /// Takes a backslash and the line ends it hides.
    pub(super) fn continue_line(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        self.scanner.at += 1;
        if self.scanner.peek().is_none() {
            let message = "the text ends behind this backslash, which continues a line";
            let diagnostic = Diagnostic::error(
                "hocon-continued-end",
                message,
                self.scanner.origin_of(start..start + 1),
            )
            .with_help("take it out, or put the value in double quotes");
            return Err(self.scanner.fail(diagnostic));
        }
        while let Some(b'\n' | b'\r') = self.scanner.peek() {
            self.scanner.at += 1;
        }
        self.scanner.skip_blanks();
        Ok(Taken::Piece)
    }

    /// Returns a stretch of the text as the clients see it: with its tabs expanded.
    pub(super) fn expanded(&mut self, stretch: Range<usize>) -> LeanStr {
        let text = self.scanner.slice(stretch.clone());
        if text.as_bytes().contains(&b'\t') {
            self.dialect.columns.expand(self.scanner.text, stretch).into()
        } else {
            text.into()
        }
    }
}
