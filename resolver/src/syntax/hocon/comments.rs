//! Lines that hold nothing but a comment, or nothing at all, skipped 64 bytes at a time.
//!
//! # Why
//! Of what `clearml-agent init` writes, nine bytes of ten are comments. Looking for one line's end
//! after the other takes two jumps a line that no processor foretells. Here there is one jump a
//! block: what is at the beginning of each line in it is found by arithmetic, as `simdjson` finds
//! what is in quotes.

use fearless_simd::{Level, dispatch, prelude::*};

/// As many bytes as a number has bits.
const BLOCK: usize = 64;

/// Which bytes of a block are what, a bit each, the first one lowest.
struct Classes {
    line_ends: u64,
    blanks: u64,
    hashes: u64,
}

/// Returns how many of the bytes belong to a comment, in which they begin, and to the lines behind
/// it that are blank or begin with `#`, up to what is neither blank nor a comment or to a line's
/// end. Lines end with a line feed and with `other_end`.
#[inline]
pub(super) fn comments_length(level: Level, bytes: &[u8], other_end: u8) -> usize {
    dispatch!(level, simd => length(simd, bytes, other_end))
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
fn length<S: Simd>(simd: S, bytes: &[u8], other_end: u8) -> usize {
    simd.vectorize(
        #[inline(always)]
        || {
            let mut at = 0;
            // Whether the block begins where a line does, or in the blanks that a line begins with.
            let mut begins_line = false;
            while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
                let classes = Classes::of(simd, block, other_end);
                let (others, ends_at_beginning) = classes.begin_other_lines(begins_line);
                if others != 0 {
                    return at + others.trailing_zeros() as usize;
                }
                begins_line = ends_at_beginning;
                at += BLOCK;
            }
            if begins_line { at } else { at + rest_of_line(bytes.get(at..), other_end) }
        },
    )
}

fn rest_of_line(bytes: Option<&[u8]>, other_end: u8) -> usize {
    let bytes = bytes.unwrap_or_default();
    bytes.iter().take_while(|byte| **byte != b'\n' && **byte != other_end).count()
}

impl Classes {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
    fn of<S: Simd>(simd: S, block: &[u8; BLOCK], other_end: u8) -> Self {
        let mut classes = Self { line_ends: 0, blanks: 0, hashes: 0 };
        for (index, bytes) in block.chunks_exact(S::u8s::LEN).enumerate() {
            let bytes = S::u8s::from_slice(simd, bytes);
            let are = |byte| bytes.simd_eq(S::u8s::splat(simd, byte));
            let start = index * S::u8s::LEN;
            classes.line_ends |= (are(b'\n') | are(other_end)).to_bitmask() << start;
            classes.blanks |= (are(b' ') | are(b'\t')).to_bitmask() << start;
            classes.hashes |= are(b'#').to_bitmask() << start;
        }
        classes
    }

    /// Returns where lines begin with something else than a comment, blanks left out, and whether
    /// the next block begins where a line does.
    ///
    /// Adding one to the first of some blanks carries to what is behind the last of them.
    #[inline]
    fn begin_other_lines(&self, begins_line: bool) -> (u64, bool) {
        let Self { line_ends, blanks, hashes } = *self;
        let beginnings = line_ends << 1 | u64::from(begins_line);
        let (carried, has_overflow) = blanks.overflowing_add(beginnings & blanks);
        let firsts = (carried | beginnings) & !blanks;
        (firsts & !hashes & !line_ends, has_overflow || line_ends >> (BLOCK - 1) == 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Goes line by line.
    fn expected(text: &str) -> usize {
        let mut at = text.find(['\n', '\r']).unwrap_or(text.len());
        loop {
            let rest = &text[at..];
            let first = at + rest.len() - rest.trim_start_matches(['\n', '\r', ' ', '\t']).len();
            if !text[first..].starts_with('#') {
                return first;
            }
            at = first + text[first..].find(['\n', '\r']).unwrap_or(text.len() - first);
        }
    }

    /// Goes on from where the last block of the text left off, as readers do.
    fn found(text: &str) -> usize {
        let mut at = 0;
        loop {
            at += comments_length(Level::new(), &text.as_bytes()[at..], b'\r');
            at = text.len() - text[at..].trim_start_matches(['\n', '\r', ' ', '\t']).len();
            if !text[at..].starts_with('#') {
                return at;
            }
        }
    }

    proptest! {
        #[test]
        fn goes_as_far_as_line_by_line(
            first in "#[a#é \t]{0,90}",
            lines in prop::collection::vec("[\n\r]{1,3}[ \t]{0,70}(#[a \t#]{0,140})?", 0..12),
            other in "([\n\r] {0,9}a)?.{0,80}",
        ) {
            let text = first + &lines.concat() + &other;
            prop_assert_eq!(found(&text), expected(&text));
        }
    }

    #[test]
    fn a_carriage_return_ends_a_line_only_where_it_is_asked_for() {
        let text = "# a\rb = 1\n".to_owned() + &" ".repeat(BLOCK);
        assert_eq!(comments_length(Level::new(), text.as_bytes(), b'\r'), 4);
        assert!(comments_length(Level::new(), text.as_bytes(), b'\n') > 9);
    }
}
