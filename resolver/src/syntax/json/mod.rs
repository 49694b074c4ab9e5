//! JSON and JSON5, read by one byte scanner.
//!
//! The scanner knows JSON5, of which JSON is a part: in a JSON text it reports what JSON5 alone
//! allows, and reads on. So both get the same places and the same advice, and a JSON text shows
//! all its faults at once.
//!
//! # Why
//! `serde_json` gives no places, stops at the first fault and recurses; `jsonc-parser` 0.34, the
//! one JSON5 crate with places and a bound on its depth, recurses to a fixed 512 levels, stops at
//! the first fault, builds a second tree, and knows neither a byte order mark nor `\u0061` in
//! keys (22 snippets of the specification tried, 2 refused). A rewrite of [`Reader`] on top of a
//! crate is worth it once one has places for every value and reads on after a fault.

mod blanks;
mod grammar;
mod keys;
mod numbers;
mod reader;
mod scanner;
mod strings;
mod suspects;

pub(crate) use grammar::Grammar;
use reader::Reader;
use scanner::Scanner;

use crate::{
    document::Reading,
    object::Object,
    origin::SourceText,
    value::{Spanned, Value},
};

/// Parses a text.
///
/// A text without a value is an empty object: so the stock clients take an empty vault
/// (`clearml` 2.1.12). Keys are whole keys, dots in them mean nothing, and a string that looks
/// like `${this}` is that string.
///
/// A key that is set twice keeps its first place: two objects join, otherwise the later value
/// counts, with a warning. The stock clients read JSON by the rules of HOCON, where this is so.
pub(crate) fn parse(
    text: &SourceText,
    grammar: Grammar,
    reading: &mut Reading<'_>,
) -> Option<Spanned> {
    let mut scanner = Scanner::new(text, grammar, reading);
    scanner.skip_blanks().ok()?;
    if scanner.peek().is_none() {
        return Some(Value::object(Object::new()).spanned(scanner.origin(0)));
    }
    Reader::new(scanner).read().ok()
}

#[cfg(test)]
mod tests;
