//! Finding the texts that announce a secret near, such as `password`.

use super::{
    byte_set::ByteSet,
    sieve::{DEPTH, GROUPS, Sieve, padded},
};

/// How much of a cue is compared, in bytes: as much as a number holds.
const COMPARED: usize = 8;

/// Letter case is one bit in ASCII; folding other characters onto each other costs a closer look
/// at most.
const FOLD: u64 = 0x2020_2020_2020_2020;

/// How many bits of a byte tell a letter, whatever its case.
const LETTER_BITS: u32 = 5;

/// A text that announces a secret near; letter case does not count.
#[derive(Debug)]
pub(in crate::redact) struct Cue<'a> {
    text: &'a [u8],
    before: &'static ByteSet,
    behind: &'static ByteSet,
    /// Which byte of the text is the second one that the sieve looks at.
    second: usize,
}

impl<'a> Cue<'a> {
    /// Returns one that is found whatever stands around it. Of a text longer than eight bytes the
    /// beginning counts; one shorter than three is never found.
    pub(in crate::redact) const fn new(text: &'a str) -> Self {
        let text = text.as_bytes();
        Self { text, before: &ByteSet::ALL, behind: &ByteSet::ALL, second: 1 }
    }

    /// Returns the same, if one of these bytes or nothing stands before it.
    pub(in crate::redact) const fn behind_one_of(self, before: &'static ByteSet) -> Self {
        Self { before, ..self }
    }

    /// Returns the same, if one of these bytes follows.
    pub(in crate::redact) const fn before_one_of(self, behind: &'static ByteSet) -> Self {
        Self { behind, ..self }
    }

    /// Returns the same, sieved by what stands before it and its first three bytes.
    pub(in crate::redact) const fn sieved_before(self) -> Self {
        Self { second: 0, ..self }
    }

    /// Returns the same, sieved from a byte on that is not the first: two more must follow.
    pub(in crate::redact) const fn sieved_from(self, first: usize) -> Self {
        Self { second: first + 1, ..self }
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
        let first = self.second.checked_sub(1);
        let before = first.is_none().then_some(Sieved::Set(self.before));
        let text = self.text.get(first.unwrap_or(0)..).unwrap_or_default();
        let text = text.iter().map(|byte| Sieved::Byte(*byte));
        before.into_iter().chain(text).chain([Sieved::Set(self.behind)]).take(DEPTH)
    }
}

/// Many cues, found at one go.
#[derive(Debug)]
pub(in crate::redact) struct Cues {
    sieve: Sieve,
    /// By the second and the third byte of what the sieve looks at, where the cues of such bytes
    /// begin among the entries, counted from one.
    heads: Box<[u16; 1 << (2 * LETTER_BITS)]>,
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
    second: usize,
    /// The next entry with the same two bytes, counted from one.
    next: u16,
}

impl Cues {
    /// How many there can be; more would not be found.
    pub(in crate::redact) const MOST: usize = u16::MAX as usize;

    /// Takes [`Self::MOST`] cues at most, in groups, of which each should hold those that have
    /// letters in common at the same places: what else such letters spell together is looked at
    /// closer, too.
    pub(in crate::redact) fn new<'a, 'b: 'a>(
        groups: impl IntoIterator<Item = (usize, &'a Cue<'b>)>,
    ) -> Self {
        let heads = Box::new([0; 1 << (2 * LETTER_BITS)]);
        let mut cues = Self { sieve: Sieve::new(), heads, entries: Vec::with_capacity(64) };
        for (group, cue) in groups {
            cues.add(group % GROUPS, cue);
        }
        cues
    }

    fn add(&mut self, group: usize, cue: &Cue<'_>) {
        let text = cue.text.get(..COMPARED).unwrap_or(cue.text);
        let number = u16::try_from(self.entries.len() + 1).ok().filter(|_| text.len() >= 3);
        let Some(number) = number else { return };
        let Some(head) = head(text, cue.second).and_then(|head| self.heads.get_mut(head)) else {
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
            second: cue.second,
            next,
        });
    }

    /// Calls back for each cue with the place where it begins, in order.
    pub(in crate::redact) fn for_each(&self, text: &[u8], mut found: impl FnMut(usize)) {
        // Before the beginning, there is nothing to be sieved.
        let first = self.around(text, 0);
        first.into_iter().for_each(&mut found);
        self.sieve.for_each(text, |place| {
            if let Some(place) = self.around(text, place + 1) {
                found(place);
            }
        });
    }

    /// Returns where a cue begins whose second and third sieved bytes stand at a place.
    #[inline]
    fn around(&self, text: &[u8], second: usize) -> Option<usize> {
        let head = head(text, second)?;
        let mut next = *self.heads.get(head)?;
        while let Some(entry) = usize::from(next).checked_sub(1).and_then(|it| self.entries.get(it))
        {
            let place = second.checked_sub(entry.second);
            if place.is_some_and(|place| entry.is_at(text, place)) {
                return place;
            }
            next = entry.next;
        }
        None
    }
}

impl Entry {
    #[inline]
    fn is_at(&self, text: &[u8], place: usize) -> bool {
        let before = place.checked_sub(1).and_then(|before| text.get(before));
        eight_at(text, place) & self.compared == self.text
            && before.is_none_or(|byte| self.before.holds(*byte))
            && text.get(place + self.length).map_or(self.ends_text(), |it| self.behind.holds(*it))
    }

    /// Whether it may stand at the end of a text.
    fn ends_text(&self) -> bool {
        self.behind.holds(0)
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

/// Returns the place in the table of heads for the two bytes at a place of a text.
#[inline]
fn head(text: &[u8], place: usize) -> Option<usize> {
    let [first, second] = *text.get(place..)?.first_chunk::<2>()?;
    let letter = |byte: u8| usize::from(byte) & ((1 << LETTER_BITS) - 1);
    Some(letter(first) << LETTER_BITS | letter(second))
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
        cues.for_each(text.as_bytes(), |place| places.push(place));
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
            Cue::new("sk-").behind_one_of(BLANK).sieved_before(),
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
        let cues = [Cue::new("key").before_one_of(BLANK), Cue::new("sk-").sieved_before()];
        for before in 0..150 {
            for (cue, behind) in [("key ", 0), ("sK-", 0), ("KEY ", 80), ("sk-", 90)] {
                let text = format!("{}{cue}{}", ".".repeat(before), ".".repeat(behind));
                assert_eq!(found(&cues, &text), [before], "{text}");
            }
        }
    }
}
