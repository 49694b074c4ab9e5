//! Values that people write with a unit: durations, periods of the calendar, sizes.
//!
//! By the HOCON specification, "Units format", as `config` 1.4 reads it. Nothing is converted while
//! texts are read: a value is a duration because somebody asks for one.

use std::time::Duration;

use thiserror::Error;

use crate::value::Value;

/// A period of the calendar; how long it is depends on when it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// Years.
    pub years: i32,
    /// Months.
    pub months: i32,
    /// Days; a week is seven.
    pub days: i32,
}

/// Says why a value is no duration, period or size. The value, which may be a secret, is left out.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum UnitError {
    /// It is neither a number nor a string.
    #[error("a {0} has no unit; write a number, or a string as in `\"10 s\"`")]
    WrongKind(&'static str),
    /// No number stands before the unit.
    #[error("no number stands before the unit")]
    NoNumber,
    /// The unit is not known; letter case counts.
    #[error("the unit is not one of {0}")]
    UnknownUnit(&'static str),
    /// It lies below zero.
    #[error("it is negative")]
    Negative,
    /// It is larger than its type can hold.
    #[error("it is too large")]
    TooLarge,
    /// It has a fraction, or an exponent.
    #[error("a period has a whole number of days, weeks, months or years")]
    NotWhole,
}

/// A unit: its names and how much it is.
type Unit = (&'static [&'static str], u128);

const NANOSECONDS_PER_SECOND: u128 = 1_000_000_000;

/// Units of durations in nanoseconds. The first is what a number without a unit counts.
const DURATIONS: [Unit; 7] = [
    (&["ms", "", "milli", "millis", "millisecond", "milliseconds"], 1_000_000),
    (&["ns", "nano", "nanos", "nanosecond", "nanoseconds"], 1),
    (&["us", "micro", "micros", "microsecond", "microseconds"], 1_000),
    (&["s", "second", "seconds"], NANOSECONDS_PER_SECOND),
    (&["m", "minute", "minutes"], 60 * NANOSECONDS_PER_SECOND),
    (&["h", "hour", "hours"], 3_600 * NANOSECONDS_PER_SECOND),
    (&["d", "day", "days"], 86_400 * NANOSECONDS_PER_SECOND),
];

/// Units of sizes in bytes. A single letter is a power of 1024, as with Java's `-Xmx`.
const SIZES: [Unit; 17] = [
    (&["B", "", "b", "byte", "bytes"], 1),
    (&["kB", "kilobyte", "kilobytes"], 10_u128.pow(3)),
    (&["MB", "megabyte", "megabytes"], 10_u128.pow(6)),
    (&["GB", "gigabyte", "gigabytes"], 10_u128.pow(9)),
    (&["TB", "terabyte", "terabytes"], 10_u128.pow(12)),
    (&["PB", "petabyte", "petabytes"], 10_u128.pow(15)),
    (&["EB", "exabyte", "exabytes"], 10_u128.pow(18)),
    (&["ZB", "zettabyte", "zettabytes"], 10_u128.pow(21)),
    (&["YB", "yottabyte", "yottabytes"], 10_u128.pow(24)),
    (&["K", "k", "Ki", "KiB", "kibibyte", "kibibytes"], 1 << 10),
    (&["M", "m", "Mi", "MiB", "mebibyte", "mebibytes"], 1 << 20),
    (&["G", "g", "Gi", "GiB", "gibibyte", "gibibytes"], 1 << 30),
    (&["T", "t", "Ti", "TiB", "tebibyte", "tebibytes"], 1 << 40),
    (&["P", "p", "Pi", "PiB", "pebibyte", "pebibytes"], 1 << 50),
    (&["E", "e", "Ei", "EiB", "exbibyte", "exbibytes"], 1 << 60),
    (&["Z", "z", "Zi", "ZiB", "zebibyte", "zebibytes"], 1 << 70),
    (&["Y", "y", "Yi", "YiB", "yobibyte", "yobibytes"], 1 << 80),
];

