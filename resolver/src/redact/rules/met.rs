//! Runs of name characters that have been met: a log says the same ones over and over.

use std::ops::Range;

use super::kind::Kind;

/// How many places there are for runs.
const PLACES: usize = 32;

/// The longest run that is remembered, in bytes.
const LONGEST: usize = 4 * NUMBER_BYTES;

const NUMBER_BYTES: usize = size_of::<u64>();

/// What tells a run from all others of its length: its first and its last eight bytes, which
/// overlap in a short one, and the next ones of a long one.
type Key = [u64; 4];

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
    /// None but zeros if there is none.
    key: Key,
    length: usize,
    kind: Kind,
}

impl Met {
    /// Whether a run of a text is known to call for no rule, beside something that may be its value
    /// or beside nothing; told without a branch for short ones.
    #[inline]
    #[expect(clippy::needless_bitwise_bool, reason = "nobody can foretell which of them fails")]
    pub(super) fn is_idle(&self, text: &[u8], run: &Range<usize>, has_value: bool) -> bool {
        let Some(key) = key(text, run) else { return false };
        let Some([first, second]) = self.places.get(place(key)) else { return false };
        let is_idle = |entry: &Entry| {
            let is_other = matches!(entry.kind, Kind::Other);
            let is_name = matches!(entry.kind, Kind::Name(_));
            entry.is(key, run.len()) & (is_other | is_name & !has_value)
        };
        is_idle(first) | is_idle(second)
    }

    /// Returns what a run of a text is; has it told if it is not remembered.
    #[inline]
    pub(super) fn kind(
        &mut self,
        text: &[u8],
        run: &Range<usize>,
        tell: impl FnOnce() -> Kind,
    ) -> Kind {
        let Some(key) = key(text, run) else { return tell() };
        let Some([first, second]) = self.places.get_mut(place(key)) else { return tell() };
        if !first.is(key, run.len()) {
            if second.is(key, run.len()) {
                return second.kind;
            }
            *second = *first;
            *first = Entry { key, length: run.len(), kind: tell() };
        }
        first.kind
    }
}

impl Entry {
    /// Whether it is of such a run. The numbers lie in registers; `==` would put them into memory to
    /// take them out again as vectors.
    #[inline]
    fn is(&self, key: Key, length: usize) -> bool {
        let numbers = self.key.into_iter().zip(key);
        let bits = numbers.fold(0, |bits, (one, other)| bits | one ^ other);
        bits == 0 && self.length == length
    }
}

/// Returns the key of a run; `None` if it is too long to be remembered.
#[inline]
fn key(text: &[u8], run: &Range<usize>) -> Option<Key> {
    let number = |start: Option<usize>| {
        let bytes = text.get(start?..)?.first_chunk()?;
        Some(u64::from_le_bytes(*bytes))
    };
    let first = number(Some(run.start));
    let last = number(run.end.checked_sub(NUMBER_BYTES));
    let (Some(first), Some(last)) = (first, last) else { return key_at_end(text, run) };
    let foreign = 8 * NUMBER_BYTES.saturating_sub(run.len());
    let [first, last] = [first << foreign, last >> foreign];
    if run.len() <= 2 * NUMBER_BYTES {
        return Some([first, last, 0, 0]);
    }
    let behind_first = number(Some(run.start + NUMBER_BYTES))?;
    let before_last = number(run.end.checked_sub(2 * NUMBER_BYTES))?;
    (run.len() <= LONGEST).then_some([first, last, behind_first, before_last])
}

/// The same where the text begins or ends less than eight bytes away.
#[cold]
fn key_at_end(text: &[u8], run: &Range<usize>) -> Option<Key> {
    let run = text.get(run.clone()).filter(|run| (1..=LONGEST).contains(&run.len()))?;
    let mut within = [0; LONGEST + 2 * NUMBER_BYTES];
    within.iter_mut().skip(NUMBER_BYTES).zip(run).for_each(|(to, from)| *to = *from);
    key(&within, &(NUMBER_BYTES..NUMBER_BYTES + run.len()))
}

#[inline]
fn place([first, last, ..]: Key) -> usize {
    let spread = (first ^ last.rotate_left(1)).wrapping_mul(SPREAD);
    usize::try_from(spread >> (u64::BITS - PLACES.trailing_zeros())).unwrap_or_default()
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
        for name in
            names.iter().flat_map(|name| (0..32).map(|cut| &name[cut.min(name.len() - 1)..]))
        {
            for (before, behind) in [("", ""), ("x=", "=and more"), ("0123456789:", " ")] {
                let text = format!("{before}{name}{behind}");
                let run = before.len()..before.len() + name.len();
                let is_idle = met.is_idle(text.as_bytes(), &run, true);
                assert!(!is_idle || kind(name) == Kind::Other, "{text}");
                assert_eq!(met.kind(text.as_bytes(), &run, || kind(name)), kind(name), "{text}");
            }
        }
    }

    #[test]
    fn a_run_is_remembered_whatever_stands_around_it() {
        let mut met = Met::default();
        met.kind(b"token", &(0..5), || Kind::Token);
        for text in ["token", "token=and much more than the thirty-two bytes", "token5"] {
            assert_eq!(met.kind(text.as_bytes(), &(0..5), || Kind::Other), Kind::Token, "{text}");
        }
        assert_eq!(met.kind(b"a longer token", &(9..14), || Kind::Other), Kind::Token);
        assert_eq!(met.kind(b"token5", &(0..6), || Kind::Other), Kind::Other);
    }
}
