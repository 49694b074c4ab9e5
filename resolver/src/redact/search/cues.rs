//! Finding the texts that announce a secret near, such as `password`.

use super::{
    byte_set::ByteSet,
    places::Places,
    sieve::{DEPTH, GROUPS, Sieve, padded},
};

/// How much of a cue is compared, in bytes: as much as a number holds.
const COMPARED: usize = 8;

/// Letter case is one bit in ASCII; folding other characters onto each other costs a closer look
/// at most.
const FOLD: u64 = 0x2020_2020_2020_2020;

/// What of a byte tells a letter, whatever its case.
const LETTER: u32 = 0x1F;

/// How many cues there are room for that are told apart by their first sieved letters.
const HEADS: usize = 1 << 10;

/// A text that announces a secret near; letter case does not count.
#[derive(Debug)]
pub(in crate::redact) struct Cue<'a> {
    text: &'a [u8],
    before: &'static ByteSet,
    behind: &'static ByteSet,
    /// Which byte of the text is the first one that the sieve looks at.
    sieved_from: usize,
}

impl<'a> Cue<'a> {
    /// Returns one that is found whatever stands around it. Of a text longer than eight bytes the
    /// beginning counts; one shorter than three is never found.
    pub(in crate::redact) const fn new(text: &'a str) -> Self {
        let text = text.as_bytes();
        Self { text, before: &ByteSet::ALL, behind: &ByteSet::ALL, sieved_from: 0 }
    }

    /// Returns the same, if one of these bytes or nothing stands before it.
    pub(in crate::redact) const fn behind_one_of(self, before: &'static ByteSet) -> Self {
        Self { before, ..self }
    }

    /// Returns the same, if one of these bytes follows.
    pub(in crate::redact) const fn before_one_of(self, behind: &'static ByteSet) -> Self {
        Self { behind, ..self }
    }

    /// Returns the same, sieved from a byte on that is not the first: two more must follow.
    pub(in crate::redact) const fn sieved_from(self, first: usize) -> Self {
        Self { sieved_from: first, ..self }
    }

    /// Whether it stands at a place of a text, told without haste.
    #[cfg(test)]
    pub(in crate::redact) fn is_at(&self, text: &[u8], place: usize) -> bool {
        let compared = self.text.get(..COMPARED).unwrap_or(self.text);
        let end = place + compared.len();
        let before = place.checked_sub(1).map_or(0, |before| text[before]);
        let behind = text.get(end).copied().unwrap_or_default();
        text.get(place..end).is_some_and(|here| here.eq_ignore_ascii_case(compared))
            && (place == 0 || self.before.holds(before))
            && self.behind.holds(behind)
    }

    /// Returns what may stand at each place that the sieve looks at.
    fn sieved(&self) -> impl Iterator<Item = Sieved> {
        let text = self.text.get(self.sieved_from..).unwrap_or_default();
        let text = text.iter().map(|byte| Sieved::Byte(*byte));
        text.chain([Sieved::Set(self.behind)]).take(DEPTH)
    }
}

/// Many cues, found at one go.
#[derive(Debug)]
pub(in crate::redact) struct Cues {
    sieve: Sieve,
    /// By the first three letters of what the sieve looks at, the last entry of such cues.
    heads: Box<[u16; HEADS]>,
    /// The first one stands nowhere.
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// The first bytes, folded.
    text: u64,
    compared: u64,
    length: usize,
    before: &'static ByteSet,
    behind: &'static ByteSet,
    sieved_from: usize,
    /// Another entry with the same head.
    next: u16,
}

/// The number of the entry that stands nowhere.
const NOWHERE: u16 = 0;

impl Cues {
    /// How many there can be; more would not be found.
    pub(in crate::redact) const MOST: usize = u16::MAX as usize;

