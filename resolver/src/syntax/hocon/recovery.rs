//! Where reading goes on after a fault.

use memchr::{memchr, memmem};

use super::{reader::Reader, scanner::Fault};

impl<D> Reader<'_, '_, '_, D> {
    /// Skips the rest of an entry that is lost: up to the line's end, past a comma, or up to the
    /// bracket that closes what the entry lies in.
    ///
    /// Brackets that open on the way are skipped with what is in them; where one of them is never
    /// closed, the rest of the text is given up.
    pub(super) fn skip_entry(&mut self) -> Result<(), Fault> {
        let mut open = 0_usize;
        while let Some(byte) = self.scanner.peek() {
            match byte {
                b'\n' | b'\r' | b'}' | b']' if open == 0 => return Ok(()),
                b'"' => self.skip_quoted(),
                b'#' => self.skip_line(),
                b' ' if self.scanner.is_at(b" //") => self.skip_line(),
                _ => {
                    self.scanner.at += 1;
                    match byte {
                        b',' if open == 0 => return Ok(()),
                        b'{' | b'[' => open += 1,
                        b'}' | b']' => open -= 1,
                        _ => {}
                    }
                }
            }
        }
        if open == 0 { Ok(()) } else { Err(Fault::Text) }
    }

    fn skip_line(&mut self) {
        let rest = self.scanner.rest_bytes();
        self.scanner.at += memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Skips a quoted string; one that does not end on its line is skipped to its line's end.
    fn skip_quoted(&mut self) {
        const TRIPLE: &[u8] = b"\"\"\"";
        if self.scanner.is_at(TRIPLE) {
            self.scanner.at += TRIPLE.len();
            let rest = self.scanner.rest_bytes();
            self.scanner.at +=
                memmem::find(rest, TRIPLE).map_or(rest.len(), |at| at + TRIPLE.len());
            return;
        }
        self.scanner.at += 1;
        while let Some(byte) = self.scanner.peek().filter(|byte| *byte != b'\n') {
            self.scanner.at += 1;
            match byte {
                b'"' => return,
                b'\\' if self.scanner.peek().is_some_and(|escaped| escaped != b'\n') => {
                    self.scanner.at += 1;
                }
                _ => {}
            }
        }
    }
}
