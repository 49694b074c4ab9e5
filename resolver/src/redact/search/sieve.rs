//! Finding the places of a text where one of a few short runs of bytes may begin, 64 at a time.
//!
//! # Why
//! Each byte is looked up by its two halves, in tables of 16 entries that lie in a register; each
//! entry has a bit for each group of runs. What is left when the answers for four bytes in a row
//! are put together is the groups that a run of may begin there. This is the filter of Teddy, from
//! Hyperscan, which `aho-corasick` has too: there, letter case counts and a byte is one byte.
//! Groups are few, and what is a run of none may come through: whoever asks looks closer.

use fearless_simd::{Level, dispatch, prelude::*};

/// How many bytes of a run are looked at.
pub(super) const DEPTH: usize = 4;

/// How many groups of runs are told apart.
pub(in crate::redact) const GROUPS: usize = 8;

/// How many places are looked at in one step: as many as a number has bits.
const BLOCK: usize = 64;

/// How many steps are taken at once.
const BLOCKS: usize = 64;

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
struct Halves {
    low: [u8; 16],
    high: [u8; 16],
}

impl Sieve {
    /// Returns one that lets nothing through.
    pub(super) fn new() -> Self {
        Self { level: Level::new(), halves: Default::default() }
    }

    /// Lets runs through that have such a byte at a depth, as a part of a group.
    pub(super) fn admit(&mut self, group: usize, depth: usize, byte: u8) {
        let bit = 1 << (group % GROUPS);
        let Some(halves) = self.halves.get_mut(depth) else { return };
        if let Some(groups) = halves.low.get_mut(usize::from(byte & 0xF)) {
            *groups |= bit;
        }
        if let Some(groups) = halves.high.get_mut(usize::from(byte >> 4)) {
            *groups |= bit;
        }
    }

    /// Calls back for each place of a text at which a run may begin, in order. Behind the text,
    /// zeros are taken to follow.
    pub(super) fn for_each(&self, text: &[u8], mut found: impl FnMut(usize)) {
        let mut masks = [0; BLOCKS];
        let mut start = 0;
        while let Some(rest) = text.get(start..).filter(|rest| rest.len() >= WINDOW) {
            let (level, halves) = (self.level, &self.halves);
            let count = dispatch!(level, simd => sift(simd, halves, rest, &mut masks));
            for_each_filled(masks.get(..count).unwrap_or_default(), |index, mask| {
                for_each_bit(mask, |bit| found(start + index * BLOCK + bit));
            });
            start += count * BLOCK;
        }
        self.for_each_at_end(text, start, found);
    }

    /// The same for the last places, which are less than two blocks.
    fn for_each_at_end(&self, text: &[u8], mut start: usize, mut found: impl FnMut(usize)) {
        let (level, halves) = (self.level, &self.halves);
        while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
            let window = padded::<WINDOW>(rest);
            let mut mask = [0];
            dispatch!(level, simd => sift(simd, halves, &window, &mut mask));
            let [mask] = mask;
            let is_inside = if rest.len() < BLOCK { (1 << rest.len()) - 1 } else { u64::MAX };
            for_each_bit(mask & is_inside, |bit| found(start + bit));
            start += BLOCK;
        }
    }
}

/// Looks at as many blocks as there are masks or as the text has; returns how many.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
fn sift<S: Simd>(simd: S, halves: &[Halves; DEPTH], text: &[u8], masks: &mut [u64]) -> usize {
    simd.vectorize(
        #[inline(always)]
        || {
            let mut count = 0;
            for mask in masks {
                let here = text.get(count * BLOCK..).and_then(<[u8]>::first_chunk::<WINDOW>);
                let Some(window) = here else { break };
                *mask = sift_block(simd, halves, window);
                count += 1;
            }
            count
        },
    )
}

/// Returns a bit for each place of a block at which a run may begin.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
fn sift_block<S: Simd>(simd: S, halves: &[Halves; DEPTH], window: &[u8; WINDOW]) -> u64 {
    let table = |half: &[u8; 16]| S::u8s::block_splat((*half).simd_into(simd));
    let width = S::u8s::LEN;
    let mut mask = 0;
    for start in (0..BLOCK).step_by(width) {
        let mut groups = S::u8s::splat(simd, u8::MAX);
        for (depth, halves) in halves.iter().enumerate() {
            let from = start + depth;
            let Some(bytes) = window.get(from..from + width) else { continue };
            let bytes = S::u8s::from_slice(simd, bytes);
            let low = table(&halves.low).swizzle_dyn_within_blocks(bytes & 0xF);
            let high = table(&halves.high).swizzle_dyn_within_blocks(bytes >> 4);
            groups &= low & high;
        }
        mask |= (!groups.simd_eq(S::u8s::splat(simd, 0))).to_bitmask() << start;
    }
    mask
}

/// Calls back for each mask that has a bit set, with its place among the first [`BLOCKS`].
///
/// They are gathered without a branch, since nobody can foretell which they are.
fn for_each_filled(masks: &[u64], mut filled: impl FnMut(usize, u64)) {
    let mut gathered = [(0, 0); BLOCKS];
    let mut count = 0;
    for (index, mask) in masks.iter().enumerate() {
        if let Some(place) = gathered.get_mut(count) {
            *place = (index, *mask);
        }
        count += usize::from(*mask != 0);
    }
    gathered.iter().take(count).for_each(|(index, mask)| filled(*index, *mask));
}

/// Returns the first bytes of a text; zeros behind its end.
#[inline]
pub(super) fn padded<const LENGTH: usize>(text: &[u8]) -> [u8; LENGTH] {
    let mut padded = [0; LENGTH];
    padded.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    padded
}

/// Calls back for each bit that is set, the lowest first.
#[inline]
pub(super) fn for_each_bit(mut mask: u64, mut found: impl FnMut(usize)) {
    while mask != 0 {
        found(mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sieve: &Sieve, text: &[u8]) -> Vec<usize> {
        let mut places = Vec::new();
        sieve.for_each(text, |place| places.push(place));
        places
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
