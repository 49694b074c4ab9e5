//! Small texts, parsed and shown: what the tables of the parsers' tests are made of.

use std::fmt::Write as _;

use super::parse_alone;
use crate::{
    context::{Limits, Mode},
    diagnostic::Diagnostic,
    origin::{Format, SourceIds, SourceName, SourceText},
    value::{Spanned, Value},
};

/// A text and what came of parsing it.
pub(super) struct Sample {
    pub(super) root: Option<Spanned>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) has_error: bool,
    text: SourceText,
}

impl Sample {
    /// Parses a text within the usual limits.
    pub(super) fn parse(format: Format, text: &str) -> Self {
        Self::parse_within(&Limits::default(), format, text)
    }

    pub(super) fn parse_within(limits: &Limits, format: Format, text: &str) -> Self {
        let mut ids = SourceIds::default();
        let text = SourceText {
            id: ids.next_id(),
            name: SourceName::Text("sample".into()),
            format,
            text: text.into(),
        };
        let (root, diagnostics) = parse_alone(&text, Mode::Clearml, limits);
        let has_error = diagnostics.iter().any(Diagnostic::is_error);
        Self { root, diagnostics, has_error, text }
    }

    /// Returns what comes of each text: itself, its tree, and what there is to say, by lines.
    pub(super) fn table(limits: &Limits, format: Format, texts: &[&str]) -> String {
        let mut table = String::new();
        for text in texts {
            let sample = Self::parse_within(limits, format, text);
            let _ = writeln!(table, "{}\n  {}", visible(text), visible(&sample.tree()));
            for line in sample.findings().lines() {
                let _ = writeln!(table, "  {line}");
            }
        }
        table
    }

    /// Returns the tree as one line of JSON, numbers as they are spelled; `-` if there is none.
    pub(super) fn tree(&self) -> String {
        self.root.as_ref().map_or_else(|| "-".into(), |root| spelled(&root.value))
    }

    /// Returns a line for each finding: how bad, the code, the place, and further places.
    pub(super) fn findings(&self) -> String {
        let mut lines = String::new();
        for diagnostic in &self.diagnostics {
            let place = diagnostic.origin.map_or_else(String::new, |origin| self.place(origin));
            let _ = write!(lines, "{} {} {place}", diagnostic.severity, diagnostic.code);
            for (origin, _) in &diagnostic.related {
                let _ = write!(lines, " ({})", self.place(*origin));
            }
            lines.push('\n');
        }
        lines
    }

    /// Returns a line for each scalar: its place, and the text there.
    pub(super) fn places(&self) -> String {
        let mut lines = String::new();
        if let Some(root) = &self.root {
            self.add_places(root, &mut lines);
        }
        lines
    }

    fn add_places(&self, value: &Spanned, lines: &mut String) {
        let origin = value.origin;
        let text = &self.text.text[origin.start as usize..origin.end as usize];
        let _ = writeln!(lines, "{} {}", self.place(origin), text.escape_debug());
        match &value.value {
            Value::Array(values) => values.iter().for_each(|value| self.add_places(value, lines)),
            Value::Object(object) => {
                object.iter().for_each(|(_, value)| self.add_places(value, lines));
            }
            _ => {}
        }
    }

    fn place(&self, origin: crate::Origin) -> String {
        let (line, column) = self.text.line_column(origin.start);
        let (_, end_column) = self.text.line_column(origin.end);
        format!("{line}:{column}-{end_column}")
    }
}

/// Shows what one cannot see: control characters as their pictures, others by number.
fn visible(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, character| {
        match u32::from(character) {
            code @ 0..0x20 => shown.extend(char::from_u32(0x2400 + code)),
            0x20..0x7f => shown.push(character),
            _ if character.is_alphabetic() => shown.push(character),
            _ => shown.extend(character.escape_unicode()),
        }
        shown
    })
}

fn spelled(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.spelling().into(),
        Value::String(text) => serde_json::to_string(text.as_str()).unwrap(),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(|value| spelled(&value.value)).collect();
            format!("[{}]", values.join(","))
        }
        Value::Object(object) => {
            let entries: Vec<_> = object
                .iter()
                .map(|(key, value)| {
                    let key = serde_json::to_string(key.as_str()).unwrap();
                    format!("{key}:{}", spelled(&value.value))
                })
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        Value::Open(_) => "open".into(),
    }
}
