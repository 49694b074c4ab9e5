//! Numbers of YAML 1.1.

use crate::number::{Number, Sign};

/// A number, or what stands in its way.
pub(super) enum Numeral {
    Number(Number),
    /// Infinity, or no number at all, which are numbers to YAML.
    NotFinite,
    /// More digits than are converted.
    TooLong,
}

/// Reads `[-+]?` and one of: `0b` and binary digits, `0` and octal digits, `0x` and hexadecimal
/// digits, decimal digits, or those and groups to base 60; with `_` anywhere behind the first
/// (`PyYAML` 6.0, `resolver.py`, int).
pub(super) fn integer(text: &str) -> Option<Numeral> {
    let (sign, unsigned) = split_sign(text);
    if let Some(digits) = unsigned.strip_prefix("0b") {
        return of_base(sign, digits, 2);
    }
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return of_base(sign, digits, 16);
    }
    if let Some(digits) = unsigned.strip_prefix('0').filter(|digits| !digits.is_empty()) {
        return of_base(sign, digits, 8).or_else(|| {
            // `0_` is the one octal number whose digits all lie in its prefix.
            digits.bytes().all(|byte| byte == b'_').then(|| of_base(sign, "0", 8)).flatten()
        });
    }
    let (head, groups) = split_groups(unsigned);
    if !is_digits(head) || head.len() > 1 && head.starts_with('0') {
        return None;
    }
    if groups.is_empty() {
        return Number::parse(&format!("{}{}", minus(sign), plain(head))).map(Numeral::Number);
    }
    sexagesimal_integer(sign, head, groups)
}

/// Reads a float: digits with a point, an exponent with its sign, groups to base 60, or one of
/// the words `.inf` and `.nan` (`PyYAML` 6.0, `resolver.py`, float).
pub(super) fn float(text: &str) -> Option<Numeral> {
    let (sign, unsigned) = split_sign(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(Numeral::NotFinite);
    }
    let (whole, fraction) = unsigned.split_once('.')?;
    let (head, groups) = split_groups(whole);
    if !groups.is_empty() {
        return sexagesimal_float(sign, head, groups, fraction);
    }
    let is_whole = if whole.is_empty() {
        // Only without a sign, and with a digit right behind the point.
        text.starts_with('.') && fraction.starts_with(|c: char| c.is_ascii_digit())
    } else {
        is_digits(whole)
    };
    let (digits, exponent) = match fraction.split_once(['e', 'E']) {
        Some((digits, exponent)) if is_exponent(exponent) => (digits, format!("e{exponent}")),
        Some(_) => return None,
        None => (fraction, String::new()),
    };
    if !is_whole || !digits.bytes().all(is_digit_or_line) {
        return None;
    }
    let point = if plain(digits).is_empty() { "0" } else { "" };
    let spelling = format!("{}{}.{}{point}{exponent}", minus(sign), plain(whole), plain(digits));
    Number::parse(&spelling).map(Numeral::Number)
}

/// Reads what Python's `float` takes and [`float`] does not, for texts with the tag `!!float`.
pub(super) fn tagged_float(text: &str) -> Option<Numeral> {
    if let Some(read) = float(text) {
        return Some(read);
    }
    let text = plain(text.trim());
    let (sign, unsigned) = split_sign(&text);
    if matches!(&*unsigned.to_ascii_lowercase(), "inf" | "infinity" | "nan") {
        return Some(Numeral::NotFinite);
    }
    let number = Number::parse(&format!("{}{unsigned}", minus(sign)))?;
    if number.is_integer() {
        return Number::parse(&format!("{}.0", number.spelling())).map(Numeral::Number);
    }
    Some(Numeral::Number(number))
}

fn of_base(sign: Sign, digits: &str, base: u32) -> Option<Numeral> {
    let digits = plain(digits);
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    Some(Number::from_digits(sign, &digits, base).map_or(Numeral::TooLong, Numeral::Number))
}

fn sexagesimal_integer(sign: Sign, head: &str, groups: &str) -> Option<Numeral> {
    if head.starts_with('0') || !groups.split(':').all(is_group) {
        return None;
    }
    let head = plain(head).parse::<u128>().ok();
    let value = groups.split(':').fold(head, |value, group| {
        value?.checked_mul(60)?.checked_add(group.parse::<u128>().ok()?)
    });
    let number = value.and_then(|value| Number::parse(&format!("{}{value}", minus(sign))));
    Some(number.map_or(Numeral::TooLong, Numeral::Number))
}

fn sexagesimal_float(sign: Sign, head: &str, groups: &str, fraction: &str) -> Option<Numeral> {
    let fits = is_digits(head)
        && groups.split(':').all(is_group)
        && fraction.bytes().all(is_digit_or_line);
    if !fits {
        return None;
    }
    // As PyYAML adds it up, from the last group to the first, so that the digits are the same.
    let spelled = format!("{}:{groups}.{}", plain(head), plain(fraction));
    let mut value = 0.0;
    let mut base = 1.0;
    for group in spelled.rsplit(':') {
        value += group.parse::<f64>().ok()? * base;
        base *= 60.0;
    }
    if !f64::is_finite(value) {
        return Some(Numeral::NotFinite);
    }
    Number::parse(&format!("{}{value:?}", minus(sign))).map(Numeral::Number)
}

fn split_sign(text: &str) -> (Sign, &str) {
    match text.strip_prefix('-') {
        Some(unsigned) => (Sign::Minus, unsigned),
        None => (Sign::Plus, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Splits `1:30:00` into the first number and the groups to base 60.
fn split_groups(unsigned: &str) -> (&str, &str) {
    unsigned.split_once(':').unwrap_or((unsigned, ""))
}

fn minus(sign: Sign) -> &'static str {
    if sign == Sign::Minus { "-" } else { "" }
}

/// Whether it is a digit and then digits or `_`.
fn is_digits(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(is_digit_or_line)
}

fn is_digit_or_line(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'_'
}

/// Whether it is one or two digits below 60.
fn is_group(text: &str) -> bool {
    match text.as_bytes() {
        [ones] => ones.is_ascii_digit(),
        [tens, ones] => matches!(tens, b'0'..=b'5') && ones.is_ascii_digit(),
        _ => false,
    }
}

/// Whether it is a sign and digits.
fn is_exponent(text: &str) -> bool {
    text.strip_prefix(['-', '+']).is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn plain(text: &str) -> String {
    text.replace('_', "")
}
