//! Finding many secrets in a text.

use std::ops::Range;

use hashbrown::HashTable;

use super::{grams::Grams, samples::Samples};

/// The shortest secret that is searched for, in bytes: with fewer, a text such as `on` or `8008`
/// would be masked wherever it occurs.
pub(in crate::redact) const SHORTEST: usize = 6;

/// A secret in one of its spellings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::redact) struct Literal {
    /// The bytes that are searched for, [`SHORTEST`] at least.
    pub(in crate::redact) bytes: Box<[u8]>,
    /// Whether the character on either side may tell some bits of the secret, as in base64.
    pub(in crate::redact) has_partial_ends: bool,
}

/// Long secrets: drawn by machines, as most are, and their spellings.
type LongSamples = Samples<5, 11>;

/// Secrets of [`SHORTEST`] bytes at least.
type ShortSamples = Samples<3, 4>;

/// A secret that stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::redact) struct Hit {
    pub(in crate::redact) range: Range<usize>,
    /// As that of its [`Literal`].
    pub(in crate::redact) has_partial_ends: bool,
}

/// Many secrets, found by their first bytes.
///
/// All lies close together: a text of near misses asks for another secret at every turn.
#[derive(Debug)]
pub(in crate::redact) struct Literals {
    /// In the order of their bytes, each once.
    sorted: Vec<Entry>,
    /// The bytes of all, in the same order.
    bytes: Vec<u8>,
    groups: HashTable<Group>,
    /// The first bytes of all.
    beginnings: Grams,
    short: ShortSamples,
    long: LongSamples,
}

#[derive(Debug)]
struct Entry {
    start: usize,
    length: u32,
    /// The longest other entry that this one begins with, counted from one.
    shorter: u32,
    has_partial_ends: bool,
}

/// The entries that have their first bytes in common.
#[derive(Debug)]
struct Group {
    key: u64,
    first: u32,
    count: u32,
}

impl Literals {
    /// Takes the secrets that are searched for, each of [`SHORTEST`] bytes at least.
    pub(in crate::redact) fn new(mut literals: Vec<Literal>) -> Self {
        literals.retain(|literal| literal.bytes.len() >= SHORTEST);
        literals.sort_unstable();
        // Of two that only differ in their ends, the one with partial ends masks more: it is last.
        literals.reverse();
        literals.dedup_by(|later, literal| later.bytes == literal.bytes);
        literals.reverse();
        let (long, short): (Vec<&[u8]>, Vec<&[u8]>) = literals
            .iter()
            .map(|literal| &*literal.bytes)
            .partition(|bytes| bytes.len() >= LongSamples::SHORTEST);
        let (long, short) = (Samples::new(&long), Samples::new(&short));
        let groups = grouped(&literals);
        let beginnings = Grams::new(&groups.iter().map(|group| group.key).collect::<Vec<_>>());
        let mut table = HashTable::with_capacity(groups.len());
        for group in groups {
            table.insert_unique(hash(group.key), group, |group| hash(group.key));
        }
        let (sorted, bytes) = (Vec::with_capacity(literals.len()), Vec::new());
        let mut all = Self { sorted, bytes, groups: table, beginnings, short, long };
        for literal in &literals {
            all.push(literal);
        }
        all
    }

    /// Adds what sorts behind all others; links it to the longest one that it begins with.
    fn push(&mut self, literal: &Literal) {
        let mut shorter = number(self.sorted.len());
        while let Some(entry) = self.numbered(shorter) {
            if literal.bytes.starts_with(self.bytes_of(entry)) {
                break;
            }
            shorter = entry.shorter;
        }
        let (start, length) = (self.bytes.len(), number(literal.bytes.len()));
        self.bytes.extend_from_slice(&literal.bytes);
        let has_partial_ends = literal.has_partial_ends;
        self.sorted.push(Entry { start, length, shorter, has_partial_ends });
    }

    /// Calls back for each secret, in no order, and maybe twice; not for those that another one
    /// begins with at the same place.
    pub(in crate::redact) fn for_each(&self, text: &[u8], mut found: impl FnMut(Hit)) {
        let mut look = |place: usize| {
            let key = key_at(text, place).filter(|key| self.beginnings.holds(*key));
            if let Some(hit) = key.and_then(|key| self.at(text, place, key)) {
                found(hit);
            }
        };
        self.long.for_each(text, &mut look);
        self.short.for_each(text, &mut look);
    }

    /// Returns the longest that stands at a place of a text, where these first bytes stand.
    fn at(&self, text: &[u8], place: usize, key: u64) -> Option<Hit> {
        let group = self.groups.find(hash(key), |group| group.key == key)?;
        let entries = self.sorted.get(group.first as usize..)?.get(..group.count as usize)?;
        let here = text.get(place..)?;
        // Whatever `here` begins with sorts before it, and nothing longer stands in between.
        let nearest = match entries {
            [_] => 1,
            _ => entries.partition_point(|entry| self.bytes_of(entry) <= here),
        };
        let mut candidate = entries.get(nearest.checked_sub(1)?);
        while let Some(entry) = candidate {
            if is_begun_by(here, self.bytes_of(entry)) {
                let range = place..place + entry.length as usize;
                return Some(Hit { range, has_partial_ends: entry.has_partial_ends });
            }
            candidate = self.numbered(entry.shorter);
        }
        None
    }

    /// Returns the length of the longest end of a text that one begins with and goes on behind.
    pub(in crate::redact) fn begun(&self, text: &[u8]) -> usize {
        let longest = self.sorted.iter().map(|entry| entry.length as usize).max().unwrap_or(0);
        let lengths = (1..longest.min(text.len() + 1)).rev();
        let is_begun = |length: &usize| {
            let end = text.get(text.len() - length..).unwrap_or_default();
            let next = self.sorted.partition_point(|entry| self.bytes_of(entry) <= end);
            self.sorted.get(next).is_some_and(|entry| self.bytes_of(entry).starts_with(end))
        };
        lengths.into_iter().find(is_begun).unwrap_or(0)
    }

