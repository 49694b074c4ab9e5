//! Finding where one of many secrets may begin, by looking at a part of a text only.
//!
//! # Why
//! A log holds next to no secrets, so the time goes into the bytes that are none. A secret that is
//! long enough has one of its first runs of bytes at each place that is looked at, however it lies;
//! one multiplication and one word then say that none begins near. An automaton over all secrets
//! looks at each byte: with 1,000 secrets it took ten times as long.

use fearless_simd::{Level, dispatch, prelude::*};

use super::{
    grams::Grams,
    places::{BLOCK, Places},
    sieve::padded,
};

/// The runs of so many bytes that secrets begin with, eight at most, looked for at every so many
/// bytes: no fewer than the run has, and sixteen at most.
#[derive(Debug)]
pub(super) struct Samples<const WIDTH: usize, const STRIDE: usize> {
    /// `None` without secrets: nothing is looked at.
    runs: Option<Runs>,
    level: Level,
}

#[derive(Debug)]
struct Runs {
    grams: Grams,
    /// For each word of the grams, a bit for each place in a secret that one of its runs has.
    offsets: Box<[u16]>,
}

impl Runs {
    fn new<const WIDTH: usize, const STRIDE: usize>(secrets: &[&[u8]]) -> Self {
        let runs = || {
            let of = |secret: &&'_ [u8]| -> Vec<u64> {
                secret.windows(WIDTH).take(STRIDE).map(number).collect()
            };
            secrets.iter().map(of)
        };
        let grams = Grams::new(&runs().flatten().collect::<Vec<_>>());
        let mut offsets = vec![0; grams.word_count()];
        for runs in runs() {
            for (offset, run) in runs.into_iter().enumerate() {
                if let Some(bits) = offsets.get_mut(grams.word_of(run)) {
                    *bits |= 1 << offset;
                }
            }
        }
        Self { grams, offsets: offsets.into() }
    }

    /// Calls back with the places at which a secret may begin that has a run at a place.
    fn for_each_begun(&self, run: u64, place: usize, mut near: impl FnMut(usize)) {
        let mut offsets = self.offsets.get(self.grams.word_of(run)).copied().unwrap_or_default();
        while offsets != 0 {
            place.checked_sub(offsets.trailing_zeros() as usize).into_iter().for_each(&mut near);
            offsets &= offsets - 1;
        }
    }
}

impl<const WIDTH: usize, const STRIDE: usize> Samples<WIDTH, STRIDE> {
    /// The shortest secret that is found, in bytes.
    pub(super) const SHORTEST: usize = WIDTH + STRIDE - 1;

    /// Takes secrets of [`Self::SHORTEST`] bytes at least.
    pub(super) fn new(secrets: &[&[u8]]) -> Self {
        let runs = (!secrets.is_empty()).then(|| Runs::new::<WIDTH, STRIDE>(secrets));
        Self { runs, level: Level::new() }
    }

    /// Calls back with the places at which a secret may begin.
    pub(super) fn for_each(&self, text: &[u8], mut near: impl FnMut(usize)) {
        let Some(runs) = &self.runs else { return };
        let (samples, rest) = text.as_chunks::<STRIDE>();
        let (mut places, mut from, level) = (Places::new(), 0, self.level);
        while from < samples.len() {
            let (grams, found) = (&runs.grams, &mut places);
            from = dispatch!(level, simd => fill::<_, WIDTH, STRIDE>(simd, grams, samples, from, found));
            for index in places.drain() {
                let run = samples.get(index).and_then(|sample| sample.get(..WIDTH));
                runs.for_each_begun(number(run.unwrap_or_default()), index * STRIDE, &mut near);
            }
        }
        if let Some(run) = rest.get(..WIDTH).map(number).filter(|run| runs.grams.holds(*run)) {
            runs.for_each_begun(run, samples.len() * STRIDE, near);
        }
    }
}

/// Adds the samples from one on that may be of the set, until there is no room for more; returns the
/// first one that is not looked at.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
fn fill<S: Simd, const WIDTH: usize, const STRIDE: usize>(
    simd: S,
    grams: &Grams,
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
                places.add(from, look::<WIDTH, STRIDE>(grams, block));
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
fn look<const WIDTH: usize, const STRIDE: usize>(grams: &Grams, block: &[[u8; STRIDE]]) -> u64 {
    let mut mask = 0;
    for (bit, sample) in block.iter().enumerate() {
        let run = number(sample.get(..WIDTH).unwrap_or_default());
        mask |= u64::from(grams.holds(run)) << (bit % BLOCK);
    }
    mask
}

/// Returns up to eight bytes as a number, the first one lowest.
#[inline]
fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(padded(bytes))
}
