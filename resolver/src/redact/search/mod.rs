//! Finding the places of a text that are worth a closer look, fast.
//!
//! # Why
//! A log holds next to no secrets, so the time goes into the bytes that are none. Each third
//! place is looked at only: whatever is searched for is long enough to have one of its first three
//! runs of bytes there. One multiplication and one bit then say that nothing begins near. An
//! automaton over all secrets looks at each byte: with 1,000 secrets it took ten times as long.

mod grams;
mod literals;

use self::grams::Grams;
use self::literals::Literals;
pub(super) use self::literals::{Literal, SHORTEST};

/// Every how many bytes the text is looked at.
const STRIDE: usize = 3;

/// What two places of a window need: the first one's run begins at 0, the second's at `STRIDE`.
const WINDOW: usize = 8;

/// Letter case is one bit in ASCII; folding other characters onto each other costs a closer look
/// at most.
const FOLD: u32 = 0x2020_2020;

/// The bytes of a cue's run, of the four that are read.
const CUE_RUN: u32 = 0x00FF_FFFF;

/// The places of texts at which a secret or a cue may begin.
#[derive(Debug)]
pub(super) struct Search {
    literals: Literals,
    /// The runs of four bytes at the first [`STRIDE`] places of each secret.
    literal_runs: Grams,
    cues: Cues,
    /// The runs of three bytes of each cue, in lower case.
    cue_runs: Grams,
}

/// Texts that announce a secret near, such as `password` and `token`; letter case does not count.
#[derive(Debug)]
pub(super) struct Cues {
    /// In lower case, in order.
    sorted: Vec<Box<[u8]>>,
    /// Their first four bytes, folded.
    beginnings: Grams,
}

/// What may begin at a place.
pub(super) enum Found<'a> {
    /// A secret.
    Literal(&'a Literal),
    /// A cue.
    Cue,
}

impl Search {
    /// Takes the cues that are searched for.
    pub(super) fn new(cues: Cues) -> Self {
        let mut cue_runs = Vec::new();
        for cue in &cues.sorted {
            add_cue_runs(cue, &mut cue_runs);
        }
        let mut cue_runs: Vec<_> = cue_runs.into_iter().map(cue_run).collect();
        cue_runs.sort_unstable();
        cue_runs.dedup();
        Self {
            literals: Literals::new(Vec::new()),
            literal_runs: Grams::new(&[]),
            cues,
            cue_runs: Grams::new(&cue_runs),
        }
    }

    /// Returns a search for the same cues and for these secrets.
    pub(super) fn with_literals(self, mut literals: Vec<Literal>) -> Self {
        literals.retain(|literal| literal.bytes.len() >= SHORTEST);
        let mut literal_runs = Vec::with_capacity(STRIDE * literals.len());
        for literal in &literals {
            add_literal_runs(&literal.bytes, &mut literal_runs);
        }
        let literal_runs = Grams::new(&literal_runs);
        Self { literals: Literals::new(literals), literal_runs, ..self }
    }

    /// Returns how many secrets are searched for, in all their spellings.
    pub(super) fn literal_count(&self) -> usize {
        self.literals.len()
    }

    /// Returns how long the beginning of a secret is that a text ends with, in bytes.
    pub(super) fn begun_literal(&self, text: &[u8]) -> usize {
        self.literals.begun(text)
    }

