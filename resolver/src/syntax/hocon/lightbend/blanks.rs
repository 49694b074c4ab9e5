//! What stands between the parts of a text: white space, line ends, comments.

use std::ops::Range;

use super::Lightbend;
use crate::{
    diagnostic::Diagnostic,
    syntax::{
        hocon::{
            bytes::{self, WIDE_BLANK},
            reader::Reader,
            scanner::{Fault, Scanner},
            tree::Kind,
        },
        plain_run::blank_length,
    },
};

impl Scanner<'_, '_, '_> {
    /// Skips white space within a line. A carriage return is no line's end here.
    pub(super) fn skip_white(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' => self.at += blank_length(self.rest_bytes()),
                b'\t' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1f => self.at += 1,
                _ if bytes::is(byte, WIDE_BLANK) => match self.peek_character() {
                    Some(blank) if bytes::is_hocon_blank(blank) => self.at += blank.len_utf8(),
                    _ => return,
                },
                _ => return,
            }
        }
    }

    /// Skips white space within a line and returns where it is.
    pub(super) fn take_white(&mut self) -> Range<usize> {
        let start = self.at;
        self.skip_white();
        start..self.at
    }

    /// Skips white space, line ends and comments; says whether a line ended.
    #[inline]
    pub(super) fn skip_white_lines(&mut self) -> bool {
        self.take(b' ');
        match self.peek() {
            Some(byte) if byte <= b' ' || matches!(byte, b'#' | b'/') || !byte.is_ascii() => {
                self.skip_many_white_lines()
            }
            _ => false,
        }
    }

    #[inline(never)]
    fn skip_many_white_lines(&mut self) -> bool {
        let mut has_line_end = false;
        loop {
            self.skip_white();
            match self.peek() {
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.skip_comments(b'\n'),
                Some(b'/') if self.is_at(b"//") => self.skip_comments(b'\n'),
                _ => return has_line_end,
            }
            has_line_end = true;
        }
    }
}

impl Reader<'_, '_, '_, Lightbend> {
    /// Says that an entry does not end where it has to.
    pub(super) fn no_comma(&mut self) -> Fault {
        if let Some(b'$' | b'^' | b'`' | b'?' | b'!' | b'@' | b'*' | b'&' | b'\\' | b'+') =
            self.scanner.peek()
        {
            return self.reserved_character("value");
        }
        let noun = match self.tree.kind() {
            Kind::List => "item",
            Kind::Object => "value",
        };
        let message = format!("a comma or the end of the line has to follow this {noun}");
        let help = if self.scanner.is_at(b"://") {
            "put the URL in double quotes, as `//` begins a comment outside them"
        } else {
            "write a comma, or put a value that holds special characters in double quotes"
        };
        let diagnostic = Diagnostic::error("hocon-no-comma", message, self.scanner.origin_here())
            .with_help(help);
        self.scanner.fail(diagnostic)
    }

    pub(super) fn no_value(&mut self) -> Fault {
        match self.scanner.peek() {
            None | Some(b'\n' | b',' | b'}' | b']' | b'#' | b'/') => {
                let here = self.scanner.origin_here();
                let diagnostic =
                    Diagnostic::error("hocon-no-value", "a value has to stand here", here)
                        .with_help("write one, `null` for none, `\"\"` for an empty string");
                self.scanner.fail(diagnostic)
            }
            Some(_) => self.reserved_character("value"),
        }
    }
}
