//! The findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), for code scanning services.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use resolver::{Diagnostic, Origin, Severity, SourceName, SourceText};
use serde_json::{Value as Json, json};

use super::{Report, rules};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// What is percent-encoded in a path (RFC 3986, section 3.3).
const NOT_IN_PATHS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Spells the report.
pub(super) fn spell(report: &Report) -> String {
    let findings: Vec<_> = report.findings().collect();
    let names: BTreeSet<_> = findings.iter().map(|(finding, _)| finding.code).collect();
    let names: Vec<_> = names.into_iter().collect();
    let rules: Vec<_> = names.iter().map(|name| rule(name)).collect();
    let results: Vec<_> =
        findings.iter().map(|(finding, texts)| result(finding, texts, &names)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "clearml-resolver",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(name: &str) -> Json {
    match (rules::find(name), rules::page_of(name)) {
        (Some(rule), Some(page)) => {
            json!({ "id": name, "shortDescription": { "text": rule.about }, "helpUri": page })
        }
        _ => json!({ "id": name }),
    }
}

fn result(finding: &Diagnostic, texts: &[SourceText], rules: &[&str]) -> Json {
    let text = match &finding.help {
        Some(help) => format!("{}; {help}", finding.message),
        None => finding.message.clone(),
    };
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": rules.iter().position(|rule| *rule == finding.code),
        "level": level,
        "message": { "text": text },
        "locations": Vec::from_iter(finding.origin.and_then(|origin| location(origin, texts))),
    });
    let related = finding.related.iter().filter_map(|(origin, words)| {
        let mut location = location(*origin, texts)?;
        location.as_object_mut()?.insert("message".into(), json!({ "text": words }));
        Some(location)
    });
    let related: Vec<_> = related.collect();
    if let (false, Some(result)) = (related.is_empty(), result.as_object_mut()) {
        result.insert("relatedLocations".into(), related.into());
    }
    result
}

fn location(origin: Origin, texts: &[SourceText]) -> Option<Json> {
    let text = texts.iter().find(|text| text.id == origin.source)?;
    let (start_line, start_column) = text.line_column(origin.start);
    let (end_line, end_column) = text.line_column(origin.end);
    Some(json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&text.name) },
        "region": {
            "startLine": start_line,
            "startColumn": start_column,
            "endLine": end_line,
            "endColumn": end_column,
        },
    }}))
}

/// Returns the URI reference of a text: a file's path as it was given, relative ones too, so that
/// a code scanning service finds it in its checkout.
fn uri(name: &SourceName) -> String {
    match name {
        SourceName::File(path) => encoded(&path.display().to_string()),
        SourceName::Vault { id, .. } => format!("vault:{}", encoded(id)),
        SourceName::Environment => "environment:".into(),
        SourceName::Text(name) => format!("text:{}", encoded(name)),
    }
}

/// Percent-encodes what may not stand in a path of a URI.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, NOT_IN_PATHS).to_string()
}
