//! Where a value begins and ends.

use std::ops::Range;

use super::{
    Finder, Reading,
    bytes::{Quote, byte_at, byte_before, is_blank, is_line_end, is_name, line_end, skip_blanks},
};

/// How far back an opening quote is looked for, in bytes.
const QUOTE_BYTES: usize = 256;

/// How a value without quotes ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// As a word does.
    Word,
    /// As a parameter of a URL does.
    Parameter,
    /// With its line, or with the quote that its name stands in.
    Line,
    /// With the quote that its name stands in, too, or as a word does without one.
    Quoted,
    /// With the next tag of XML.
    Element,
}

/// A stretch that has been measured, so that what lies in it need not be measured again: a line
/// that is one secret's name after the other is read once.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    line: Range<usize>,
    word: Range<usize>,
    parameter: Range<usize>,
}

impl Finder<'_, '_> {
    /// Returns the value that begins at a place, without its quotes; a quoted one may hold line
    /// ends if the text is read as a whole.
    pub(super) fn value_at(&mut self, place: usize, extent: Extent) -> Range<usize> {
        let text = self.text;
        let line = remembered(&mut self.measured.line, place, || line_end(text, place));
        let has_prefix = matches!(byte_at(text, place), b'b' | b'u' | b'r' | b'f' | b'$')
            && matches!(byte_at(text, place + 1), b'"' | b'\'');
        let place = place + usize::from(has_prefix);
        if let Some(quote) = Quote::at(text, place) {
            let limit = if self.reading == Reading::Whole { text.len() } else { line };
            return quoted(text, place, quote, limit);
        }
        let end = match extent {
            Extent::Word => {
                remembered(&mut self.measured.word, place, || word_end(text, place, line))
            }
            Extent::Parameter => {
                let end = || parameter_end(text, place, line);
                remembered(&mut self.measured.parameter, place, end)
            }
            Extent::Line => outer_quote_end(text, place, line),
            Extent::Quoted => match outer_quote_end(text, place, line) {
                end if end < line => end,
                _ => word_end(text, place, line),
            },
            Extent::Element => {
                let inside = text.get(place..line).unwrap_or_default();
                memchr::memchr(b'<', inside).map_or(line, |length| place + length)
            }
        };
        place..end
    }
}

/// Returns the end of what begins at a place; it is the end of what was measured if that holds
/// the place.
fn remembered(measured: &mut Range<usize>, place: usize, end: impl FnOnce() -> usize) -> usize {
    if !measured.contains(&place) {
        *measured = place..end();
    }
    measured.end
}

/// Returns a quoted value with all that a shell joins to it: `'a b'"c"d`.
fn quoted(text: &[u8], place: usize, quote: Quote, limit: usize) -> Range<usize> {
    let start = place + quote.length();
    let is_triple = quote.backslashes == 0
        && byte_at(text, start) == quote.sign
        && byte_at(text, start + 1) == quote.sign;
    if is_triple {
        let mark = [quote.sign; 3];
        let inside = text.get(start + 2..limit).unwrap_or_default();
        let length = memchr::memmem::find(inside, &mark).unwrap_or(inside.len());
        return start + 2..start + 2 + length;
    }
    let end = quote.end(text, start, limit);
    let behind = end + quote.length();
    let next = byte_at(text, behind);
    let goes_on = quote.backslashes == 0
        && end < limit
        && (next.is_ascii_alphanumeric() || matches!(next, b'"' | b'\''))
        && !OuterQuotes::of(text, place).hold(next);
    start..if goes_on { word_end(text, behind, limit) } else { end }
}

/// Returns where a word ends that begins at a place and holds no blanks.
fn word_end(text: &[u8], place: usize, limit: usize) -> usize {
    let mut outer_quotes = None;
    let mut end = place;
    while end < limit {
        let byte = byte_at(text, end);
        match byte {
            b'"' | b'\'' | b'`' => {
                let outer = outer_quotes.get_or_insert_with(|| OuterQuotes::of(text, place));
                match closing_in_line(text, end, limit) {
                    Some(closing) if !outer.hold(byte) => end = closing,
                    _ => break,
                }
            }
            b'\\' if Quote::at(text, end).is_some() => break,
            b';' | b',' | b'&' | b'|' if ends_word(text, end, limit) => break,
            b')' | b']' | b'}' | b'>' if closes(text, end, limit) => break,
            b'<' | 0..=b' ' | 0x7F => break,
            _ => {}
        }
        end += 1;
    }
    end.min(limit)
}

