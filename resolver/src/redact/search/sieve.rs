//! Finding the places of a text where one of a few short runs of bytes may begin, 64 at a time.
//!
//! # Why
//! Each byte is looked up by its two halves, in tables of 16 entries that lie in a register; each
//! entry has a bit for each group of runs. What is left when the answers for four bytes in a row
//! are put together is the groups that a run of may begin there. This is the filter of Teddy, from
//! Hyperscan, which `aho-corasick` has too: there, letter case counts and a byte is one byte.
//! Groups are few, and what is a run of none may come through: whoever asks looks closer.

use fearless_simd::{Level, dispatch, prelude::*};

use super::{
    byte_set::ByteSet,
    places::{BLOCK, Places},
};

/// How many bytes of a run are looked at.
pub(super) const DEPTH: usize = 4;

/// How many groups of runs are told apart.
pub(in crate::redact) const GROUPS: usize = 8;

/// What a block's places need to be looked at, in bytes.
const WINDOW: usize = BLOCK + DEPTH - 1;

/// Runs of [`DEPTH`] bytes in [`GROUPS`] groups.
#[derive(Debug)]
pub(super) struct Sieve {
    level: Level,
    halves: [Halves; DEPTH],
}

/// The groups that have a byte with such a half at some depth, a bit each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Halves {
    low: [u8; 16],
    high: [u8; 16],
}

impl Halves {
    /// Returns those of a set, exactly: bytes with the same high half are a group if the same low
    /// ones go with it as with the others of the group.
    ///
    /// # Panics
    /// If that makes more than eight groups.
    pub(super) fn of(set: &ByteSet) -> Self {
        let mut rows: Vec<Vec<u8>> = Vec::with_capacity(GROUPS);
        let mut halves = Self::default();
        for high in 0..16 {
            let row: Vec<u8> = (0..16).filter(|low| set.holds(high << 4 | low)).collect();
            let group = rows.iter().position(|known| *known == row).unwrap_or(rows.len());
            assert!(group < GROUPS || row.is_empty(), "the set has too many kinds of rows");
            for low in &row {
                halves.admit(group, high << 4 | low);
            }
            rows.extend((group == rows.len() && !row.is_empty()).then_some(row));
        }
        halves
    }

    fn admit(&mut self, group: usize, byte: u8) {
        let bit = 1 << (group % GROUPS);
        if let Some(groups) = self.low.get_mut(usize::from(byte & 0xF)) {
            *groups |= bit;
        }
        if let Some(groups) = self.high.get_mut(usize::from(byte >> 4)) {
            *groups |= bit;
        }
    }
}

impl Sieve {
    /// Returns one that lets nothing through.
    pub(super) fn new() -> Self {
        Self { level: Level::new(), halves: Default::default() }
    }

    /// Lets runs through that have such a byte at a depth, as a part of a group.
    pub(super) fn admit(&mut self, group: usize, depth: usize, byte: u8) {
        if let Some(halves) = self.halves.get_mut(depth) {
            halves.admit(group, byte);
        }
    }

    /// Adds places from one on at which a run may begin, in order, until there is no room for a
    /// block; returns the first one that is not looked at. Behind the text, zeros are taken to
    /// follow.
    pub(super) fn fill(&self, text: &[u8], from: usize, places: &mut Places) -> usize {
        let (level, halves) = (self.level, &self.halves);
        let from = dispatch!(level, simd => sift(simd, halves, text, from, places));
        let rest = text.get(from..).filter(|rest| (1..WINDOW).contains(&rest.len()));
        match rest {
            Some(rest) if places.have_room() => self.fill_at_end(rest, from, places),
            _ => from,
        }
    }

    /// The same for a block that ends with the text, or less than [`DEPTH`] bytes before.
    fn fill_at_end(&self, rest: &[u8], from: usize, places: &mut Places) -> usize {
        let (level, halves) = (self.level, &self.halves);
        let window = padded(rest);
        let mask = dispatch!(level, simd => sift_block(simd, halves, &window));
        let is_inside = if rest.len() < BLOCK { (1 << rest.len()) - 1 } else { u64::MAX };
        places.add(from, mask & is_inside);
        from + rest.len().min(BLOCK)
    }
}

