//! Finding where one of many secrets may begin, by looking at a part of a text only.
//!
//! # Why
//! A log holds next to no secrets, so the time goes into the bytes that are none. A secret that is
//! long enough has one of its first runs of bytes at each place that is looked at, however it lies;
//! one multiplication and one word then say that none begins near. An automaton over all secrets
//! looks at each byte: with 1,000 secrets it took ten times as long.

use std::ops::RangeInclusive;

use fearless_simd::{Level, dispatch, prelude::*};

use super::{
    grams::Grams,
    places::{BLOCK, Places},
    sieve::padded,
};

/// The runs of so many bytes that secrets begin with, eight at most, looked for at every so many
/// bytes, no fewer than the run has.
#[derive(Debug)]
pub(super) struct Samples<const WIDTH: usize, const STRIDE: usize> {
    /// `None` without secrets: nothing is looked at.
    runs: Option<Grams>,
    level: Level,
}

impl<const WIDTH: usize, const STRIDE: usize> Samples<WIDTH, STRIDE> {
    /// The shortest secret that is found, in bytes.
    pub(super) const SHORTEST: usize = WIDTH + STRIDE - 1;

    /// Takes secrets of [`Self::SHORTEST`] bytes at least.
    pub(super) fn new<'a>(secrets: impl Iterator<Item = &'a [u8]>) -> Self {
        let runs = secrets.flat_map(|secret| secret.windows(WIDTH).take(STRIDE).map(number));
        let runs: Vec<u64> = runs.collect();
        Self { runs: (!runs.is_empty()).then(|| Grams::new(runs.into_iter())), level: Level::new() }
    }

    /// Calls back with the places near each other at which a secret may begin, in order.
    pub(super) fn for_each(&self, text: &[u8], mut near: impl FnMut(RangeInclusive<usize>)) {
        let Some(runs) = &self.runs else { return };
        let (samples, rest) = text.as_chunks::<STRIDE>();
        let mut near = |index: usize| {
            let place = index * STRIDE;
            near((place + 1).saturating_sub(STRIDE)..=place);
        };
        let (mut places, mut from, level) = (Places::new(), 0, self.level);
        while from < samples.len() {
            let found = &mut places;
            from = dispatch!(level, simd => fill::<_, WIDTH, STRIDE>(simd, runs, samples, from, found));
            places.drain().for_each(&mut near);
        }
        if rest.get(..WIDTH).is_some_and(|run| runs.holds(number(run))) {
            near(samples.len());
        }
    }
}

/// Adds the samples from one on that may be of the set, until there is no room for more; returns the
/// first one that is not looked at.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
fn fill<S: Simd, const WIDTH: usize, const STRIDE: usize>(
    simd: S,
    runs: &Grams,
    samples: &[[u8; STRIDE]],
    mut from: usize,
    places: &mut Places,
) -> usize {
    simd.vectorize(
        #[inline(always)]
        || {
            while places.have_room()
                && let Some(block) = samples.get(from..).filter(|rest| !rest.is_empty())
            {
                let block = block.get(..BLOCK).unwrap_or(block);
                places.add(from, look::<WIDTH, STRIDE>(runs, block));
                from += block.len();
            }
            from
        },
    )
}

/// Returns a bit for each sample of a block that may be of the set.
///
/// There is no branch, since nobody can foretell which they are. No vector is in here, but a
/// compiler that may use them looks at eight samples and more at once.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
fn look<const WIDTH: usize, const STRIDE: usize>(runs: &Grams, block: &[[u8; STRIDE]]) -> u64 {
    let mut mask = 0;
    for (bit, sample) in block.iter().enumerate() {
        let run = number(sample.get(..WIDTH).unwrap_or_default());
        mask |= u64::from(runs.holds(run)) << (bit % BLOCK);
    }
    mask
}

/// Returns up to eight bytes as a number, the first one lowest.
#[inline]
fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(padded(bytes))
}
