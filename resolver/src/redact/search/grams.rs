//! A set of short runs of bytes that answers fast, and may say yes to a run that is not in it.

/// Spreads a run over the table: 2^32 divided by the golden ratio, which is odd (Knuth, The Art of
/// Computer Programming 3, 6.4).
const SPREAD: u32 = 0x9E37_79B9;

/// A set of runs of up to four bytes, each given as a number, in a table of so many words.
///
/// The table should have thirty places for each run, so that one answer in thirty is wrong; its
/// size is known when this is compiled, so that a look into it costs no check.
#[derive(Debug)]
pub(super) struct Grams<const WORDS: usize> {
    words: Box<[u64; WORDS]>,
}

impl<const WORDS: usize> Grams<WORDS> {
    /// How far a spread run is shifted to be a place.
    const SHIFT: u32 = {
        assert!(WORDS.is_power_of_two(), "a place is some bits of a product");
        u32::BITS - u64::BITS.ilog2() - WORDS.ilog2()
    };

    /// Makes the set of some runs.
    pub(super) fn new(runs: impl IntoIterator<Item = u32>) -> Self {
        let mut words = Box::new([0; WORDS]);
        for run in runs {
            let place = Self::place(run);
            if let Some(word) = words.get_mut(place / 64) {
                *word |= 1 << (place % 64);
            }
        }
        Self { words }
    }

    /// Whether a run may be in the set.
    #[inline]
    pub(super) fn holds(&self, run: u32) -> bool {
        let place = Self::place(run);
        self.words.get(place / 64).is_some_and(|word| (word >> (place % 64)) & 1 == 1)
    }

    #[inline]
    fn place(run: u32) -> usize {
        (run.wrapping_mul(SPREAD) >> Self::SHIFT) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_in_the_set_is_always_found() {
        let runs: Vec<u32> =
            (0..5_000_u32).map(|number| number.wrapping_mul(0x0101_4953)).collect();
        let grams = Grams::<4096>::new(runs.iter().copied());
        assert!(runs.iter().all(|run| grams.holds(*run)));
        let wrong = (0..100_000_u32).filter(|run| grams.holds(run.wrapping_mul(77))).count();
        assert!(wrong < 100_000 / 16, "{wrong} of 100000 are found wrongly");
        assert!(!Grams::<64>::new([]).holds(7));
    }
}
