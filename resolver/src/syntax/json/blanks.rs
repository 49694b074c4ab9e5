//! What stands between the values of a JSON text.

use memchr::{memchr2, memmem};

use super::{
    grammar::Liberty,
    scanner::{Scanner, Stop, is_blank},
};
use crate::diagnostic::Diagnostic;

impl Scanner<'_, '_, '_> {
    /// Skips blanks, and the comments of JSON5.
    pub(super) fn skip_blanks(&mut self) -> Result<(), Stop> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(b'/' | 0x0b | 0x0c | 0x80..) => {
                    if !self.skip_rare_blank()? {
                        return Ok(());
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// Skips a comment or a blank beyond ASCII; says whether there was one.
    #[cold]
    fn skip_rare_blank(&mut self) -> Result<bool, Stop> {
        let Some(character) = self.peek_character() else { return Ok(false) };
        match character {
            '/' => self.skip_comment(),
            // The stock clients stumble over these two, which editors leave behind unseen; here
            // they are blanks in every format.
            '\u{feff}' | '\u{a0}' => {
                self.at += character.len_utf8();
                Ok(true)
            }
            _ if is_blank(character) => self.skip_blank_of_json5(character),
            _ => Ok(false),
        }
    }

    fn skip_blank_of_json5(&mut self, blank: char) -> Result<bool, Stop> {
        self.take_liberty(Liberty::Blank, self.origin_here())?;
        self.at += blank.len_utf8();
        Ok(true)
    }

    fn skip_comment(&mut self) -> Result<bool, Stop> {
        let start = self.at;
        let rest = self.rest().as_bytes();
        let bytes = match rest.get(1) {
            Some(b'/') => Some(line_length(self.rest())),
            // The search begins behind the `/*`, whose star does not close it.
            Some(b'*') => memmem::find(rest.get(2..).unwrap_or_default(), b"*/").map(|at| at + 4),
            _ => return Ok(false),
        };
        let Some(bytes) = bytes else {
            let message = "this comment is never closed";
            let origin = self.origin_between(start, start + 2);
            self.report(
                Diagnostic::error("json-unclosed-comment", message, origin)
                    .with_help("write `*/` where it ends"),
            )?;
            return Err(Stop);
        };
        self.at = start + bytes;
        self.take_liberty(Liberty::Comment, self.origin(start))?;
        Ok(true)
    }
}

/// Returns how many bytes of a text lie before the first end of a line, of which JSON5 has four.
fn line_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let length = memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
    let line = text.get(..length).unwrap_or_default();
    line.find(['\u{2028}', '\u{2029}']).unwrap_or(length)
}
