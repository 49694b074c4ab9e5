//! The findings as one JSON object, for programs.
//!
//! ```json
//! {
//!   "errors": 0, "warnings": 1, "notes": 0,
//!   "findings": [{
//!     "rule": "key-misspelt", "page": "…", "severity": "warning", "message": "…", "help": "…",
//!     "source": "clearml.conf", "line": 3, "column": 5, "end_line": 3, "end_column": 12,
//!     "related": [{ "message": "…", "source": "…", "line": 1, "column": 1, … }]
//!   }]
//! }
//! ```
//!
//! Lines and columns begin at 1; columns count characters, the end is behind the last one. A
//! finding about no single place has no `source`; an error has no `page`. No value of a text is
//! quoted.

use resolver::{Diagnostic, Origin, SourceText};
use serde_json::{Map, Value as Json, json};

use super::{Report, rules};

/// Spells the report.
pub(super) fn spell(report: &Report) -> String {
    let tally = report.tally();
    let findings: Vec<_> =
        report.findings().map(|(finding, texts)| spelled(finding, texts)).collect();
    let report = json!({
        "errors": tally.errors,
        "warnings": tally.warnings,
        "notes": tally.notes,
        "findings": findings,
    });
    format!("{report:#}\n")
}

fn spelled(finding: &Diagnostic, texts: &[SourceText]) -> Json {
    let mut object = Map::new();
    object.insert("rule".into(), finding.code.into());
    object.extend(rules::page_of(finding.code).map(|page| ("page".to_owned(), page.into())));
    object.insert("severity".into(), finding.severity.to_string().into());
    object.insert("message".into(), finding.message.as_str().into());
    if let Some(help) = &finding.help {
        object.insert("help".into(), help.as_str().into());
    }
    object.extend(finding.origin.map(|origin| place(origin, texts)).unwrap_or_default());
    let related: Vec<_> = finding
        .related
        .iter()
        .map(|(origin, words)| {
            let mut object = Map::new();
            object.insert("message".into(), words.as_str().into());
            object.extend(place(*origin, texts));
            Json::Object(object)
        })
        .collect();
    if !related.is_empty() {
        object.insert("related".into(), related.into());
    }
    Json::Object(object)
}

fn place(origin: Origin, texts: &[SourceText]) -> Map<String, Json> {
    let Some(text) = texts.iter().find(|text| text.id == origin.source) else {
        return Map::new();
    };
    let (line, column) = text.line_column(origin.start);
    let (end_line, end_column) = text.line_column(origin.end);
    let place = [
        ("source", text.name.to_string().into()),
        ("line", line.into()),
        ("column", column.into()),
        ("end_line", end_line.into()),
        ("end_column", end_column.into()),
    ];
    place.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
