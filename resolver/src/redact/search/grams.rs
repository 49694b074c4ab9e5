//! A set of short runs of bytes that answers fast, and may say yes to a run that is not in it.

/// Spreads a run over the table: 2^32 divided by the golden ratio, which is odd (Knuth, The Art of
/// Computer Programming 3, 6.4).
const SPREAD: u32 = 0x9E37_79B9;

/// The table has this many places for each run at least, so that about 1 in 32 answers is wrong.
const PLACES_FOR_EACH: usize = 32;

/// The smallest and the largest table, as powers of two of places: 512 bytes and 256 KiB, which
/// a core's second cache holds.
const TABLE_BITS: std::ops::RangeInclusive<u32> = 12..=21;

/// A set of runs of up to four bytes, each given as a number.
#[derive(Debug)]
pub(super) struct Grams {
    places: Box<[u64]>,
    shift: u32,
}

impl Grams {
    /// Makes the set of some runs.
    pub(super) fn new(runs: &[u32]) -> Self {
        let wanted = (runs.len() * PLACES_FOR_EACH).max(1).ilog2() + 1;
        let bits = wanted.clamp(*TABLE_BITS.start(), *TABLE_BITS.end());
        let mut grams =
            Self { places: vec![0; 1 << (bits - u64::BITS.ilog2())].into(), shift: 32 - bits };
        for run in runs {
            let place = grams.place(*run);
            if let Some(word) = grams.places.get_mut(place / 64) {
                *word |= 1 << (place % 64);
            }
        }
        grams
    }

    /// Whether a run may be in the set: 1 if so, 0 if surely not. A number, since the caller joins
    /// several answers before it branches.
    #[inline]
    pub(super) fn holds(&self, run: u32) -> u64 {
        let place = self.place(run);
        self.places.get(place / 64).map_or(0, |word| (word >> (place % 64)) & 1)
    }

    #[inline]
    fn place(&self, run: u32) -> usize {
        (run.wrapping_mul(SPREAD) >> self.shift) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_in_the_set_is_always_found() {
        let runs: Vec<u32> =
            (0..5_000_u32).map(|number| number.wrapping_mul(0x0101_4953)).collect();
        let grams = Grams::new(&runs);
        assert!(runs.iter().all(|run| grams.holds(*run) == 1));
        let wrong = (0..100_000_u32).filter(|run| grams.holds(run.wrapping_mul(77)) == 1).count();
        assert!(wrong < 100_000 / 16, "{wrong} of 100000 are found wrongly");
        assert_eq!(Grams::new(&[]).holds(7), 0);
    }
}
