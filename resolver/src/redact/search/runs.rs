//! How far the characters of one kind reach around a place.

use std::ops::Range;

use fearless_simd::{Level, dispatch, prelude::*};

use super::{
    byte_set::ByteSet,
    sieve::{Halves, groups_at},
};

/// How far to either side all is looked at in one step, in bytes: most names are shorter.
const SIDE: usize = 32;

/// How far to either side a run is followed, in bytes.
const FARTHEST: usize = 128;

/// Runs of the bytes of one set.
#[derive(Debug)]
pub(in crate::redact) struct Runs {
    level: Level,
    set: &'static ByteSet,
    halves: Halves,
}

impl Runs {
    /// Takes a set of bytes that have no more than eight kinds of sixteen neighbours, as is said at
    /// [`Halves::of`].
    pub(in crate::redact) fn new(set: &'static ByteSet) -> Self {
        Self { level: Level::new(), set, halves: Halves::of(set) }
    }

    /// Returns the run around a place, up to 128 bytes to either side; an empty one if none of the
    /// set stands there.
    #[inline]
    pub(in crate::redact) fn around(&self, text: &[u8], place: usize) -> Range<usize> {
        let window = place.checked_sub(SIDE).and_then(|start| text.get(start..));
        let Some(window) = window.and_then(<[u8]>::first_chunk) else {
            return self.followed(text, place);
        };
        let (level, halves) = (self.level, &self.halves);
        let members = dispatch!(level, simd => members(simd, halves, window));
        let before = (members << SIDE).leading_ones() as usize;
        let behind = (members >> SIDE).trailing_ones() as usize;
        if before == SIDE || behind == SIDE {
            return self.followed(text, place);
        }
        place - before..place + behind
    }

    /// Returns the same, byte by byte.
    #[cold]
    fn followed(&self, text: &[u8], place: usize) -> Range<usize> {
        let before = text.get(place.saturating_sub(FARTHEST)..place).unwrap_or_default();
        let behind = text.get(place..).unwrap_or_default();
        let is_member = |byte: &&u8| self.set.holds(**byte);
        let to_left = before.iter().rev().take_while(is_member).count();
        let to_right = behind.iter().take(FARTHEST).take_while(is_member).count();
        place - to_left..place + to_right
    }
}

/// Returns a bit for each byte that is of the set.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
fn members<S: Simd>(simd: S, halves: &Halves, window: &[u8; 2 * SIDE]) -> u64 {
    simd.vectorize(
        #[inline(always)]
        || {
            let mut mask = 0;
            for start in (0..window.len()).step_by(S::u8s::LEN) {
                let groups = groups_at(simd, halves, window, start);
                mask |= (!groups.simd_eq(S::u8s::splat(simd, 0))).to_bitmask() << start;
            }
            mask
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    static NAME: ByteSet = ByteSet::of(b"_-.").and_alphanumeric();

    #[test]
    fn a_run_ends_where_another_kind_of_byte_stands() {
        let runs = Runs::new(&NAME);
        for (before, after) in
            [(0, 0), (0, 5), (3, 7), (31, 31), (32, 4), (4, 32), (127, 127), (128, 128), (200, 200)]
        {
            for around in [0, 1, 40, 100] {
                let [dots, run] = [".", "x"].map(|text| text.repeat(before + after));
                for inside in [dots, run] {
                    let text = format!("{0}({inside}){0}", " ".repeat(around));
                    let place = around + 1 + before;
                    let expected = place - before.min(128)..place + after.min(128);
                    assert_eq!(runs.around(text.as_bytes(), place), expected, "{text}");
                }
            }
        }
    }

    #[test]
    fn each_byte_is_known() {
        let runs = Runs::new(&NAME);
        for byte in 0..=u8::MAX {
            let mut text = [b' '; 100];
            text[50] = byte;
            assert_eq!(runs.around(&text, 50).len(), usize::from(NAME.holds(byte)), "{byte}");
        }
    }
}
