//! Numbers that keep the spelling of their text and are shown as the stock clients show them.

use std::fmt::{self, Write as _};

use lean_string::{LeanStr, ToLeanStr as _};

/// A number as its text spells it, such as `007`, `+5`, `1.50` or `.5e3`.
///
/// Equality is of what the clients make of it: `1.50` equals `1.5`, `1` does not equal `1.0`.
#[derive(Clone)]
pub struct Number(LeanStr);

/// Whether a number lies below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Plus,
    Minus,
}

/// Digits of a number to another base than ten. Converting costs time quadratic in them; Python,
/// whose answers ours are held to, refuses to spell integers of more decimal digits (4,300).
const MAX_FOREIGN_DIGITS: usize = 4_300;

impl Number {
    /// Reads `[+-]? (digits | digits? . digits) ([eE] [+-]? digits)?`, or nothing at all.
    ///
    /// This is the number rule of `pyhocon` as `clearml` 2.1.12 vendors it; JSON's and HOCON's
    /// are narrower, and their parsers check that themselves.
    pub fn parse(spelling: &str) -> Option<Self> {
        let unsigned = spelling.strip_prefix(['+', '-']).unwrap_or(spelling);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let mantissa_fits = digits(whole)
            && fraction.map_or(!whole.is_empty(), |text| !text.is_empty() && digits(text));
        let exponent_fits = exponent.is_none_or(|text| {
            let text = text.strip_prefix(['+', '-']).unwrap_or(text);
            !text.is_empty() && digits(text)
        });
        (mantissa_fits && exponent_fits).then(|| Self(spelling.into()))
    }

    /// Takes a spelling that a parser has already held against the rule of [`Number::parse`].
    pub(crate) fn from_checked(spelling: &str) -> Self {
        debug_assert!(Self::parse(spelling).is_some(), "the parser's rule is wider than this one");
        Self(spelling.into())
    }

    /// Reads digits to a base of 2 to 36, the highest first; its spelling is then the decimal one.
    ///
    /// Nothing for no digits, other characters, or more than [`MAX_FOREIGN_DIGITS`] digits.
    pub(crate) fn from_digits(sign: Sign, digits: &str, base: u32) -> Option<Self> {
        if digits.is_empty() || digits.len() > MAX_FOREIGN_DIGITS {
            return None;
        }
        let decimal = decimal_digits(digits, base)?;
        let minus = if sign == Sign::Minus { "-" } else { "" };
        Some(Self(format!("{minus}{decimal}").into()))
    }

    /// Returns the text it was read from.
    pub fn spelling(&self) -> &str {
        &self.0
    }

    /// Whether it is a whole number without point or exponent.
    pub fn is_integer(&self) -> bool {
        !self.0.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
    }

    /// Returns it as JSON and Python spell it: integers of any size without `+` and leading
    /// zeros, floats as Python's `repr` (`3.10` is `3.1`, `1e3` is `1000.0`).
    ///
    /// A float too large for 64 bits keeps its spelling, without `+` and with a digit before the
    /// point: Python's `inf` is no JSON.
    pub fn canonical(&self) -> LeanStr {
        if self.is_integer() { self.canonical_integer() } else { self.canonical_float() }
    }

    /// Returns it as Python spells it in the middle of a text: a float too large is `inf`.
    pub(crate) fn python_str(&self) -> LeanStr {
        match self.as_f64() {
            _ if self.is_integer() => self.canonical_integer(),
            f64::INFINITY => LeanStr::from_static_str("inf"),
            f64::NEG_INFINITY => LeanStr::from_static_str("-inf"),
            _ => self.canonical_float(),
        }
    }

    /// Returns its value if 64 bits hold it exactly.
    pub fn as_i64(&self) -> Option<i64> {
        if self.is_integer() { self.canonical_integer().parse().ok() } else { None }
    }

