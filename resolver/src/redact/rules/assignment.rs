//! A name of a secret with its value: `NAME=value`, `name: value`, `--name value`.

use std::ops::Range;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    super::{
        shape::{is_count, is_literal, looks_random},
        weight::Weight,
    },
    Finder, Style,
    bytes::{
        Quote, byte_at, byte_before, continues_with, is_blank, is_line_end, skip_blanks,
        skip_colors,
    },
    kind::Name,
    value::{Extent, begins_line, behind_scheme},
};

/// How much of a value is decoded, in bytes; a multiple of four.
const LOGIN_BYTES: usize = 64;

/// What stands between a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Separator {
    /// `=` or the like; whether blanks stood before it.
    Equals { is_spaced: bool },
    /// `:`.
    Colon,
    /// `>`, the end of an XML tag.
    Tag,
    /// A blank between a flag and its argument.
    Blank,
}

/// A name, with what separates it from its value.
pub(super) struct Named<'t> {
    name: &'t [u8],
    weight: Weight,
    at: Range<usize>,
    is_flag: bool,
}

impl<'t> Finder<'_, 't> {
    /// Masks the value of a name if it is a secret's.
    pub(super) fn look_at_name(&mut self, run: &Range<usize>, name: Name) {
        let found = separator(self.text, run, name.dashes > 0);
        if found.is_none() && !is_value_of_key_name(self.text, run.start) {
            return;
        }
        let Some(named) = self.named(run, name) else { return };
        let Some((separator, place)) = found else {
            self.look_at_value_of_pair(&named);
            return;
        };
        if is_header(named.name, separator) {
            self.mask_header(place);
            return;
        }
        let extent = self.extent(&named, separator);
        let start = match separator {
            Separator::Equals { is_spaced: false } if named.weight < Weight::Strong => place,
            _ => skip_blanks(self.text, place),
        };
        let start = skip_colors(self.text, start);
        if begins_structure(self.text, start, separator) {
            return;
        }
        let value = self.value_at(start, extent);
        let value = behind_scheme(self.text, &value).max(value.start)..value.end;
        self.mask_value(&named, separator, value);
    }

    /// Returns a name of a run as it stands in the text.
    fn named(&self, run: &Range<usize>, name: Name) -> Option<Named<'t>> {
        let [start, from, end] =
            [name.dashes, name.start, name.end].map(|place| run.start + usize::from(place));
        let is_query = matches!(byte_before(self.text, run.start), b'?' | b'&');
        let weight = match name.weight {
            Weight::None if is_query => Weight::Weak,
            weight => weight,
        };
        let text = self.text.get(from..end)?;
        let named = Named { name: text, weight, at: start..end, is_flag: name.dashes > 0 };
        (weight > Weight::None).then_some(named)
    }

    fn extent(&self, named: &Named<'_>, separator: Separator) -> Extent {
        match separator {
            Separator::Tag => Extent::Element,
            _ if matches!(byte_before(self.text, named.at.start), b'?' | b'&') => Extent::Parameter,
            Separator::Colon
                if named.weight >= Weight::Strong && begins_line(self.text, named.at.start) =>
            {
                Extent::Line
            }
            _ => Extent::Word,
        }
    }

    fn mask_value(&mut self, named: &Named<'_>, separator: Separator, value: Range<usize>) {
        let text = self.text.get(value.clone()).unwrap_or_default();
        let is_certain = named.weight == Weight::Certain;
        let is_other_flag = separator == Separator::Blank
            && (text.starts_with(b"-") || !is_certain && is_placeholder(text, named.name));
        let is_command = self.style == Style::Command
            || separator == Separator::Blank
            || named.is_flag
            || matches!(byte_before(self.text, named.at.start), b'?' | b'&');
        if !is_other_flag && hides(named, text, is_command) {
            self.mask(value);
        }
    }

    /// Masks the value of an object that names its variable apart, as Kubernetes does:
    /// `{"name": "X_TOKEN", "value": "…"}`.
    fn look_at_value_of_pair(&mut self, named: &Named<'_>) {
        let mut place = named.at.end;
        place += Quote::at(self.text, place).map_or(0, Quote::length);
        place = skip_blanks(self.text, place);
        place += usize::from(byte_at(self.text, place) == b',');
        place = skip_blanks(self.text, place);
        if is_line_end(byte_at(self.text, place)) {
            place += if continues_with(self.text, place, "\r\n") { 2 } else { 1 };
            if place >= self.text.len() {
                self.memory.carry.expects_value = true;
                return;
            }
        }
        self.mask_value_of_pair(place);
    }

    /// Masks the value behind a key `value`.
    pub(super) fn mask_value_of_pair(&mut self, place: usize) {
        let place = skip_blanks(self.text, place);
        let quote = Quote::at(self.text, place).map_or(0, Quote::length);
        if !continues_with(self.text, place + quote, "value") {
            return;
        }
        let place = skip_blanks(self.text, place + 2 * quote + "value".len());
        if !matches!(byte_at(self.text, place), b':' | b'=') {
            return;
        }
        let place = skip_blanks(self.text, place + 1);
        let value = self.value_at(place, Extent::Word);
        if !is_literal(self.text.get(value.clone()).unwrap_or_default()) {
            self.mask(value);
        }
    }

    /// Masks the value of an HTTP header, but for the word that says how one proves who one is.
    pub(super) fn mask_header(&mut self, place: usize) {
        let place = skip_colors(self.text, skip_blanks(self.text, place));
        let value = self.value_at(place, Extent::Line);
        let value = behind_scheme(self.text, &value).max(value.start)..value.end;
        if !is_literal(self.text.get(value.clone()).unwrap_or_default()) {
            self.mask(value);
        }
    }
}