    /// Calls back for each secret, and for each cue once or twice, nearly in the order of their
    /// places.
    pub(super) fn for_each(&self, text: &[u8], mut found: impl FnMut(usize, Found<'_>)) {
        self.for_each_place(text, |near, run| {
            let first = near.saturating_sub(STRIDE - 1);
            if self.literal_runs.holds(run) != 0 {
                for place in first..=near {
                    if let Some(literal) = self.literals.at(text, place) {
                        found(place, Found::Literal(literal));
                    }
                }
            }
            if self.cue_runs.holds(cue_run(run)) != 0 {
                // A short cue may begin right behind the run that it is known by.
                for place in first..=near + 1 {
                    if self.cues.at(text, place) {
                        found(place, Found::Cue);
                    }
                }
            }
        });
    }

    /// Calls back for each place at which, or up to two bytes before which, something may begin,
    /// with the bytes that stand there.
    fn for_each_place(&self, text: &[u8], mut near: impl FnMut(usize, u32)) {
        let mut at = 0;
        while let Some(window) = text.get(at..).and_then(<[u8]>::first_chunk::<WINDOW>) {
            let bytes = u64::from_le_bytes(*window);
            let (first, second) = (run_in(bytes), run_in(bytes >> (8 * STRIDE)));
            let (near_first, near_second) = (self.may_begin(first), self.may_begin(second));
            // One branch for both, since it is next to never taken.
            if near_first | near_second != 0 {
                if near_first != 0 {
                    near(at, first);
                }
                if near_second != 0 {
                    near(at + STRIDE, second);
                }
            }
            at += 2 * STRIDE;
        }
        let rest = text.get(at..).unwrap_or_default();
        for place in (0..rest.len()).step_by(STRIDE) {
            let run = number(rest.get(place..rest.len().min(place + 4)).unwrap_or_default());
            if self.may_begin(run) != 0 {
                near(at + place, run);
            }
        }
    }

    #[inline]
    fn may_begin(&self, run: u32) -> u64 {
        self.literal_runs.holds(run) | self.cue_runs.holds(cue_run(run))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the first four bytes are what is meant")]
#[inline]
fn run_in(bytes: u64) -> u32 {
    bytes as u32
}

/// Folds four bytes to the three that cues are known by.
#[inline]
fn cue_run(run: u32) -> u32 {
    (run | FOLD) & CUE_RUN
}

/// Adds the runs of a secret at its first [`STRIDE`] places.
fn add_literal_runs(literal: &[u8], runs: &mut Vec<u32>) {
    runs.extend(literal.windows(4).take(STRIDE).map(number));
}

/// Adds the runs of a cue, one for each of [`STRIDE`] neighbouring places. One that is too short
/// for that gets, for the place before it, a run for each byte that may stand there.
fn add_cue_runs(cue: &[u8], runs: &mut Vec<u32>) {
    runs.extend(cue.windows(3).take(STRIDE).map(number));
    if cue.len() < STRIDE + 2 {
        let behind = number(cue.get(..2).unwrap_or_default()) << 8;
        runs.extend((0..=u32::from(u8::MAX)).map(|before| before | behind));
    }
}

/// Returns up to four bytes as a number, the first one lowest.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

impl Cues {
    /// The shortest cue, in bytes: with fewer, its runs would hold too many unknown bytes.
    pub(super) const SHORTEST: usize = 4;

    /// Takes texts of [`Self::SHORTEST`] bytes at least; shorter ones count for nothing.
    pub(super) fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let texts = texts.into_iter().filter(|text| text.len() >= Self::SHORTEST);
        let mut sorted: Vec<Box<[u8]>> =
            texts.map(|text| text.to_ascii_lowercase().into_bytes().into()).collect();
        sorted.sort();
        // A longer cue is found wherever a shorter one that it begins with is.
        sorted.dedup_by(|later, cue| later.starts_with(cue));
        let beginnings: Vec<_> = sorted.iter().filter_map(|cue| beginning(cue, 0)).collect();
        Self { beginnings: Grams::new(&beginnings), sorted }
    }

    /// Whether one stands at a place.
    fn at(&self, text: &[u8], place: usize) -> bool {
        let may_be = beginning(text, place).is_some_and(|first| self.beginnings.holds(first) != 0);
        may_be && self.is_at(text.get(place..).unwrap_or_default())
    }

    fn is_at(&self, here: &[u8]) -> bool {
        let folded = || here.iter().map(u8::to_ascii_lowercase);
        let nearest = self.sorted.partition_point(|cue| cue.iter().copied().le(folded()));
        let Some(cue) = nearest.checked_sub(1).and_then(|index| self.sorted.get(index)) else {
            return false;
        };
        here.get(..cue.len()).is_some_and(|here| here.eq_ignore_ascii_case(cue))
    }
}

/// Returns the first four bytes from a place on, folded.
fn beginning(text: &[u8], place: usize) -> Option<u32> {
    let four = text.get(place..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four) | FOLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(literals: &[&str], cues: &[&str], text: &str) -> Vec<(usize, String)> {
        let literal =
            |text: &&str| Literal { bytes: text.as_bytes().into(), has_partial_ends: false };
        let search = Search::new(Cues::new(cues.iter().map(ToString::to_string)))
            .with_literals(literals.iter().map(literal).collect());
        let mut all = Vec::new();
        search.for_each(text.as_bytes(), |place, found| {
            let what = match found {
                Found::Literal(literal) => String::from_utf8_lossy(&literal.bytes).into_owned(),
                Found::Cue => "?".to_owned(),
            };
            if !all.contains(&(place, what.clone())) {
                all.push((place, what));
            }
        });
        all
    }

    #[test]
    fn finds_at_every_place_of_a_text() {
        for before in 0..20 {
            for after in 0..20 {
                let text = format!("{}hunter{}", ".".repeat(before), "-".repeat(after));
                let expected = vec![(before, "hunter".to_owned())];
                assert_eq!(found(&["hunter", "gatherer"], &["pass"], &text), expected, "{text}");
                let text = text.replace("hunter", "PaSs");
                assert_eq!(
                    found(&["hunter"], &["pass", "token"], &text),
                    vec![(before, "?".into())]
                );
            }
        }
    }

    #[test]
    fn finds_all_that_overlap() {
        let all = found(&["abcdef", "abcdefgh", "defghi"], &["efgh"], "abcdefghi");
        let all: Vec<_> = all.iter().map(|(place, what)| (*place, &**what)).collect();
        assert_eq!(all, [(0, "abcdefgh"), (3, "defghi"), (4, "?")]);
    }

    #[test]
    fn a_cue_is_found_by_its_beginning() {
        assert_eq!(found(&[], &["key=", "key"], "a key=1"), vec![(2, "?".into())]);
        assert_eq!(found(&[], &["token", "secret"], "tokens, secre"), vec![(0, "?".into())]);
    }
}