impl Value {
    /// Returns the duration that a value is; a number without a unit counts milliseconds. What is
    /// shorter than a nanosecond is left out.
    ///
    /// # Errors
    /// The value is none, is negative, or is longer than a [`Duration`] can be.
    pub fn as_duration(&self) -> Result<Duration, UnitError> {
        const NAMES: &str = "`ns`, `us`, `ms`, `s`, `m`, `h`, `d`";
        let (number, unit) = split(written(self)?);
        let nanoseconds = scaled(number, factor(unit, &DURATIONS, NAMES)?)?;
        let seconds = u64::try_from(nanoseconds / NANOSECONDS_PER_SECOND);
        let rest = u32::try_from(nanoseconds % NANOSECONDS_PER_SECOND);
        match (seconds, rest) {
            (Ok(seconds), Ok(rest)) => Ok(Duration::new(seconds, rest)),
            _ => Err(UnitError::TooLarge),
        }
    }

    /// Returns the size in bytes that a value is; a number without a unit counts bytes. A part of a
    /// byte is left out.
    ///
    /// # Errors
    /// The value is none, is negative, or is larger than 128 bits hold.
    pub fn as_size(&self) -> Result<u128, UnitError> {
        const NAMES: &str = "`B`, `kB`, `MB`, …, `K`, `Ki`, `KiB`, `M`, …";
        let (number, unit) = split(written(self)?);
        scaled(number, factor(unit, &SIZES, NAMES)?)
    }

    /// Returns the period that a value is; a number without a unit counts days.
    ///
    /// # Errors
    /// The value is none, has a fraction, or is beyond 32 bits.
    pub fn as_period(&self) -> Result<Period, UnitError> {
        let (number, unit) = split(written(self)?);
        if number.is_empty() {
            return Err(UnitError::NoNumber);
        }
        let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(UnitError::NotWhole);
        }
        let count: i32 = number.parse().map_err(|_| UnitError::TooLarge)?;
        match unit {
            "" | "d" | "day" | "days" => Ok(Period { days: count, ..Period::default() }),
            "w" | "week" | "weeks" => count
                .checked_mul(7)
                .map(|days| Period { days, ..Period::default() })
                .ok_or(UnitError::TooLarge),
            "m" | "mo" | "month" | "months" => Ok(Period { months: count, ..Period::default() }),
            "y" | "year" | "years" => Ok(Period { years: count, ..Period::default() }),
            _ => Err(UnitError::UnknownUnit("`d`, `w`, `m`, `mo`, `y`")),
        }
    }
}

fn written(value: &Value) -> Result<&str, UnitError> {
    match value {
        Value::Number(number) => Ok(number.spelling()),
        Value::String(text) => Ok(text.trim()),
        other => Err(UnitError::WrongKind(other.kind())),
    }
}

/// Splits off the letters at the end, and the blanks before them.
fn split(text: &str) -> (&str, &str) {
    let number = text.trim_end_matches(char::is_alphabetic);
    (number.trim_end(), text.get(number.len()..).unwrap_or_default())
}

fn factor(unit: &str, units: &[Unit], names: &'static str) -> Result<u128, UnitError> {
    let found = units.iter().find(|(known, _)| known.contains(&unit));
    found.map(|(_, factor)| *factor).ok_or(UnitError::UnknownUnit(names))
}

/// Returns how much a number of units is, to the last whole one; exact, as no float is used.
fn scaled(number: &str, factor: u128) -> Result<u128, UnitError> {
    /// Digits behind the point that count: with them a day is told to less than a nanosecond.
    const MAX_FRACTION_DIGITS: usize = 18;
    let unsigned = number.strip_prefix(['+', '-']).unwrap_or(number);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(UnitError::NoNumber);
    }
    let exponent: i32 = exponent.parse().map_err(|_| UnitError::NoNumber)?;
    let fraction = fraction.get(..MAX_FRACTION_DIGITS).unwrap_or(fraction).trim_end_matches('0');
    let amount = decimal(whole.bytes().chain(fraction.bytes())).ok_or(UnitError::TooLarge)?;
    if amount == 0 {
        return Ok(0);
    }
    if number.starts_with('-') {
        return Err(UnitError::Negative);
    }
    let amount = amount.checked_mul(factor).ok_or(UnitError::TooLarge)?;
    let places = exponent.saturating_sub_unsigned(u32::try_from(fraction.len()).unwrap_or(0));
    let power = 10_u128.checked_pow(places.unsigned_abs());
    if places < 0 {
        return Ok(power.map_or(0, |power| amount / power));
    }
    power.and_then(|power| amount.checked_mul(power)).ok_or(UnitError::TooLarge)
}

