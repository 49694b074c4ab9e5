//! Text in, document out: one parser a format, none of which knows another.

mod detect;
mod hocon;
mod json;
mod plain_run;
mod properties;
mod yaml;

use crate::{
    context::{Context, Limits, Mode},
    diagnostic::Diagnostic,
    document::Reading,
    origin::{Format, SourceIds, SourceText},
    value::Spanned,
};
pub use detect::detect_format;

/// Parses a text by itself: its references stay open, and includes are refused.
///
/// Returns its root, whatever kind of value it is, and what there is to say. A root beside an
/// error must not be used. For linters; a [`Layer`](crate::Layer) is what answers are made of.
pub fn parse_alone(
    text: &SourceText,
    mode: Mode,
    limits: &Limits,
) -> (Option<Spanned>, Vec<Diagnostic>) {
    let context = Context { limits: limits.clone(), ..Context::alone(mode) };
    let mut ids = SourceIds::default();
    let mut reading = Reading::new(&context, &mut ids);
    let root = if reading.fits(text) { parse(text, &mut reading) } else { None };
    (root, reading.diagnostics)
}

/// Parses a text, and the texts it includes, by its format.
///
/// Returns its root, an object or a list; nothing when the text holds nothing usable. Everything
/// that is wrong with it is in `reading`; a root beside an error must not be used.
pub(crate) fn parse(text: &SourceText, reading: &mut Reading<'_>) -> Option<Spanned> {
    match text.format {
        Format::Hocon => hocon::parse(text, parse, reading),
        Format::Json => json::parse(text, json::Grammar::Json, reading),
        Format::Json5 => json::parse(text, json::Grammar::Json5, reading),
        Format::Yaml => yaml::parse(text, reading),
        Format::Properties => Some(properties::parse(text, reading)),
    }
}

#[cfg(test)]
mod tests;
