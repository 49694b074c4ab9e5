//! Finding a sign that a text may be full of.
//!
//! # Why
//! `memchr` sets out anew for each place that it finds, and takes long in a text of nothing else.

use fearless_simd::{Level, dispatch, prelude::*};

use super::{
    places::{BLOCK, Places},
    sieve::padded,
};

/// A byte that is searched for.
#[derive(Debug)]
pub(in crate::redact) struct Sign {
    byte: u8,
    level: Level,
}

impl Sign {
    /// Returns the search for a byte, which is not zero.
    pub(in crate::redact) fn new(byte: u8) -> Self {
        Self { byte, level: Level::new() }
    }

    /// Calls back for each place of a text where it stands, in order.
    pub(in crate::redact) fn for_each(&self, text: &[u8], mut found: impl FnMut(usize)) {
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        let (mut places, mut from, level) = (Places::new(), 0, self.level);
        while from < blocks.len() {
            from = dispatch!(level, simd => fill(simd, self.byte, blocks, from, &mut places));
            places.drain().for_each(&mut found);
        }
        let last = [padded(rest)];
        dispatch!(level, simd => fill(simd, self.byte, &last, 0, &mut places));
        places.drain().for_each(|place| found(blocks.len() * BLOCK + place));
    }
}

/// Adds the places of a byte in the blocks from one on, until there is no room for more; returns
/// the first block that is not looked at.
#[inline(always)]
#[expect(clippy::inline_always, reason = "it has to be compiled for the processor at hand")]
fn fill<S: Simd>(
    simd: S,
    byte: u8,
    blocks: &[[u8; BLOCK]],
    mut from: usize,
    places: &mut Places,
) -> usize {
    simd.vectorize(
        #[inline(always)]
        || {
            while places.have_room()
                && let Some(block) = blocks.get(from)
            {
                let mut mask = 0;
                for start in (0..BLOCK).step_by(S::u8s::LEN) {
                    let bytes = block.get(start..start + S::u8s::LEN).unwrap_or_default();
                    let is_sign =
                        S::u8s::from_slice(simd, bytes).simd_eq(S::u8s::splat(simd, byte));
                    mask |= is_sign.to_bitmask() << start;
                }
                places.add(from * BLOCK, mask);
                from += 1;
            }
            from
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_of_a_sign_is_found() {
        let sign = Sign::new(b'@');
        for length in (0..200).chain([4_096, 10_000]) {
            for step in [1, 2, 7, 63, 64, 65, 1_000] {
                let text: Vec<u8> =
                    (0..length).map(|place| if place % step == 0 { b'@' } else { b'.' }).collect();
                let mut found = Vec::new();
                sign.for_each(&text, |place| found.push(place));
                assert_eq!(found, (0..length).step_by(step).collect::<Vec<_>>());
            }
        }
    }
}
