//! Telling which of many secrets stands at one place of a text.

use hashbrown::HashTable;

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

/// Many secrets, found by their first bytes.
#[derive(Debug)]
pub(super) struct Literals {
    /// In the order of their bytes, each once.
    sorted: Vec<Entry>,
    groups: HashTable<Group>,
}

#[derive(Debug)]
struct Entry {
    literal: Literal,
    /// The longest other entry that this one begins with.
    shorter: Option<usize>,
}

/// The entries that have their first bytes in common.
#[derive(Debug)]
struct Group {
    key: u64,
    first: usize,
    count: usize,
}

impl Literals {
    /// Takes the secrets that are searched for, each of [`SHORTEST`] bytes at least.
    pub(super) fn new(mut literals: Vec<Literal>) -> Self {
        literals.sort();
        // Of two that only differ in their ends, the one with partial ends masks more: it is last.
        literals.reverse();
        literals.dedup_by(|later, literal| later.bytes == literal.bytes);
        literals.reverse();
        let mut groups: Vec<Group> = Vec::new();
        for (first, literal) in literals.iter().enumerate() {
            let Some(key) = key_at(&literal.bytes, 0) else { continue };
            match groups.last_mut() {
                Some(group) if group.key == key => group.count += 1,
                _ => groups.push(Group { key, first, count: 1 }),
            }
        }
        let mut table = HashTable::with_capacity(groups.len());
        for group in groups {
            table.insert_unique(hash(group.key), group, |group| hash(group.key));
        }
        Self { sorted: with_shorter(literals), groups: table }
    }

    /// Returns how many there are.
    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Returns the longest that stands at a place of a text.
    pub(super) fn at(&self, text: &[u8], place: usize) -> Option<&Literal> {
        let key = key_at(text, place)?;
        let group = self.groups.find(hash(key), |group| group.key == key)?;
        let entries = self.sorted.get(group.first..group.first + group.count)?;
        let here = text.get(place..)?;
        // Whatever `here` begins with sorts before it, and nothing longer stands in between.
        let nearest = entries.partition_point(|entry| *entry.literal.bytes <= *here);
        let mut candidate = Some(group.first + nearest.checked_sub(1)?);
        while let Some(entry) = candidate.and_then(|index| self.sorted.get(index)) {
            if here.starts_with(&entry.literal.bytes) {
                return Some(&entry.literal);
            }
            candidate = entry.shorter;
        }
        None
    }
}

impl Literals {
    /// Returns the length of the longest end of a text that one begins with and goes on behind.
    pub(super) fn begun(&self, text: &[u8]) -> usize {
        let longest = self.sorted.iter().map(|entry| entry.literal.bytes.len()).max().unwrap_or(0);
        let lengths = (1..longest.min(text.len() + 1)).rev();
        let is_begun = |length: &usize| {
            let end = text.get(text.len() - length..).unwrap_or_default();
            let next = self.sorted.partition_point(|entry| *entry.literal.bytes <= *end);
            self.sorted.get(next).is_some_and(|entry| entry.literal.bytes.starts_with(end))
        };
        lengths.into_iter().find(is_begun).unwrap_or(0)
    }
}

/// Links each secret to the longest other one that it begins with.
fn with_shorter(literals: Vec<Literal>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::with_capacity(literals.len());
    for literal in literals {
        let mut shorter = entries.len().checked_sub(1);
        while let Some(entry) = shorter.and_then(|index| entries.get(index)) {
            if literal.bytes.starts_with(&entry.literal.bytes) {
                break;
            }
            shorter = entry.shorter;
        }
        entries.push(Entry { literal, shorter });
    }
    entries
}

/// Returns the [`SHORTEST`] bytes from a place on, as a number.
#[inline]
fn key_at(text: &[u8], place: usize) -> Option<u64> {
    let here = text.get(place..)?;
    let (four, rest) = here.split_first_chunk::<4>()?;
    let two = rest.first_chunk::<2>()?;
    Some(u64::from(u32::from_le_bytes(*four)) | u64::from(u16::from_le_bytes(*two)) << 32)
}

/// Spreads a key over all bits: the secrets are not an adversary's to choose.
#[inline]
fn hash(key: u64) -> u64 {
    let spread = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    spread ^ (spread >> 29)
}

#[cfg(test)]
mod tests {
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
            let here = literals.at(text.as_bytes(), 0);
            assert_eq!(here.map(|literal| &*literal.bytes), found.map(str::as_bytes), "{text}");
        }
        assert!(literals.at(b"a secret", 2).is_some());
        assert!(literals.at(b"a secret", 9).is_none());
    }
}