/// Returns the number that digits spell.
fn decimal(mut digits: impl Iterator<Item = u8>) -> Option<u128> {
    digits.try_fold(0, |number: u128, digit| {
        number.checked_mul(10)?.checked_add(u128::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DURATION: UnitError = UnitError::UnknownUnit("`ns`, `us`, `ms`, `s`, `m`, `h`, `d`");

    /// As `Config.getDuration` gives it; it has negative ones, too.
    #[test]
    fn reads_durations() {
        for (text, nanoseconds) in [
            ("10", Ok(10_000_000)),
            ("1.5", Ok(1_500_000)),
            ("1e3 ms", Ok(1_000_000_000)),
            ("10s", Ok(10_000_000_000)),
            (" 5 minutes ", Ok(300_000_000_000)),
            ("1.5 h", Ok(5_400_000_000_000)),
            (".5s", Ok(500_000_000)),
            ("1.d", Ok(86_400_000_000_000)),
            ("5\u{a0}us", Ok(5_000)),
            ("5nanos", Ok(5)),
            ("0.1ns", Ok(0)),
            ("1e-99 s", Ok(0)),
            ("-0 s", Ok(0)),
            ("1.123456789 s", Ok(1_123_456_789)),
            ("-5 s", Err(UnitError::Negative)),
            ("5M", Err(DURATION)),
            ("5 Days", Err(DURATION)),
            ("2 weeks", Err(DURATION)),
            ("s", Err(UnitError::NoNumber)),
            ("", Err(UnitError::NoNumber)),
            ("1_0 s", Err(UnitError::NoNumber)),
            ("0x10", Err(UnitError::NoNumber)),
            ("1e99 s", Err(UnitError::TooLarge)),
            (&*"9".repeat(60), Err(UnitError::TooLarge)),
        ] {
            let duration = Value::from(text).as_duration().map(|duration| duration.as_nanos());
            assert_eq!(duration, nanoseconds, "{text}");
        }
        assert_eq!(Value::from(1_500).as_duration(), Ok(Duration::from_millis(1_500)));
        assert_eq!(Value::Null.as_duration(), Err(UnitError::WrongKind("null")));
    }

    /// As `Config.getMemorySize` gives it.
    #[test]
    fn reads_sizes() {
        for (text, bytes) in [
            ("10", 10),
            ("5 bytes", 5),
            ("10 kB", 10_000),
            ("10k", 10_240),
            ("10KiB", 10_240),
            ("1.5MB", 1_500_000),
            ("0.5 k", 512),
            ("1e3", 1_000),
            ("1.9", 1),
            ("5m", 5_242_880),
            ("9EB", 9_000_000_000_000_000_000),
            ("1.5ZiB", 1_770_887_431_076_116_955_136),
            ("1Y", 1_208_925_819_614_629_174_706_176),
        ] {
            assert_eq!(Value::from(text).as_size(), Ok(bytes), "{text}");
        }
        for text in ["5kb", "5 KB", "5mB", "5 x", "10 s"] {
            assert!(
                matches!(Value::from(text).as_size(), Err(UnitError::UnknownUnit(_))),
                "{text}"
            );
        }
        assert_eq!(Value::from("-1k").as_size(), Err(UnitError::Negative));
    }

    /// As `Config.getPeriod` gives it.
    #[test]
    fn reads_periods() {
        for (text, years, months, days) in [
            ("10", 0, 0, 10),
            ("1 day", 0, 0, 1),
            ("-1d", 0, 0, -1),
            ("2 weeks", 0, 0, 14),
            ("5m", 0, 5, 0),
            ("3mo", 0, 3, 0),
            ("3 years", 3, 0, 0),
        ] {
            let period = Value::from(text).as_period();
            assert_eq!(period, Ok(Period { years, months, days }), "{text}");
        }
        for (text, error) in [
            ("1.5 d", UnitError::NotWhole),
            ("1e3", UnitError::NotWhole),
            ("d", UnitError::NoNumber),
            ("2147483648 d", UnitError::TooLarge),
            ("2147483647 w", UnitError::TooLarge),
            ("5 M", UnitError::UnknownUnit("`d`, `w`, `m`, `mo`, `y`")),
        ] {
            assert_eq!(Value::from(text).as_period(), Err(error), "{text}");
        }
    }
}
