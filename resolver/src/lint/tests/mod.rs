//! Texts and what each rule finds in them.

mod layers;
mod texts;

use std::{fmt::Write as _, sync::Arc};

use expect_test::{Expect, expect};

use super::{Subject, lint, rules};
use crate::{
    context::{Context, Limits, Mode},
    diagnostic::Severity,
    key_path::KeyPath,
    layer::{Build, Layer, Precedence},
    origin::{Format, SourceIds, SourceName, SourceText},
};

/// Shows what is found in texts, each by itself over the same lower layer.
fn check_over(below: &str, format: Format, texts: &[&str], expected: &Expect) {
    let mut shown = String::new();
    for text in texts {
        let _ = writeln!(shown, "{}", text.replace('\n', "␊").replace('\t', "␉"));
        shown.push_str(&found(Precedence::Vault, below, format, text));
    }
    expected.assert_eq(&shown);
}

fn check(format: Format, texts: &[&str], expected: &Expect) {
    check_over("", format, texts, expected);
}

fn found(precedence: Precedence, below: &str, format: Format, text: &str) -> String {
    let context = Context::alone(Mode::Clearml);
    let mut ids = SourceIds::default();
    let below = build(Precedence::File, Format::Hocon, below, &context, &mut ids);
    let below: Vec<Arc<Layer>> = below.layer.into_iter().collect();
    assert_eq!(below.len(), 1, "the lower layer is broken");
    let build = build(precedence, format, text, &context, &mut ids);
    let findings = lint(&Subject { build: &build, precedence, below: &below, context: &context });
    let mut lines = String::new();
    for finding in findings {
        let origin = finding.origin.unwrap();
        assert_eq!(origin.source, build.texts[0].id);
        let (line, column) = build.texts[0].line_column(origin.start);
        let _ = writeln!(lines, "  {line}:{column} {} {}", finding.code, finding.message);
        assert!(finding.severity < Severity::Error, "a rule is no reason to refuse a text");
        for (origin, words) in &finding.related {
            let is_below = origin.source != build.texts[0].id;
            let _ = writeln!(lines, "    {} {words}", if is_below { "below:" } else { "here:" });
        }
    }
    lines
}

fn build(
    precedence: Precedence,
    format: Format,
    text: &str,
    context: &Context<'_>,
    ids: &mut SourceIds,
) -> Build {
    let text = SourceText {
        id: ids.next_id(),
        name: SourceName::Text("sample".into()),
        format,
        text: text.into(),
    };
    Layer::build(precedence, text, &KeyPath::root(), context, ids)
}

#[test]
fn rules_have_names_of_their_own() {
    let mut names: Vec<_> = rules().map(|rule| rule.id).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    for rule in rules() {
        let is_name = rule
            .id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        assert!(is_name && !rule.about.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn is_silent_about_a_broken_text() {
    check(
        Format::Hocon,
        &["a = [1\nb += 2\npass: x#y"],
        &expect![[r#"
        a = [1␊b += 2␊pass: x#y
    "#]],
    );
}

#[test]
fn a_text_of_many_faults_gives_a_bounded_number_of_findings() {
    let mut text = "a: 007\n".repeat(1000);
    for number in 0..1000 {
        let _ = writeln!(text, "k{number}: 007");
    }
    let lines = found(Precedence::File, "", Format::Hocon, &text);
    let findings = lines.lines().filter(|line| !line.starts_with("    ")).count();
    assert!(findings <= 2 * Limits::default().diagnostics, "{findings}");
}
