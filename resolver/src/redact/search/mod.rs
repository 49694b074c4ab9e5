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

/// How many places are looked at before those are dealt with that something may begin at.
const GATHERED: usize = 256;

/// The table for the runs of secrets, in words: 64 KiB. 1,000 secrets have 15,000 runs in all their
/// spellings.
const LITERAL_WORDS: usize = 8 << 10;

/// The tables for those of cues, in words: 4 KiB. There are a few hundred.
const CUE_WORDS: usize = 512;

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
    literal_runs: Grams<LITERAL_WORDS>,
    cues: Cues,
    /// The runs of three bytes of each cue, in lower case.
    cue_runs: Grams<CUE_WORDS>,
}

/// Texts that announce a secret near, such as `password` and `token`; letter case does not count.
#[derive(Debug)]
pub(super) struct Cues {
    /// In lower case, in order.
    sorted: Vec<Box<[u8]>>,
    /// Their first four bytes, folded.
    beginnings: Grams<CUE_WORDS>,
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
        let runs = cues.sorted.iter().flat_map(|cue| cue.windows(3).take(STRIDE).map(number));
        let cue_runs = Grams::new(runs.map(cue_run));
        let (literals, literal_runs) = (Literals::new(Vec::new()), Grams::new([]));
        Self { literals, literal_runs, cues, cue_runs }
    }

    /// Returns a search for the same cues and for these secrets.
    pub(super) fn with_literals(self, mut literals: Vec<Literal>) -> Self {
        literals.retain(|literal| literal.bytes.len() >= SHORTEST);
        let runs = literals.iter().flat_map(|it| it.bytes.windows(4).take(STRIDE).map(number));
        let literal_runs = Grams::new(runs);
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

    /// Calls back for each secret and each cue, in the order of their places.
    pub(super) fn for_each(&self, text: &[u8], mut found: impl FnMut(usize, Found<'_>)) {
        self.for_each_place(text, |near, run| {
            let first = near.saturating_sub(STRIDE - 1);
            if self.literal_runs.holds(run) {
                for place in first..=near {
                    if let Some(literal) = self.literals.at(text, place) {
                        found(place, Found::Literal(literal));
                    }
                }
            }
            if self.cue_runs.holds(cue_run(run)) {
                for place in first..=near {
                    if self.cues.at(text, place) {
                        found(place, Found::Cue);
                    }
                }
            }
        });
    }

    /// Calls back for each place at which, or up to two bytes before which, something may begin,
    /// with the bytes that stand there.
    ///
    /// The places are gathered without a branch, since nobody can foretell which they are, and
    /// looked at afterwards.
    fn for_each_place(&self, text: &[u8], mut near: impl FnMut(usize, u32)) {
        let mut gathered = [(0, 0); GATHERED];
        let mut at = 0;
        while at + 4 <= text.len() {
            let end = text.len().min(at + GATHERED * STRIDE);
            let mut count = 0;
            while let Some(bytes) = text.get(at..).and_then(<[u8]>::first_chunk::<4>)
                && at < end
            {
                let run = u32::from_le_bytes(*bytes);
                if let Some(place) = gathered.get_mut(count) {
                    *place = (at, run);
                }
                count += usize::from(self.may_begin(run));
                at += STRIDE;
            }
            for (place, run) in gathered.iter().take(count) {
                near(*place, *run);
            }
        }
        let last = number(text.get(at..).unwrap_or_default());
        if at < text.len() && self.may_begin(last) {
            near(at, last);
        }
    }

    #[inline]
    fn may_begin(&self, run: u32) -> bool {
        self.literal_runs.holds(run) | self.cue_runs.holds(cue_run(run))
    }
}

/// Folds four bytes to the three that cues are known by.
#[inline]
fn cue_run(run: u32) -> u32 {
    (run | FOLD) & CUE_RUN
}

/// Returns up to four bytes as a number, the first one lowest.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

impl Cues {
    /// The shortest cue, in bytes: it has [`STRIDE`] runs of three bytes.
    pub(super) const SHORTEST: usize = STRIDE + 2;

    /// Takes texts of [`Self::SHORTEST`] bytes at least; shorter ones count for nothing.
    pub(super) fn new(texts: impl IntoIterator<Item = String>) -> Self {
        let texts = texts.into_iter().filter(|text| text.len() >= Self::SHORTEST);
        let mut sorted: Vec<Box<[u8]>> =
            texts.map(|text| text.to_ascii_lowercase().into_bytes().into()).collect();
        sorted.sort();
        // A longer cue is found wherever a shorter one that it begins with is.
        sorted.dedup_by(|later, cue| later.starts_with(cue));
        let beginnings = Grams::new(sorted.iter().filter_map(|cue| beginning(cue, 0)));
        Self { sorted, beginnings }
    }

    /// Whether one stands at a place.
    fn at(&self, text: &[u8], place: usize) -> bool {
        let may_be = beginning(text, place).is_some_and(|first| self.beginnings.holds(first));
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
            all.push((place, what));
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
                let text = text.replace("hunter", "PaSsW");
                assert_eq!(
                    found(&["hunter"], &["passw", "token"], &text),
                    vec![(before, "?".into())]
                );
            }
        }
    }

    #[test]
    fn finds_all_that_overlap() {
        let all = found(&["abcdef", "abcdefgh", "defghi"], &["efghi"], "abcdefghi");
        let all: Vec<_> = all.iter().map(|(place, what)| (*place, &**what)).collect();
        assert_eq!(all, [(0, "abcdefgh"), (3, "defghi"), (4, "?")]);
    }

    #[test]
    fn a_cue_is_found_by_its_beginning() {
        assert_eq!(found(&[], &["_key=", "_key=1"], "a_key=1"), vec![(1, "?".into())]);
        assert_eq!(found(&[], &["token", "secret"], "tokens, secre"), vec![(0, "?".into())]);
    }
}
