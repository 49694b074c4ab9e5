//! Sets of words that are known when this is compiled, found by their first two letters.

/// How many bits of a byte tell a letter.
const LETTER_BITS: u32 = 5;

const PAIRS: usize = 1 << (2 * LETTER_BITS);

/// A set of words of two lower-case letters at least.
#[derive(Debug)]
pub(super) struct WordSet<const COUNT: usize> {
    words: [&'static str; COUNT],
    /// Where the words with such letters begin, and how many there are.
    runs: [(u8, u8); PAIRS],
}

impl<const COUNT: usize> WordSet<COUNT> {
    /// Takes the words, those with the same two first letters side by side.
    #[expect(clippy::indexing_slicing, reason = "a mistake must not compile, and does not")]
    pub(super) const fn new(words: [&'static str; COUNT]) -> Self {
        let mut runs = [(0, 0); PAIRS];
        let (mut index, mut number) = (0, 0);
        while index < COUNT {
            let word = words[index].as_bytes();
            let run = &mut runs[pair(word[0], word[1])];
            if run.1 == 0 {
                run.0 = number;
            }
            assert!(
                run.0 + run.1 == number,
                "words with the same first letters stand side by side"
            );
            run.1 += 1;
            index += 1;
            // Beyond 255 words this does not compile.
            number += 1;
        }
        Self { words, runs }
    }

    /// Whether a word is in the set.
    pub(super) fn holds(&self, word: &[u8]) -> bool {
        self.alike(word).iter().any(|known| known.as_bytes() == word)
    }

    /// Whether a text has a word of the set in it.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        (0..text.len()).any(|place| self.begins(text.get(place..).unwrap_or_default()))
    }

    fn begins(&self, text: &[u8]) -> bool {
        self.alike(text).iter().any(|known| text.starts_with(known.as_bytes()))
    }

    /// Returns the words that begin with the same two letters as a text.
    #[inline]
    fn alike(&self, text: &[u8]) -> &[&'static str] {
        let Some([first, second]) = text.first_chunk::<2>() else { return &[] };
        let (start, count) = self.runs.get(pair(*first, *second)).copied().unwrap_or_default();
        let start = usize::from(start);
        self.words.get(start..start + usize::from(count)).unwrap_or_default()
    }
}

const fn pair(first: u8, second: u8) -> usize {
    let letter = (1 << LETTER_BITS) - 1;
    (first as usize & letter) << LETTER_BITS | second as usize & letter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_they_are_and_in_texts() {
        let words = WordSet::new(["key", "keeper", "token", "to"]);
        for (text, is_word, is_in) in [
            ("key", true, true),
            ("keeper", true, true),
            ("ke", false, false),
            ("keepe", false, false),
            ("monkeys", false, true),
            ("to", true, true),
            ("tokens", false, true),
            ("t", false, false),
            ("\u{eb}y", false, false),
            ("", false, false),
        ] {
            assert_eq!(words.holds(text.as_bytes()), is_word, "{text}");
            assert_eq!(words.is_in(text.as_bytes()), is_in, "{text}");
        }
    }
}