/// Looks at blocks as long as there is room for their places; returns where it stopped.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
fn sift<S: Simd>(
    simd: S,
    halves: &[Halves; DEPTH],
    text: &[u8],
    mut from: usize,
    places: &mut Places,
) -> usize {
    simd.vectorize(
        #[inline(always)]
        || {
            while places.have_room()
                && let Some(window) = text.get(from..).and_then(<[u8]>::first_chunk::<WINDOW>)
            {
                places.add(from, sift_block(simd, halves, window));
                from += BLOCK;
            }
            from
        },
    )
}

/// Returns a bit for each place of a block at which a run may begin.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
fn sift_block<S: Simd>(simd: S, halves: &[Halves; DEPTH], window: &[u8; WINDOW]) -> u64 {
    let [first, second, third, fourth] = halves;
    let mut mask = 0;
    for start in (0..BLOCK).step_by(S::u8s::LEN) {
        // One by one, so that no loop is left.
        let groups = groups_at(simd, first, window, start)
            & groups_at(simd, second, window, start + 1)
            & groups_at(simd, third, window, start + 2)
            & groups_at(simd, fourth, window, start + 3);
        mask |= (!groups.simd_eq(S::u8s::splat(simd, 0))).to_bitmask() << start;
    }
    mask
}

/// Returns the groups that each byte from a place on is of, as many as a vector has.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
pub(super) fn groups_at<S: Simd>(simd: S, halves: &Halves, text: &[u8], place: usize) -> S::u8s {
    let bytes = text.get(place..place + S::u8s::LEN).unwrap_or_default();
    let bytes = S::u8s::from_slice(simd, bytes);
    let table = |half: &[u8; 16]| S::u8s::block_splat((*half).simd_into(simd));
    let low = table(&halves.low).swizzle_dyn_within_blocks(bytes & 0xF);
    let high = table(&halves.high).swizzle_dyn_within_blocks(bytes >> 4);
    low & high
}

/// Returns the first bytes of a text; zeros behind its end.
#[inline]
pub(super) fn padded<const LENGTH: usize>(text: &[u8]) -> [u8; LENGTH] {
    let mut padded = [0; LENGTH];
    padded.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sieve: &Sieve, text: &[u8]) -> Vec<usize> {
        let (mut all, mut places, mut from) = (Vec::new(), Places::new(), 0);
        while from < text.len() {
            from = sieve.fill(text, from, &mut places);
            all.extend(places.drain());
        }
        all
    }

    #[test]
    fn a_run_is_found_at_every_place_of_a_text() {
        let mut sieve = Sieve::new();
        for (group, run) in [b"key=", b"toke", b"\xFF\0z "].into_iter().enumerate() {
            run.iter().enumerate().for_each(|(depth, byte)| sieve.admit(group, depth, *byte));
        }
        for length in (0..200).chain([4_095, 4_096, 4_100, 10_000]) {
            for place in (0..length).filter(|place| *place < 200 || place % 61 == 0) {
                let mut text = vec![b'.'; length];
                let run = [&b"key="[..], b"toke", b"\xFF\0z "][place % 3];
                text.iter_mut().skip(place).zip(run).for_each(|(to, from)| *to = *from);
                let is_whole = place + DEPTH <= length;
                let expected = if is_whole { vec![place] } else { vec![] };
                assert_eq!(found(&sieve, &text), expected, "at {place} of {length}");
            }
        }
        assert!(found(&Sieve::new(), &[b'k'; 1_000]).is_empty());
    }

    #[test]
    fn groups_do_not_mix() {
        let mut sieve = Sieve::new();
        for (group, run) in [b"abcd", b"efgh"].into_iter().enumerate() {
            run.iter().enumerate().for_each(|(depth, byte)| sieve.admit(group, depth, *byte));
        }
        assert_eq!(found(&sieve, b"abgh efcd abcd efgh"), [10, 15]);
    }
}
