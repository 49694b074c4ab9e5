//! Runs of name characters that have been met: a log says the same ones over and over.

use super::{super::search::padded, kind::Kind};

/// How many places there are for runs.
const PLACES: usize = 32;

/// The longest run that is remembered, in numbers of eight bytes.
const LONGEST: usize = 4;

const NUMBER_BYTES: usize = size_of::<u64>();

/// Spreads a run over the places: 2^64 divided by the golden ratio, which is odd (Knuth, The Art of
/// Computer Programming 3, 6.4).
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// The last runs that were met and what they are. Two of them share a place, so that two that a log
/// says in turn do not drive each other out.
#[derive(Clone, Debug, Default)]
pub(super) struct Met {
    places: [[Entry; 2]; PLACES],
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// Zeros behind its end; none but zeros if there is none.
    run: [u64; LONGEST],
    kind: Kind,
}

impl Met {
    /// Returns what the run is that is the first so many bytes of a text; has it told if it is not
    /// remembered.
    #[inline]
    pub(super) fn kind(&mut self, text: &[u8], length: usize, tell: impl FnOnce() -> Kind) -> Kind {
        let run = beginning(text, length);
        let place = self.places.get_mut(place(run)).filter(|_| length <= LONGEST * NUMBER_BYTES);
        let Some([first, second]) = place else { return tell() };
        if !is_same(first.run, run) {
            if is_same(second.run, run) {
                return second.kind;
            }
            *second = *first;
            *first = Entry { run, kind: tell() };
        }
        first.kind
    }
}

/// Returns the first so many bytes of a text, [`LONGEST`] numbers at most, zeros behind.
#[inline]
fn beginning(text: &[u8], length: usize) -> [u64; LONGEST] {
    let bytes: [u8; LONGEST * NUMBER_BYTES] =
        text.first_chunk().copied().unwrap_or_else(|| padded(text));
    let (numbers, _) = bytes.as_chunks::<NUMBER_BYTES>();
    let mut run = [0; LONGEST];
    for (index, (number, bytes)) in run.iter_mut().zip(numbers).enumerate() {
        let count = length.saturating_sub(index * NUMBER_BYTES).min(NUMBER_BYTES);
        let dropped = 8 * (NUMBER_BYTES - count);
        let kept = u32::try_from(dropped).ok().and_then(|bits| u64::MAX.checked_shr(bits));
        *number = u64::from_le_bytes(*bytes) & kept.unwrap_or(0);
    }
    run
}

/// Whether two runs are the same. The numbers lie in registers; `==` would put them into memory to
/// take them out again as vectors.
#[inline]
fn is_same(one: [u64; LONGEST], other: [u64; LONGEST]) -> bool {
    one.into_iter().zip(other).fold(0, |bits, (one, other)| bits | (one ^ other)) == 0
}

#[inline]
fn place(run: [u64; LONGEST]) -> usize {
    let [first, second, third, fourth] = run;
    let mixed = first ^ second.rotate_left(1) ^ third.rotate_left(2) ^ fourth.rotate_left(3);
    let spread = mixed.wrapping_mul(SPREAD) >> (u64::BITS - PLACES.trailing_zeros());
    usize::try_from(spread).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_share_a_place_are_told_apart() {
        let mut met = Met::default();
        let long = "a".repeat(30);
        let names: Vec<String> = (0..600).map(|it| format!("{long}{}", it % 120)).collect();
        let kind = |name: &str| if name.ends_with('7') { Kind::Token } else { Kind::Other };
        for name in names.iter().flat_map(|name| [&name[..], &name[30..], &name[27..]]) {
            let text = format!("{name}=and more");
            assert_eq!(met.kind(text.as_bytes(), name.len(), || kind(name)), kind(name), "{name}");
        }
    }

    #[test]
    fn a_run_is_remembered_whatever_follows() {
        let mut met = Met::default();
        met.kind(b"token", 5, || Kind::Token);
        for text in ["token", "token=and much more than the thirty-two bytes", "token5"] {
            assert_eq!(met.kind(text.as_bytes(), 5, || Kind::Other), Kind::Token, "{text}");
        }
        assert_eq!(met.kind(b"token5", 6, || Kind::Other), Kind::Other);
    }
}