/// The quotes that were opened on the same line before a value, and not closed.
struct OuterQuotes {
    signs: [(u8, bool); 3],
}

impl OuterQuotes {
    fn of(text: &[u8], value: usize) -> Self {
        let before = text.get(value.saturating_sub(QUOTE_BYTES)..value).unwrap_or_default();
        let line = before.rsplit(|byte| is_line_end(*byte)).next().unwrap_or_default();
        let is_open = |sign| memchr::memchr_iter(sign, line).count() % 2 == 1;
        Self { signs: [b'"', b'\'', b'`'].map(|sign| (sign, is_open(sign))) }
    }

    fn hold(&self, sign: u8) -> bool {
        self.signs.contains(&(sign, true))
    }
}

/// Returns where the quote at a place is closed, if it is.
fn closing_in_line(text: &[u8], place: usize, limit: usize) -> Option<usize> {
    let quote = Quote::at(text, place)?;
    let closing = quote.end(text, place + quote.length(), limit);
    (closing < limit).then_some(closing)
}

/// Whether a separator at a place stands behind a value and not in it: the line ends, a blank
/// follows, or the next name does (`AccountKey=…;EndpointSuffix=…`).
fn ends_word(text: &[u8], place: usize, limit: usize) -> bool {
    let next = place + 1;
    if next >= limit || is_blank(byte_at(text, next)) || byte_at(text, next) == byte_at(text, place)
    {
        return true;
    }
    let quoted = next + Quote::at(text, next).map_or(0, Quote::length);
    let here = text.get(quoted..limit).unwrap_or_default();
    let name = here.iter().take_while(|byte| is_name(**byte)).count();
    let behind = quoted + name;
    let behind = behind + Quote::at(text, behind).map_or(0, Quote::length);
    name > 0 && matches!(byte_at(text, behind), b'=' | b':')
}

/// Whether a bracket at a place closes what stands around the value.
fn closes(text: &[u8], place: usize, limit: usize) -> bool {
    let rest = text.get(place..limit).unwrap_or_default();
    let behind = rest.iter().position(|byte| !b")]}>,;\"'\\".contains(byte));
    behind.is_none_or(|length| rest.get(length).is_some_and(|byte| is_blank(*byte)))
}

/// Returns where a parameter of a URL ends.
fn parameter_end(text: &[u8], place: usize, limit: usize) -> usize {
    let here = text.get(place..limit).unwrap_or_default();
    let is_end = |byte: &u8| *byte <= b' ' || b"&#\"'<>`\\)]},;|".contains(byte);
    let length = here.iter().position(is_end).unwrap_or(here.len());
    let escaped = memchr::memmem::find(here, b"%26").unwrap_or(here.len());
    place + length.min(escaped)
}

/// Returns where the quote ends that the value's name stands in, or the line.
fn outer_quote_end(text: &[u8], place: usize, limit: usize) -> usize {
    let here = text.get(place..limit).unwrap_or_default();
    let outer = OuterQuotes::of(text, place);
    let Some(length) = here.iter().position(|byte| outer.hold(*byte)) else { return limit };
    // The backslashes of an escaped quote belong to it.
    let value = here.get(..length).unwrap_or_default();
    place + length - value.iter().rev().take_while(|byte| **byte == b'\\').count()
}

/// Whether the line of a name begins with it: then the rest of the line is its value.
pub(super) fn begins_line(text: &[u8], name: usize) -> bool {
    let mut place = name;
    while is_blank(byte_before(text, place)) || matches!(byte_before(text, place), b'"' | b'\'') {
        place -= 1;
    }
    place == 0 || is_line_end(byte_before(text, place))
}

/// Returns the second word of a value, if its first is one of those that say how one proves who
/// one is: `Bearer …`, `Basic …`.
pub(super) fn behind_scheme(text: &[u8], value: &Range<usize>) -> usize {
    const SCHEMES: [&str; 6] = ["bearer", "basic", "token", "apikey", "negotiate", "digest"];
    let here = text.get(value.clone()).unwrap_or_default();
    // Most values begin with none of their first letters.
    if !matches!(here.first().map(u8::to_ascii_lowercase), Some(b'a' | b'b' | b'd' | b'n' | b't')) {
        return value.start;
    }
    let word = here.iter().take_while(|byte| is_name(**byte)).count();
    let first = here.get(..word).unwrap_or_default();
    let is_scheme = SCHEMES.iter().any(|scheme| first.eq_ignore_ascii_case(scheme.as_bytes()));
    let behind = skip_blanks(text, value.start + word);
    if is_scheme && behind > value.start + word { behind } else { value.start }
}