    fn bytes_of(&self, entry: &Entry) -> &[u8] {
        self.bytes
            .get(entry.start..)
            .and_then(|rest| rest.get(..entry.length as usize))
            .unwrap_or_default()
    }

    /// Returns an entry by its number, counted from one.
    fn numbered(&self, number: u32) -> Option<&Entry> {
        self.sorted.get((number as usize).checked_sub(1)?)
    }
}

/// Whether a text begins with a secret: a near miss is mostly told by the last byte.
#[inline]
fn is_begun_by(text: &[u8], secret: &[u8]) -> bool {
    let end = secret.len().checked_sub(1).and_then(|last| text.get(last));
    end == secret.last() && text.starts_with(secret)
}

/// Returns the groups of secrets in order.
fn grouped(literals: &[Literal]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (first, literal) in literals.iter().enumerate() {
        let Some(key) = key_at(&literal.bytes, 0) else { continue };
        match groups.last_mut() {
            Some(group) if group.key == key => group.count += 1,
            _ => groups.push(Group { key, first: number(first), count: 1 }),
        }
    }
    groups
}

/// Returns a number of four bytes: there is no memory for so many secrets.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Returns the [`SHORTEST`] bytes from a place on, as a number.
#[inline]
fn key_at(text: &[u8], place: usize) -> Option<u64> {
    let [first, second, third, fourth, fifth, sixth] =
        *text.get(place..)?.first_chunk::<SHORTEST>()?;
    Some(u64::from_le_bytes([first, second, third, fourth, fifth, sixth, 0, 0]))
}

/// Spreads a key over all bits: the secrets are not an adversary's to choose.
#[inline]
fn hash(key: u64) -> u64 {
    let spread = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    spread ^ (spread >> 29)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    #[test]
    fn the_longest_that_stands_at_a_place_is_found() {
        let literals = ["secret", "secretly", "secretary", "secretest", "sesame-oil", "zzzzzz"];
        let literal =
            |text: &str| Literal { bytes: text.as_bytes().into(), has_partial_ends: false };
        let literals = Literals::new(literals.map(literal).to_vec());
        for (text, found) in [
            ("secret", Some("secret")),
            ("secre", None),
            ("secreT", None),
            ("secretl", Some("secret")),
            ("secretly!", Some("secretly")),
            ("secretaries", Some("secret")),
            ("secretaryx", Some("secretary")),
            ("sesame-oi", None),
            ("sesame-oils", Some("sesame-oil")),
            ("zzzzzzzz", Some("zzzzzz")),
            ("", None),
        ] {
            let here =
                key_at(text.as_bytes(), 0).and_then(|key| literals.at(text.as_bytes(), 0, key));
            assert_eq!(here.map(|hit| &text[hit.range]), found, "{text}");
        }
        let is_at = |place| {
            key_at(b"a secret", place)
                .is_some_and(|key| literals.at(b"a secret", place, key).is_some())
        };
        assert!(is_at(2) && !is_at(1) && !is_at(9));
    }

    fn found(literals: &[&str], text: &str) -> Vec<(usize, String)> {
        let literal =
            |text: &&str| Literal { bytes: text.as_bytes().into(), has_partial_ends: false };
        let literals = Literals::new(literals.iter().map(literal).collect());
        let mut all = Vec::new();
        literals.for_each(text.as_bytes(), |hit| {
            all.push((hit.range.start, text[hit.range].to_owned()));
        });
        all.sort();
        all.dedup();
        all
    }

    #[test]
    fn a_secret_is_found_at_every_place_of_a_text() {
        let short = (6..=16).map(|length| &"hunter2-and-more"[..length]);
        for secret in short.chain(["correct horse battery staple"]) {
            for before in (0..20).chain([2_000, 2_047, 2_048, 2_049]) {
                for after in 0..10 {
                    let text = format!("{}{secret}{}", ".".repeat(before), "-".repeat(after));
                    let expected = [(before, secret.to_owned())];
                    assert_eq!(found(&[secret, "gatherer"], &text), expected, "{text}");
                }
            }
        }
    }

    #[test]
    fn all_that_overlap_are_found() {
        let all =
            found(&["abcdef", "abcdefgh", "defghi", "hijklmnopqrstuvw"], "abcdefghijklmnopqrstuvw");
        let all: Vec<_> = all.iter().map(|(place, what)| (*place, &**what)).collect();
        assert_eq!(all, [(0, "abcdefgh"), (3, "defghi"), (7, "hijklmnopqrstuvw")]);
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_stands_there(
            secrets in vec("[ab]{6,9}|[a-c]{14,20}|[ -~]{6,40}", 0..12),
            parts in vec((0..12_usize, "[a-c]{0,9}", 0..50_usize), 0..12),
        ) {
            let known: Vec<_> = secrets.iter().map(String::as_str).collect();
            let mut text = String::new();
            for (index, between, cut) in &parts {
                let secret = known.get(*index).copied().unwrap_or_default();
                // A beginning is a near miss.
                text.push_str(secret.get(..*cut).unwrap_or(secret));
                text.push_str(between);
            }
            let longest = |place: usize| {
                let here = known.iter().filter(|secret| text[place..].starts_with(**secret));
                here.max_by_key(|secret| secret.len()).map(|secret| (place, (*secret).to_owned()))
            };
            let expected: Vec<_> = (0..text.len()).filter_map(longest).collect();
            prop_assert_eq!(found(&known, &text), expected);
        }
    }
}
