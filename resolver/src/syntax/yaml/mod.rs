//! YAML, as `PyYAML` 6.0's safe loader reads it: YAML 1.1, and nothing but data.
//!
//! What an answer, which is JSON, cannot hold is told, not guessed: infinite numbers and complex
//! keys are refused, dates stay the strings they are written as. Keys that are no strings become
//! those that Python's `json.dumps` makes of them. Strings that look like `${this}` are strings.
//!
//! Where it departs from `PyYAML`:
//!
//! | text | here | `PyYAML` |
//! |---|---|---|
//! | `2001-12-14`, and other dates | the string | a date, which JSON cannot hold |
//! | `=`, or `<<` where it is no key | the string | an error |
//! | an anchor that is set twice | the later one counts from there on | an error |
//! | `1` and `true` as keys of one mapping | two keys | one, as `True == 1` |
//! | tabs between tokens, `: x` without a key, `&a.b`, and more that YAML 1.2 allows | read | an error |
//! | `*a: x`, `{a: -}` | an error, as in YAML 1.2; `*a : x` is right | an alias as key, `"-"` |
//! | `[#x`, `'x'#y`: a comment with no blank before it | an error, as in YAML 1.2 | a comment |
//! | U+0085, U+2028, U+2029 | characters of a scalar | line breaks |
//! | a byte order mark inside the text | an error | a character |
//!
//! # Why
//! `granit-parser` gives events with byte offsets, keeps no recursion, takes bounds on nesting,
//! and has options to read as `PyYAML` does. `saphyr-parser`, from which it was forked, has neither
//! the bounds on block nesting nor the options, and was slower on flow collections. `serde_yaml` is no
//! longer kept and hangs on 100 kB of `{a:`. All the meaning is here: scalars, merge keys, aliases.

mod anchors;
mod faults;
mod leaves;
mod loader;
mod merge_keys;
mod numbers;
mod scalars;
mod tags;

use loader::Loader;

use crate::{document::Reading, origin::SourceText, value::Spanned};

/// Parses a text, which holds one document.
///
/// A text without a value is an empty object: so the stock clients take an empty vault
/// (`clearml` 2.1.12).
pub(crate) fn parse(text: &SourceText, reading: &mut Reading<'_>) -> Option<Spanned> {
    Loader::new(text, reading).load().ok()
}

#[cfg(test)]
mod tests;