    /// Takes [`Self::MOST`] cues at most, in groups, of which each should hold those that have
    /// letters in common at the same places: what else such letters spell together is looked at
    /// closer, too.
    pub(in crate::redact) fn new<'a, 'b: 'a>(
        groups: impl IntoIterator<Item = (usize, &'a Cue<'b>)>,
    ) -> Self {
        let heads = Box::new([NOWHERE; HEADS]);
        let mut cues = Self { sieve: Sieve::new(), heads, entries: Vec::with_capacity(64) };
        cues.entries.push(Entry::nowhere());
        for (group, cue) in groups {
            cues.add(group % GROUPS, cue);
        }
        cues
    }

    /// Takes [`Self::MOST`] cues at most, in the order of the alphabet: neighbours have most letters
    /// in common. So 250 listed names take less than twice the time of none; ten did nearly, when they
    /// were in any order and among the other cues.
    pub(in crate::redact) fn of_sorted(cues: &[Cue<'_>]) -> Self {
        let group = |index: usize| index * GROUPS / cues.len();
        Self::new(cues.iter().enumerate().map(|(index, cue)| (group(index), cue)))
    }

    fn add(&mut self, group: usize, cue: &Cue<'_>) {
        let text = cue.text.get(..COMPARED).unwrap_or(cue.text);
        let number = u16::try_from(self.entries.len()).ok().filter(|_| text.len() >= 3);
        let Some(number) = number else { return };
        let Some(head) = head(text, cue.sieved_from).and_then(|head| self.heads.get_mut(head))
        else {
            return;
        };
        for (depth, sieved) in cue.sieved().enumerate() {
            sieved.for_each(|byte| self.sieve.admit(group, depth, byte));
        }
        let next = std::mem::replace(head, number);
        let compared = u64::MAX >> (u64::BITS as usize - 8 * text.len());
        self.entries.push(Entry {
            text: eight_at(text, 0) & compared,
            compared,
            length: text.len(),
            before: cue.before,
            behind: cue.behind,
            sieved_from: cue.sieved_from,
            next,
        });
    }

    /// Calls back for cues with the places where they begin, in order, a few at a time.
    pub(in crate::redact) fn for_each_few(&self, text: &[u8], mut found: impl FnMut(&mut Places)) {
        let (mut places, mut from) = (Places::new(), 0);
        while from < text.len() {
            from = self.sieve.fill(text, from, &mut places);
            places.refine(|place| self.sieved_at(text, place));
            found(&mut places);
        }
    }

    /// Returns where a cue begins of which the sieve has found a place, and whether it does.
    #[inline]
    fn sieved_at(&self, text: &[u8], place: usize) -> (usize, bool) {
        let head = head(text, place).and_then(|head| self.heads.get(head)).copied();
        let entry = self.entries.get(usize::from(head.unwrap_or(NOWHERE)));
        let Some(entry) = entry else { return (place, false) };
        let start = place.wrapping_sub(entry.sieved_from);
        if entry.next == NOWHERE {
            return (start, entry.is_at(text, start));
        }
        self.next_at(text, place, entry)
    }

    /// The same for one of several with the same head.
    #[cold]
    fn next_at<'a>(&'a self, text: &[u8], place: usize, mut entry: &'a Entry) -> (usize, bool) {
        loop {
            let start = place.wrapping_sub(entry.sieved_from);
            if entry.is_at(text, start) {
                return (start, true);
            }
            match self.entries.get(usize::from(entry.next)) {
                Some(next) if entry.next != NOWHERE => entry = next,
                _ => return (place, false),
            }
        }
    }
}

impl Entry {
    /// Returns one that stands nowhere.
    fn nowhere() -> Self {
        let (before, behind) = (&ByteSet::ALL, &ByteSet::ALL);
        let [text, compared] = [1, 0];
        Self { text, compared, length: 0, before, behind, sieved_from: 0, next: NOWHERE }
    }

