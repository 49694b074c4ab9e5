//! Sets of words that are known when this is compiled, found by their first two letters.

/// How many bits of a byte tell a letter.
const LETTER_BITS: u32 = 5;

const PAIRS: usize = 1 << (2 * LETTER_BITS);

/// A set of words of two lower-case letters at least.
#[derive(Debug)]
pub(super) struct WordSet<const COUNT: usize> {
    words: [&'static str; COUNT],
    /// Where the words with such letters begin, counted from one.
    first: [u8; PAIRS],
}

impl<const COUNT: usize> WordSet<COUNT> {
    /// Takes the words, those with the same two first letters side by side.
    #[expect(clippy::indexing_slicing, reason = "a mistake must not compile, and does not")]
    pub(super) const fn new(words: [&'static str; COUNT]) -> Self {
        let mut first = [0; PAIRS];
        let (mut index, mut number) = (0, 1);
        let mut last = PAIRS;
        while index < COUNT {
            let word = words[index].as_bytes();
            let pair = pair(word[0], word[1]);
            if pair != last {
                assert!(first[pair] == 0, "words with the same first letters stand side by side");
                first[pair] = number;
                last = pair;
            }
            index += 1;
            // Beyond 254 words this does not compile.
            number += 1;
        }
        Self { words, first }
    }

    /// Whether a word is in the set.
    pub(super) fn holds(&self, word: &[u8]) -> bool {
        self.alike(word).any(|known| known.as_bytes() == word)
    }

    /// Whether a text has a word of the set in it.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        let mut pairs = text.windows(2).enumerate();
        pairs.any(|(place, window)| {
            let [first, second] = *window else { return false };
            self.first.get(pair(first, second)).is_some_and(|first| *first > 0)
                && self.begins(text.get(place..).unwrap_or_default())
        })
    }

    fn begins(&self, text: &[u8]) -> bool {
        self.alike(text).any(|known| text.starts_with(known.as_bytes()))
    }

    /// Returns the words that begin with the same two letters as a text.
    fn alike(&self, text: &[u8]) -> impl Iterator<Item = &'static str> {
        let pair = text.first_chunk::<2>().map(|[first, second]| pair(*first, *second));
        let first = pair.and_then(|pair| self.first.get(pair)).copied().unwrap_or_default();
        let words = usize::from(first).checked_sub(1).and_then(|first| self.words.get(first..));
        let is_alike = move |word: &&str| {
            word.as_bytes().first_chunk::<2>().map(|[one, two]| self::pair(*one, *two)) == pair
        };
        words.unwrap_or_default().iter().copied().take_while(is_alike)
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
