//! Runs of bytes of which nothing has to be known but their length, found eight bytes at a time.

const LANE: usize = size_of::<u64>();
const ONES: u64 = u64::from_le_bytes([1; LANE]);

/// Returns how many blanks (U+0020) bytes begin with.
#[inline]
pub(super) fn blank_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(lane) = bytes.get(at..).and_then(<[u8]>::first_chunk::<LANE>) {
        let others = u64::from_le_bytes(*lane) ^ (ONES * u64::from(b' '));
        if others != 0 {
            return at + others.trailing_zeros() as usize / 8;
        }
        at += LANE;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| **byte == b' ').count()
}

/// Returns how many bytes come before the first `quote`, backslash or control character, which is
/// all of them where there is none.
pub(super) fn plain_length(bytes: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(lane) = bytes.get(at..).and_then(<[u8]>::first_chunk::<LANE>) {
        let found = special_bytes(u64::from_le_bytes(*lane), quote);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += LANE;
    }
    let is_plain = |byte: &&u8| **byte != quote && **byte != b'\\' && **byte >= b' ';
    at + bytes.get(at..).unwrap_or_default().iter().take_while(is_plain).count()
}

/// Marks the bytes of a lane that are `quote`, a backslash or a control character by their
/// highest bit. Only the lowest mark can be relied on: a borrow may set others above it.
const fn special_bytes(lane: u64, quote: u8) -> u64 {
    const HIGH: u64 = ONES << 7;
    let quotes = lane ^ (ONES * quote as u64);
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
    fn counts_blanks_of_any_number() {
        for blanks in 0..20 {
            for behind in ["", "a", "\t  ", "\n      ", "é       "] {
                let text = " ".repeat(blanks) + behind;
                assert_eq!(blank_length(text.as_bytes()), blanks, "{text:?}");
            }
        }
    }

    #[test]
    fn finds_the_first_special_byte_in_every_lane() {
        for special in [b'"', b'\\', 0, b'\n', 0x1f] {
            for plain in [b' ', b'a', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                for place in 0..8 {
                    let mut lane = [plain; 8];
                    assert_eq!(special_bytes(u64::from_le_bytes(lane), b'"'), 0, "{plain}");
                    lane[place] = special;
                    lane[7] = if place == 7 { special } else { b'"' };
                    let found = special_bytes(u64::from_le_bytes(lane), b'"').trailing_zeros() / 8;
                    assert_eq!(found as usize, place, "{special} among {plain}");
                }
            }
        }
    }
}
