//! Numbers that reach a reader with other digits than they are written with.

use crate::{
    diagnostic::{Quoted, Severity},
    number::Number,
    value::Value,
};

use super::{Findings, Rule, Scene};

pub(super) const LOST_ZERO: Rule = Rule {
    id: "number-loses-zero",
    severity: Severity::Warning,
    about: "a number keeps no zero at its end or before its first digit: `3.10` is 3.1, `0644` is 644, or 420 in YAML",
};

pub(super) const LOST_DIGITS: Rule = Rule {
    id: "number-loses-digits",
    severity: Severity::Warning,
    about: "a number has more digits than readers keep that hold numbers as 64-bit floats, as most readers of JSON do",
};

/// Parts of keys, in lower case, whose values are versions though they look like numbers.
const VERSION_WORDS: [&str; 7] = ["version", "python", "cuda", "cudnn", "tag", "release", "image"];

/// Whole numbers beyond this are not all told apart by a 64-bit float.
const LARGEST_WHOLE: i64 = 1 << 53;

/// Digits beyond these a 64-bit float does not hold.
const FLOAT_DIGITS: usize = 17;

pub(super) fn find_lost_zeros(scene: &Scene<'_>, findings: &mut Findings) {
    scene.each_value(|path, value| {
        if !matches!(value.value, Value::Number(_)) {
            return;
        }
        let spelling = scene.at(value.origin);
        let key = path.keys().last().map(|key| key.as_str().to_lowercase()).unwrap_or_default();
        let is_version = VERSION_WORDS.iter().any(|word| key.contains(word));
        let zero = match spelling {
            spelling if begins_with_zero(spelling) => "first",
            spelling if is_version && ends_with_zero(spelling) => "last",
            _ => return,
        };
        let message = format!("{} loses its {zero} zero, as a number", Quoted(&path.to_string()));
        findings.add(
            LOST_ZERO
                .at(value.origin, message)
                .with_help("put it in double quotes if the zero counts"),
        );
    });
}

pub(super) fn find_lost_digits(scene: &Scene<'_>, findings: &mut Findings) {
    scene.each_value(|path, value| {
        let Value::Number(number) = &value.value else { return };
        let Some(loss) = loss(number) else { return };
        let message = format!("{} {loss}", Quoted(&path.to_string()));
        findings.add(
            LOST_DIGITS
                .at(value.origin, message)
                .with_help("put it in double quotes if every digit counts"),
        );
    });
}

fn begins_with_zero(spelling: &str) -> bool {
    let digits = spelling.trim_start_matches(['+', '-']);
    digits.strip_prefix('0').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a number with a point ends in a zero that is not the only digit behind the point.
fn ends_with_zero(spelling: &str) -> bool {
    let fraction = spelling.split_once('.').map(|(_, fraction)| fraction);
    fraction.is_some_and(|fraction| {
        fraction.len() > 1
            && fraction.ends_with('0')
            && fraction.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn loss(number: &Number) -> Option<&'static str> {
    if number.is_integer() {
        let fits =
            number.as_i64().is_some_and(|whole| (-LARGEST_WHOLE..=LARGEST_WHOLE).contains(&whole));
        return (!fits)
            .then_some("has more digits than a reader keeps that holds numbers as floats");
    }
    if number.as_f64().is_infinite() {
        return Some("is too large for a float: to the stock clients it is infinite");
    }
    let mantissa = number.spelling().split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.trim_start_matches(['+', '-', '0', '.']);
    let digits = digits.bytes().filter(u8::is_ascii_digit).count();
    (digits > FLOAT_DIGITS).then_some("has more digits than a float holds")
}
