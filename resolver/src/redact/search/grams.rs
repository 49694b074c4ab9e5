//! A set of short runs of bytes that answers fast, and may say yes to a run that is not in it.

/// Spreads a run over the table: 2^64 divided by the golden ratio, which is odd (Knuth, The Art of
/// Computer Programming 3, 6.4).
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// How many bits of the table there are for each run, of which it sets two in one word: one answer in
/// 150 is wrong. With one in all bits it would be one in 32.
const BITS: usize = 32;

/// The largest table, in words: 4 MiB. 1,000 secrets in their spellings need 512 KiB, which a
/// processor keeps near.
const MOST_WORDS: usize = 512 << 10;

/// A set of runs of up to eight bytes, each given as a number and two bits of the table.
#[derive(Debug)]
pub(super) struct Grams {
    /// As many as a power of two.
    words: Box<[u64]>,
    shift: u32,
}

impl Grams {
    /// Makes the set of some runs.
    pub(super) fn new(runs: &[u64]) -> Self {
        let bits = runs.len() * BITS;
        let length = (bits / u64::BITS as usize).next_power_of_two().clamp(2, MOST_WORDS);
        let mut grams =
            Self { words: vec![0; length].into(), shift: u64::BITS - length.trailing_zeros() };
        for run in runs {
            let (place, bits) = grams.place(*run);
            if let Some(word) = grams.words.get_mut(place) {
                *word |= bits.into_iter().fold(0, |bits, bit| bits | 1 << bit);
            }
        }
        grams
    }

    /// Returns how many words the table has.
    pub(super) fn word_count(&self) -> usize {
        self.words.len()
    }

    /// Returns the place of the word that a run is told by, which it shares with a few.
    #[inline]
    pub(super) fn word_of(&self, run: u64) -> usize {
        let (place, _) = self.place(run);
        place
    }

    /// Whether a run may be in the set.
    #[inline]
    pub(super) fn holds(&self, run: u64) -> bool {
        let (place, [first, second]) = self.place(run);
        let word = self.words.get(place).copied().unwrap_or_default();
        (word >> first) & (word >> second) & 1 == 1
    }

    /// Returns the word of a run, and its bits there.
    #[inline]
    fn place(&self, run: u64) -> (usize, [u64; 2]) {
        let spread = run.wrapping_mul(SPREAD);
        // The bits in the middle are those of a product of all bytes, too, but the last ones.
        let bits = [(spread >> 32) & 63, (spread >> 38) & 63];
        (usize::try_from(spread >> self.shift).unwrap_or_default(), bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_in_the_set_is_always_found() {
        let runs: Vec<u64> =
            (0..5_000_u64).map(|number| number.wrapping_mul(0x0101_4953_0000_0007)).collect();
        let grams = Grams::new(&runs);
        assert!(runs.iter().all(|run| grams.holds(*run)));
        let wrong = (1..100_001_u64).filter(|run| grams.holds(run.wrapping_mul(77_777))).count();
        assert!(wrong < 100_000 / 80, "{wrong} of 100000 are found wrongly");
        assert!(!Grams::new(&[]).holds(7));
    }
}
