//! The inside of quoted strings: the next byte that means something, found eight at a time.

use memchr::memmem;

use super::scanner::Scanner;

impl<'t> Scanner<'t, '_, '_> {
    /// Skips to the next `"`, backslash or control character, or to the end of the text.
    pub(super) fn skip_plain(&mut self) {
        const LANE: usize = size_of::<u64>();
        let bytes = self.text.as_bytes();
        while let Some(lane) = bytes.get(self.at..).and_then(<[u8]>::first_chunk::<LANE>) {
            let found = special_bytes(u64::from_le_bytes(*lane));
            if found != 0 {
                self.at += found.trailing_zeros() as usize / LANE;
                return;
            }
            self.at += LANE;
        }
        while self.peek().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= b' ') {
            self.at += 1;
        }
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

/// Marks the bytes of a lane that are a quote, a backslash or a control character by their
/// highest bit. Only the lowest mark can be relied on: a borrow may set others above it.
const fn special_bytes(lane: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let quotes = lane ^ (ONES * b'"' as u64);
    let backslashes = lane ^ (ONES * b'\\' as u64);
    (quotes.wrapping_sub(ONES) & !quotes
        | backslashes.wrapping_sub(ONES) & !backslashes
        | lane.wrapping_sub(ONES * b' ' as u64) & !lane)
        & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_special_byte_in_every_lane() {
        for special in [b'"', b'\\', 0, b'\n', 0x1f] {
            for plain in [b' ', b'a', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                for place in 0..8 {
                    let mut lane = [plain; 8];
                    assert_eq!(special_bytes(u64::from_le_bytes(lane)), 0, "{plain}");
                    lane[place] = special;
                    lane[7] = if place == 7 { special } else { b'"' };
                    let found = special_bytes(u64::from_le_bytes(lane)).trailing_zeros() / 8;
                    assert_eq!(found as usize, place, "{special} among {plain}");
                }
            }
        }
    }
}
