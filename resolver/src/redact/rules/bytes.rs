//! Reading the smallest parts of a text: names, quotes, blanks, colours.

use super::super::search::ByteSet;

/// The escape character that terminals' control sequences begin with.
const ESCAPE: u8 = 0x1B;

/// A quote as it stands in a text: `"`, `'`, with the backslashes that escape it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) sign: u8,
    pub(super) backslashes: usize,
}

impl Quote {
    /// Returns the quote at a place, if one stands there.
    pub(super) fn at(text: &[u8], place: usize) -> Option<Self> {
        let here = text.get(place..)?;
        let backslashes = here.iter().take_while(|byte| **byte == b'\\').count();
        let sign = *here.get(backslashes)?;
        matches!(sign, b'"' | b'\'' | b'`').then_some(Self { sign, backslashes })
    }

    /// Returns how many bytes it takes.
    pub(super) fn length(self) -> usize {
        self.backslashes + 1
    }

    /// Returns where the text that it opens ends: at its twin, or at the limit.
    pub(super) fn end(self, text: &[u8], from: usize, limit: usize) -> usize {
        let inside = text.get(from..limit).unwrap_or_default();
        let mut backslashes = 0;
        for (place, byte) in inside.iter().enumerate() {
            let is_twin = *byte == self.sign && self.is_closed_after(backslashes);
            if is_twin {
                return from + place - self.backslashes;
            }
            backslashes = if *byte == b'\\' { backslashes + 1 } else { 0 };
        }
        limit
    }

    /// Whether the sign closes the text behind so many backslashes. A plain quote is escaped by an
    /// odd number of them; an escaped one by any other number than it was opened with.
    fn is_closed_after(self, backslashes: usize) -> bool {
        if self.backslashes == 0 {
            backslashes.is_multiple_of(2)
        } else {
            backslashes == self.backslashes
        }
    }
}

/// Returns the byte at a place; 0 beyond the ends.
pub(super) fn byte_at(text: &[u8], place: usize) -> u8 {
    text.get(place).copied().unwrap_or_default()
}

/// Returns the byte before a place; 0 at the beginning.
pub(super) fn byte_before(text: &[u8], place: usize) -> u8 {
    place.checked_sub(1).map_or(0, |before| byte_at(text, before))
}

/// What may stand in the name of a variable, key or flag.
pub(super) static NAME: ByteSet = ByteSet::of(b"_-.").and_alphanumeric();

/// Whether a character may stand in the name of a variable, key or flag.
pub(super) fn is_name(byte: u8) -> bool {
    NAME.holds(byte)
}

/// Whether a byte ends a line: a carriage return does, since a progress bar is drawn over it.
pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Whether a byte is a blank within a line.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Returns the first place from another one on that is no blank.
pub(super) fn skip_blanks(text: &[u8], place: usize) -> usize {
    let here = text.get(place..).unwrap_or_default();
    place + here.iter().take_while(|byte| is_blank(**byte)).count()
}

/// Returns the first place from another one on that is in none of the control sequences that
/// set colours (`ESC [ … m`).
pub(super) fn skip_colors(text: &[u8], mut place: usize) -> usize {
    while byte_at(text, place) == ESCAPE && byte_at(text, place + 1) == b'[' {
        let parameters = text.get(place + 2..).unwrap_or_default();
        let length =
            parameters.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
        if byte_at(text, place + 2 + length) != b'm' {
            break;
        }
        place += 3 + length;
    }
    place
}

/// Returns the end of the line that a place is on.
pub(super) fn line_end(text: &[u8], place: usize) -> usize {
    let here = text.get(place..).unwrap_or_default();
    memchr::memchr2(b'\n', b'\r', here).map_or(text.len(), |length| place + length)
}

/// Whether a text continues in this way from a place on, letter case aside.
pub(super) fn continues_with(text: &[u8], place: usize, with: &str) -> bool {
    let end = place + with.len();
    text.get(place..end).is_some_and(|here| here.eq_ignore_ascii_case(with.as_bytes()))
}

/// Returns a text as UTF-8; what is none is taken for empty, as no name is spelled so.
pub(super) fn as_str(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}