    /// Returns the nearest 64-bit float.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    fn canonical_integer(&self) -> LeanStr {
        let (sign, digits) = match self.0.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => ("", self.0.strip_prefix('+').unwrap_or(&self.0)),
        };
        match digits.trim_start_matches('0') {
            "" => "0".into(),
            stripped if stripped.len() == digits.len() && !self.0.starts_with('+') => {
                self.0.clone()
            }
            stripped => format!("{sign}{stripped}").into(),
        }
    }

    fn canonical_float(&self) -> LeanStr {
        let value = self.as_f64();
        if value.is_finite() {
            return python_repr(value);
        }
        let (sign, rest) = match self.0.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", self.0.strip_prefix('+').unwrap_or(&self.0)),
        };
        let rest = rest.trim_start_matches('0');
        let zero = if rest.starts_with(|c: char| c.is_ascii_digit()) { "" } else { "0" };
        format!("{sign}{zero}{rest}").into()
    }
}

/// Converts digits to decimal ones, or nothing if one of them is not of the base.
fn decimal_digits(digits: &str, base: u32) -> Option<String> {
    /// Decimal digits a limb.
    const LIMB_DIGITS: usize = 9;
    const LIMB: u64 = 1_000_000_000;
    /// As many digits to base 36 as 32 bits hold: one step then takes this many at once.
    const STEP: usize = 6;
    let mut limbs: Vec<u64> = vec![0];
    for step in digits.as_bytes().chunks(STEP) {
        let mut factor = 1;
        let mut carry = 0;
        for digit in step {
            factor *= u64::from(base);
            carry = carry * u64::from(base) + u64::from(char::from(*digit).to_digit(base)?);
        }
        for limb in &mut limbs {
            let product = *limb * factor + carry;
            *limb = product % LIMB;
            carry = product / LIMB;
        }
        while carry > 0 {
            limbs.push(carry % LIMB);
            carry /= LIMB;
        }
    }
    let spelled = limbs.iter().rev().fold(String::new(), |mut spelled, limb| {
        let _ = write!(spelled, "{limb:0LIMB_DIGITS$}");
        spelled
    });
    let trimmed = spelled.trim_start_matches('0');
    Some(if trimmed.is_empty() { "0".into() } else { trimmed.into() })
}

/// Spells a finite float as Python's `repr`: shortest digits that read back the same, an exponent
/// below 1e-4 and from 1e16 on.
fn python_repr(value: f64) -> LeanStr {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{value:?}").into();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs()).into()
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.canonical() == other.canonical()
    }
}

impl Eq for Number {}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_lean_str())
    }
}

/// Shows that it is a number and no more: a number can be a secret.
impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Number")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_numbers_as_the_clients_do() {
        for (spelling, canonical) in [
            ("0", "0"),
            ("007", "7"),
            ("-0", "0"),
            ("-007", "-7"),
            ("+5", "5"),
            ("3.10", "3.1"),
            (".5", "0.5"),
            ("1.0", "1.0"),
            ("1e3", "1000.0"),
            ("1E-7", "1e-07"),
            ("0.0001", "0.0001"),
            ("1e16", "1e+16"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("-0.0", "-0.0"),
            ("1e999", "1e999"),
            ("+.5e999", "0.5e999"),
        ] {
            assert_eq!(Number::parse(spelling).unwrap().canonical(), canonical, "{spelling}");
        }
    }

    #[test]
    fn converts_digits_of_any_base_and_length() {
        for (digits, base, decimal) in [
            ("0", 16, "0"),
            ("ff", 16, "255"),
            ("FFFFFFFFFFFFFFFF", 16, "18446744073709551615"),
            ("100000000000000000000000000000000", 16, "340282366920938463463374607431768211456"),
            ("0001", 2, "1"),
            ("1000000000", 10, "1000000000"),
            ("zz", 36, "1295"),
        ] {
            let number = Number::from_digits(Sign::Plus, digits, base).unwrap();
            assert_eq!(number.spelling(), decimal, "{digits}");
        }
        assert_eq!(Number::from_digits(Sign::Minus, "10", 8).unwrap().spelling(), "-8");
        for (digits, base) in [("", 10), ("8", 8), ("é", 16), (&*"1".repeat(4_301), 2)] {
            assert!(Number::from_digits(Sign::Plus, digits, base).is_none(), "{digits}");
        }
    }

    #[test]
    fn takes_no_other_text_for_a_number() {
        for text in
            ["", "-", "+", ".", "5.", "1e", "1e+", "0x10", "1_0", " 1", "1 ", "--1", "e5", "1.2.3"]
        {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}
