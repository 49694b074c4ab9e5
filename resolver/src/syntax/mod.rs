//! Text in, document out: one parser a format, none of which knows another.

mod hocon;
mod json;
mod properties;
mod yaml;

use crate::{
    document::Reading,
    origin::{Format, SourceText},
    value::Spanned,
};

/// Parses a text, and the texts it includes, by its format.
///
/// Returns its root, an object or a list; nothing when the text holds nothing usable. Everything
/// that is wrong with it is in `reading`; a root beside an error must not be used.
pub(crate) fn parse(text: &SourceText, reading: &mut Reading<'_>) -> Option<Spanned> {
    match text.format {
        Format::Hocon => hocon::parse(text, reading),
        Format::Json => json::parse(text, json::Grammar::Json, reading),
        Format::Json5 => json::parse(text, json::Grammar::Json5, reading),
        Format::Yaml => yaml::parse(text, reading),
        Format::Properties => properties::parse(text, reading),
    }
}

#[cfg(test)]
mod tests;
