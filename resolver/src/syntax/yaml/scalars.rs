//! What a YAML 1.1 scalar means.

use super::numbers::{self, Numeral};
use crate::value::Value;

/// What a scalar means, or what is wrong with it.
pub(super) enum Scalar {
    Value(Value),
    /// An infinite number, or none at all.
    NotFinite,
    /// A number with more digits than are converted.
    TooLong,
    /// A text that its tag does not fit.
    Misfit(&'static str),
}

impl Scalar {
    pub(super) fn text(text: &str) -> Self {
        Self::Value(text.into())
    }
}

/// Reads a plain scalar (`PyYAML` 6.0, `resolver.py`). Dates stay strings.
pub(super) fn resolve(text: &str) -> Scalar {
    let value = match text.as_bytes().first() {
        None | Some(b'~' | b'n' | b'N') if is_null(text) => Some(Value::Null),
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => {
            bool_of(text).map(Value::Bool)
        }
        Some(b'0'..=b'9' | b'-' | b'+' | b'.') => return number(text),
        _ => None,
    };
    value.map_or_else(|| Scalar::text(text), Scalar::Value)
}

/// Reads a text with the tag `!!bool`.
pub(super) fn tagged_bool(text: &str) -> Scalar {
    match &*text.to_ascii_lowercase() {
        "yes" | "true" | "on" => Scalar::Value(true.into()),
        "no" | "false" | "off" => Scalar::Value(false.into()),
        _ => Scalar::Misfit("!!bool"),
    }
}

/// Reads a text with the tag `!!int`.
pub(super) fn tagged_int(text: &str) -> Scalar {
    numbers::integer(text.trim()).map_or(Scalar::Misfit("!!int"), of_numeral)
}

/// Reads a text with the tag `!!float`.
pub(super) fn tagged_float(text: &str) -> Scalar {
    numbers::tagged_float(text).map_or(Scalar::Misfit("!!float"), of_numeral)
}

fn number(text: &str) -> Scalar {
    let read = numbers::integer(text).or_else(|| numbers::float(text));
    read.map_or_else(|| Scalar::text(text), of_numeral)
}

fn of_numeral(numeral: Numeral) -> Scalar {
    match numeral {
        Numeral::Number(number) => Scalar::Value(Value::Number(number)),
        Numeral::NotFinite => Scalar::NotFinite,
        Numeral::TooLong => Scalar::TooLong,
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

fn bool_of(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}
