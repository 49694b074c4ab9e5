//! The format of a text that nothing declares.

use super::parse_alone;
use crate::{
    context::{Limits, Mode},
    diagnostic::Diagnostic,
    origin::{Format, SourceId, SourceName, SourceText},
};

/// Tells the format of a text that has neither a declaration nor an ending.
///
/// It is HOCON, which JSON is, too, as the stock clients read everything (`clearml` 2.1.12), unless
/// it begins with a marker of YAML, or is no HOCON and an object in YAML or JSON5. Whoever asks
/// should tell people what was taken for what.
pub fn detect_format(text: &str, mode: Mode, limits: &Limits) -> Format {
    if begins_as_yaml(text) {
        return Format::Yaml;
    }
    let reads = |format| is_object(text, format, mode, limits);
    if reads(Format::Hocon) {
        return Format::Hocon;
    }
    [Format::Json5, Format::Yaml].into_iter().find(|format| reads(*format)).unwrap_or_default()
}

/// Whether the first line that is neither blank nor a comment is a directive or a document's mark.
fn begins_as_yaml(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim_end);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| line.starts_with("%YAML ") || line == "---")
}

fn is_object(text: &str, format: Format, mode: Mode, limits: &Limits) -> bool {
    let name = SourceName::Text("undeclared".into());
    let text = SourceText { id: SourceId(0), name, format, text: text.into() };
    let (root, findings) = parse_alone(&text, mode, limits);
    // Includes are refused in a text alone; they are HOCON nevertheless.
    let is_broken = |finding: &Diagnostic| finding.is_error() && finding.code != "include-refused";
    root.is_some_and(|root| root.value.is_object()) && !findings.iter().any(is_broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_text_for_hocon_unless_it_is_something_else() {
        for (text, format) in [
            ("", Format::Hocon),
            ("a = 1", Format::Hocon),
            ("a: 1\n", Format::Hocon),
            ("{\"a\": \"\\u00e9\"}", Format::Hocon),
            ("include \"x\"\na = 1", Format::Hocon),
            ("a {", Format::Hocon),
            ("---\na: 1\n", Format::Yaml),
            ("\u{feff}# c\n\n%YAML 1.1\n---\na: 1\n", Format::Yaml),
            ("a:\n- 1\n- 2\n", Format::Yaml),
            // The clients read this, though not as it is meant: the linter says so.
            ("a:\n  b: 1\n", Format::Hocon),
            ("{a: 'x', /* c */ b: [1,]}", Format::Json5),
            ("- 1\n- 2\n", Format::Hocon),
        ] {
            assert_eq!(detect_format(text, Mode::Clearml, &Limits::default()), format, "{text}");
        }
    }
}
