//! Stretches of a text that are masked.

use std::{borrow::Cow, ops::Range};

use super::MASK;

/// Stretches of one text, in any order; they may overlap.
#[derive(Default)]
pub(super) struct Spans {
    ranges: Vec<Range<usize>>,
}

impl Spans {
    /// Adds a stretch; an empty one counts for nothing.
    pub(super) fn add(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.ranges.push(range);
        }
    }

    /// Adds a place at which a mask stands though nothing is masked: the stock agent does not tell
    /// an empty secret from another.
    pub(super) fn add_empty(&mut self, place: usize) {
        self.ranges.push(place..place);
    }

    /// Brings them into order, and makes one of those that overlap or touch: two secrets side by
    /// side show one mask.
    pub(super) fn settle(&mut self) {
        self.ranges.sort_unstable_by_key(|range| range.start);
        self.ranges.dedup_by(|later, range| {
            let is_joined = later.start <= range.end;
            if is_joined {
                range.end = range.end.max(later.end);
            }
            is_joined
        });
    }

    /// Returns the stretches, which must be settled.
    pub(super) fn settled(&self) -> &[Range<usize>] {
        &self.ranges
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.ranges.clear();
    }

    /// Returns a text with a mask for each stretch, which must be settled.
    pub(super) fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.ranges.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut shown = Vec::with_capacity(text.len());
        self.write_masked(text.as_bytes(), 0, &mut shown);
        // A stretch ends where a character does, unless a secret is a part of one in base64.
        Cow::Owned(String::from_utf8_lossy(&shown).into_owned())
    }

    /// Appends a text from a place on, with a mask for each stretch. They must be settled.
    ///
    /// Of a stretch that begins before the place, the mask has been shown already.
    pub(super) fn write_masked(&self, text: &[u8], from: usize, shown: &mut Vec<u8>) {
        let mut at = from;
        for range in self.ranges.iter().filter(|range| range.end > from) {
            if range.start >= from {
                shown.extend_from_slice(text.get(at..range.start).unwrap_or_default());
                shown.extend_from_slice(MASK.as_bytes());
            }
            at = range.end;
        }
        shown.extend_from_slice(text.get(at..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_that_touch_are_masked_as_one() {
        for (ranges, from, masked) in [
            (&[][..], 0, "abcdefgh"),
            (&[(1, 3)], 0, "a********defgh"),
            (&[(4, 6), (1, 3)], 0, "a********d********gh"),
            (&[(3, 5), (1, 3), (1, 2)], 0, "a********fgh"),
            (&[(0, 8)], 0, "********"),
            (&[(1, 3)], 1, "********defgh"),
            (&[(1, 4)], 2, "efgh"),
            (&[(1, 2)], 2, "cdefgh"),
        ] {
            let mut spans = Spans::default();
            for (start, end) in ranges {
                spans.add(*start..*end);
            }
            spans.settle();
            let mut shown = Vec::new();
            spans.write_masked(b"abcdefgh", from, &mut shown);
            assert_eq!(String::from_utf8_lossy(&shown), masked, "{ranges:?} from {from}");
        }
    }
}
