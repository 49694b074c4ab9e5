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
        Quote, byte_at, byte_before, continues_with, is_line_end, is_name, skip_blanks, skip_colors,
    },
    kind::Name,
    separator::{Separator, begins_structure, is_value_of_key_name, separator},
    value::{Extent, begins_line, behind_scheme},
};

/// How far before a name the word is looked for that takes it in quotes, in bytes.
const QUOTED_BYTES: usize = 64;

/// How much of a value is decoded, in bytes; a multiple of four.
const LOGIN_BYTES: usize = 64;

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
            Separator::Equals { is_spaced: false }
                if is_quoted_whole(self.text, named.at.start) =>
            {
                Extent::Quoted
            }
            _ => Extent::Word,
        }
    }

    fn mask_value(&mut self, named: &Named<'_>, separator: Separator, value: Range<usize>) {
        let text = self.text.get(value.clone()).unwrap_or_default();
        let is_certain = named.weight == Weight::Certain;
        let is_other_flag = separator == Separator::Blank
            && (text.starts_with(b"-") || !is_certain && is_placeholder(text, named.name))
            || named.is_flag && text.starts_with(b"id=");
        let is_command = self.style == Style::Command
            || separator == Separator::Blank
            || named.is_flag
            || self.is_parameter(named);
        if !is_other_flag && hides(named, text, is_command) {
            self.mask(value);
        }
    }

    /// Whether what stands around a name says that its value is no word of prose: it is a parameter
    /// of a URL, of a connection (`Uid=a;Pwd=b`) or of `openssl -passin pass:x`, or a header.
    fn is_parameter(&self, named: &Named<'_>) -> bool {
        let before = self.text.get(..named.at.start).unwrap_or_default();
        match before.last() {
            Some(b'?' | b'&') => true,
            Some(b';') => named.name.eq_ignore_ascii_case(b"pwd"),
            Some(b' ') if named.name == b"pass" => {
                [&b"-passin "[..], b"-passout ", b"-pass "].iter().any(|it| before.ends_with(it))
            }
            _ => named.name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(b"x-")),
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
        _ if is_reference(value) => false,
        Weight::Strong => !is_literal(value),
        Weight::Weak if is_command || is_variable => !is_literal(value) && !is_count(value),
        Weight::Weak | Weight::Faint => looks_random(value) || is_encoded_login(value),
    }
}

/// Whether a value names another one that is to be put there: `${NAME}`, `${?NAME}`. The end of a
/// line that goes on stands for the next one.
fn is_reference(value: &[u8]) -> bool {
    let is_inside = |byte: &u8| is_name(*byte) || matches!(byte, b'?' | b'}');
    value == b"\\" || value.strip_prefix(b"${").is_some_and(|name| name.iter().all(is_inside))
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

/// Whether a name and its value stand in one pair of quotes: `-e "NAME=two words"`. Behind `-c` such
/// quotes hold a command, of which the value is a word.
fn is_quoted_whole(text: &[u8], name: usize) -> bool {
    let before = text.get(name.saturating_sub(QUOTED_BYTES)..name).unwrap_or_default();
    let line = before.rsplit(|byte| is_line_end(*byte)).next().unwrap_or_default();
    let Some((b'"' | b'\'', before)) = line.split_last() else { return false };
    let before = before.trim_ascii_end();
    let word = before.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    let is_command = word.starts_with(b"-") && word.ends_with(b"c") || word == b"eval";
    !is_command && (before.ends_with(b",") || before.ends_with(b"[") || word.starts_with(b"-"))
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