/// Whether a value is a secret, as its name and its shape say.
fn hides(named: &Named<'_>, value: &[u8], is_command: bool) -> bool {
    let is_variable = !named.name.iter().any(u8::is_ascii_lowercase);
    match named.weight {
        Weight::None => false,
        Weight::Certain => !value.is_empty(),
        Weight::Strong => !is_literal(value),
        Weight::Weak if is_command || is_variable => !is_literal(value) && !is_count(value),
        Weight::Weak | Weight::Faint => looks_random(value) || is_encoded_login(value),
    }
}

/// Whether a value is `user:password` in base64, as in docker's `config.json`.
fn is_encoded_login(value: &[u8]) -> bool {
    let login = value.get(..LOGIN_BYTES).unwrap_or(value);
    // Most are told by their length: they are padded.
    login.len() >= 4
        && login.len().is_multiple_of(4)
        && STANDARD.decode(login).is_ok_and(|login| {
            login.is_ascii() && login.contains(&b':') && !login.iter().any(u8::is_ascii_control)
        })
}

/// Whether a value of a flag stands for one that is to be put there: `--api-token TOKEN`.
fn is_placeholder(value: &[u8], name: &[u8]) -> bool {
    let end = name.len().checked_sub(value.len()).and_then(|start| name.get(start..));
    let is_same = |(of_value, of_name): (&u8, &u8)| match of_value {
        b'_' => matches!(of_name, b'_' | b'-'),
        _ => of_value.is_ascii_uppercase() && of_value.eq_ignore_ascii_case(of_name),
    };
    end.is_some_and(|end| value.iter().zip(end).all(is_same))
}

/// Whether the value of a name is that of an HTTP header, which may be several words.
fn is_header(name: &[u8], separator: Separator) -> bool {
    let is_between = |byte: &u8| matches!(byte, b'-' | b'_' | b'.');
    let last = name.rsplit(is_between).next().unwrap_or_default();
    let is_cookie = last.eq_ignore_ascii_case(b"cookie") && separator == Separator::Colon;
    last.eq_ignore_ascii_case(b"authorization") || is_cookie
}

/// Returns what separates a name from its value, and the place behind it.
fn separator(text: &[u8], run: &Range<usize>, is_flag: bool) -> Option<(Separator, usize)> {
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
        (b',', _) if is_flag && quote.is_some() => {
            let next = skip_blanks(text, place + 1);
            Quote::at(text, next).map(|_| (Separator::Blank, next))
        }
        _ if is_spaced && (is_flag || is_declared(text, run.start)) => {
            Some((Separator::Blank, place))
        }
        _ => None,
    }
}

/// Whether a name is declared with its value behind a blank: `ENV NAME value`, `setenv NAME value`.
fn is_declared(text: &[u8], name: usize) -> bool {
    [&b"ENV "[..], b"setenv "].iter().any(|word| {
        text.get(name.saturating_sub(word.len())..name).is_some_and(|before| before == *word)
    })
}

/// Whether what begins at a place is an object or a list and not a value; right behind `=` a
/// secret may begin with a bracket, too.
fn begins_structure(text: &[u8], place: usize, separator: Separator) -> bool {
    let is_close = matches!(separator, Separator::Equals { is_spaced: false });
    !is_close && matches!(byte_at(text, place), b'{' | b'[' | b'(')
}

/// Whether the name at a place is the value of a key `name`.
fn is_value_of_key_name(text: &[u8], name: usize) -> bool {
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
    place.checked_sub(4).is_some_and(|start| continues_with(text, start, "name"))
}