    /// Whether it stands at a place, told without a branch.
    #[inline]
    fn is_at(&self, text: &[u8], place: usize) -> bool {
        let before = text.get(place.wrapping_sub(1)).copied().unwrap_or_default();
        let behind = text.get(place.wrapping_add(self.length)).copied().unwrap_or_default();
        (eight_at(text, place) & self.compared == self.text)
            & ((place == 0) | self.before.holds(before))
            & self.behind.holds(behind)
    }
}

/// A byte that the sieve looks at.
enum Sieved {
    /// Whatever its case.
    Byte(u8),
    Set(&'static ByteSet),
}

impl Sieved {
    fn for_each(self, mut admit: impl FnMut(u8)) {
        match self {
            Self::Byte(byte) => {
                admit(byte.to_ascii_lowercase());
                admit(byte.to_ascii_uppercase());
            }
            Self::Set(set) => set.bytes().for_each(&mut admit),
        }
    }
}

/// Returns the place in the table of heads for the three letters at a place of a text.
#[inline]
fn head(text: &[u8], place: usize) -> Option<usize> {
    let letters = *text.get(place..)?.first_chunk::<3>()?;
    let [first, second, third] = letters.map(|byte| u32::from(byte) & LETTER);
    // Any odd number will do that tells apart those that there are.
    let spread = (first << 10 | second << 5 | third).wrapping_mul(0x9E37_79B1);
    usize::try_from(spread >> (u32::BITS - HEADS.trailing_zeros())).ok()
}

/// Returns the eight bytes at a place as a number, folded; zeros behind the end.
#[inline]
fn eight_at(text: &[u8], place: usize) -> u64 {
    let rest = text.get(place..).unwrap_or_default();
    let eight = rest.first_chunk::<8>().copied().unwrap_or_else(|| padded(rest));
    u64::from_le_bytes(eight) | FOLD
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLANK: &ByteSet = &ByteSet::of(b" ");

    fn found(cues: &[Cue<'_>], text: &str) -> Vec<usize> {
        let mut places = Vec::new();
        let cues = Cues::new(cues.iter().enumerate());
        cues.for_each_few(text.as_bytes(), |few| places.extend(few.drain()));
        places
    }

    #[test]
    fn a_cue_is_found_whatever_its_letter_case() {
        let cues = [Cue::new("ssword"), Cue::new("secret_x"), Cue::new("key-----")];
        for (text, places) in [
            ("ssword", vec![0]),
            ("PASSWORD sSwOrD", vec![2, 9]),
            ("sswor sswordsswordsswor", vec![6, 12]),
            ("the Secret_X, secret x", vec![4]),
            ("a key---- or KEY-----", vec![13]),
            ("", vec![]),
        ] {
            assert_eq!(found(&cues, text), places, "{text}");
        }
    }

    #[test]
    fn what_stands_around_a_cue_counts() {
        let cues = [
            Cue::new("key").before_one_of(BLANK),
            Cue::new("pat").behind_one_of(BLANK).before_one_of(BLANK),
            Cue::new("sk-").behind_one_of(BLANK),
            Cue::new("token").before_one_of(BLANK).sieved_from(2),
        ];
        for (text, places) in [
            ("key keys monkey key", vec![0, 12]),
            ("pat cpat  pat path ", vec![0, 10]),
            ("sk-a task-b sk-", vec![0, 12]),
            ("taken broken tokens tOKen ", vec![20]),
        ] {
            assert_eq!(found(&cues, text), places, "{text}");
        }
    }

    #[test]
    fn a_cue_is_found_at_every_place() {
        let cues = [Cue::new("key").before_one_of(BLANK), Cue::new("sk-")];
        for before in 0..150 {
            for (cue, behind) in [("key ", 0), ("sK-", 0), ("KEY ", 80), ("sk-", 90)] {
                let text = format!("{}{cue}{}", ".".repeat(before), ".".repeat(behind));
                assert_eq!(found(&cues, &text), [before], "{text}");
            }
        }
    }
}
