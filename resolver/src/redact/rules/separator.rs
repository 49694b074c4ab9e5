//! What stands between a name and its value.

use std::ops::Range;

use super::bytes::{
    Quote, byte_at, byte_before, continues_with, is_blank, skip_blanks, skip_colors,
};

/// What a name stands behind that is followed by its value.
const DECLARING: [&str; 8] = [
    "ENV ",
    "setenv ",
    "setx ",
    "set -x ",
    "set -gx ",
    "set -Ux ",
    "config set ",
    "configure set ",
];

/// How far before a name the word is looked for that declares it, in bytes.
const WORD_BYTES: usize = 128;

/// What stands between a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// `=` or the like; whether blanks stood before it.
    Equals { is_spaced: bool },
    /// `:`.
    Colon,
    /// `>`, the end of an XML tag.
    Tag,
    /// A blank between a flag and its argument.
    Blank,
    /// A comma between the arguments of a function.
    Comma,
}

/// Returns what separates a name from its value, and the place behind it.
pub(super) fn separator(
    text: &[u8],
    run: &Range<usize>,
    is_flag: bool,
) -> Option<(Separator, usize)> {
    let mut place = skip_colors(text, run.end);
    let quote = Quote::at(text, place);
    place += quote.map_or(0, Quote::length);
    place += usize::from(byte_at(text, place) == b']');
    place = skip_colors(text, place);
    let behind_name = place;
    place = skip_colors(text, skip_blanks(text, place));
    let is_spaced = place > behind_name;
    let equals = Separator::Equals { is_spaced };
    match (byte_at(text, place), byte_at(text, place + 1)) {
        (b'=', b'>') | (b':' | b'+' | b'?', b'=') => Some((equals, place + 2)),
        (b'=', b'=') | (b':', b':') => None,
        (b'=', _) => Some((equals, place + 1)),
        (b':', b'/') if byte_at(text, place + 2) == b'/' => None,
        // The user of a URL: what may follow is told by the `@`.
        (b':', _) if text.get(..run.start).is_some_and(|url| url.ends_with(b"://")) => None,
        (b':', _) => Some((Separator::Colon, place + 1)),
        (b'%', b'3') if byte_at(text, place + 2).eq_ignore_ascii_case(&b'd') => {
            Some((equals, place + 3))
        }
        (b'>', _) if byte_before(text, run.start) == b'<' => Some((Separator::Tag, place + 1)),
        (b',', _) if quote.is_some() && (is_flag || is_first_argument(text, run.start)) => {
            let next = skip_blanks(text, place + 1);
            let separator = if is_flag { Separator::Blank } else { Separator::Comma };
            Quote::at(text, next).map(|_| (separator, next))
        }
        _ if is_spaced && (is_flag || is_declared(text, run.start)) => {
            Some((Separator::Blank, place))
        }
        _ => None,
    }
}

/// Whether a name in quotes is the first argument of a function: `getenv("NAME", "value")`.
fn is_first_argument(text: &[u8], name: usize) -> bool {
    name.checked_sub(2).is_some_and(|bracket| byte_at(text, bracket) == b'(')
}

/// Whether a name is declared with its value behind a blank: `ENV NAME value`, `setx NAME value`,
/// `npm config set //registry/:NAME value`.
fn is_declared(text: &[u8], name: usize) -> bool {
    let before = text.get(name.saturating_sub(WORD_BYTES)..name).unwrap_or_default();
    let before = match before.last() {
        Some(b':') => before.get(..=before.iter().rposition(|byte| is_blank(*byte)).unwrap_or(0)),
        _ => Some(before),
    };
    let before = before.unwrap_or_default();
    DECLARING.iter().any(|word| {
        let end = before.len().checked_sub(word.len()).and_then(|start| before.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(word.as_bytes()))
    })
}

/// Whether what begins at a place is an object or a list and not a value; right behind `=` a
/// secret may begin with a bracket, too.
pub(super) fn begins_structure(text: &[u8], place: usize, separator: Separator) -> bool {
    let is_close = matches!(separator, Separator::Equals { is_spaced: false });
    !is_close && matches!(byte_at(text, place), b'{' | b'[' | b'(')
}

/// Whether the name at a place is the value of a key `name`, or of `key` as in XML.
pub(super) fn is_value_of_key_name(text: &[u8], name: usize) -> bool {
    let mut place = name;
    let skip = |place: &mut usize, skipped: fn(u8) -> bool| {
        while *place > 0 && skipped(byte_before(text, *place)) {
            *place -= 1;
        }
    };
    let is_quote = |byte: u8| matches!(byte, b'"' | b'\'' | b'\\');
    skip(&mut place, is_quote);
    skip(&mut place, is_blank);
    if !matches!(byte_before(text, place), b':' | b'=') {
        return false;
    }
    place -= 1;
    skip(&mut place, is_blank);
    skip(&mut place, is_quote);
    ["name", "key"].iter().any(|key| {
        place.checked_sub(key.len()).is_some_and(|start| continues_with(text, start, key))
    })
}
