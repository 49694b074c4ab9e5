//! The picture of an explanation: one mark a place, the highest on top.
//!
//! ```text
//! sdk.aws.s3.region = "eu-central-1"
//!
//!   ● vault       "eu-central-1"
//!   │             dev-storage:6:19 (where results go, group)
//!   │
//!   ○ file        "us-east-1", hidden
//!                 /home/ada/clearml.conf:35:13
//! ```

use anstyle::Style;
use daemon::protocol::{AssignmentFate, AssignmentStatus, Explanation, QuarantineStatus};
use serde_json::Value as Json;

use crate::{
    output::Color,
    page::{self, BAD, CAUTION, FAINT, GOOD, TITLE, WIDTH},
};

/// Columns before the text of a place: the mark and the layer's name.
const INDENT: usize = 16;

/// Draws an explanation. `is_set_here` tells whether a variable is set in our own environment.
pub(super) fn draw(
    explanation: &Explanation,
    color: Color,
    is_set_here: impl Fn(&str) -> bool,
) -> String {
    let mut page = format!("{}\n\n", headline(explanation, color));
    for (index, assignment) in explanation.assignments.iter().enumerate() {
        let is_last = index + 1 == explanation.assignments.len();
        page.push_str(&place(assignment, is_last, color));
    }
    let winner = explanation.assignments.iter().find(|it| it.fate == AssignmentFate::Wins);
    for name in winner.iter().flat_map(|winner| &winner.open) {
        let here = if is_set_here(name) { "is set" } else { "is not set" };
        let note = format!("${{{name}}} is closed by whoever asks; here {name} {here}");
        page.push_str(&noted("?", CAUTION, &note, color));
    }
    if explanation.rewritten {
        let note = "it is served as `-e`, `NAME=value`, the one form that stock agents mask";
        page.push_str(&noted("!", CAUTION, note, color));
    }
    for quarantined in &explanation.quarantined {
        page.push_str(&noted("!", BAD, &set_aside(quarantined), color));
    }
    page
}

fn headline(explanation: &Explanation, color: Color) -> String {
    let path = page::printable(&explanation.path);
    let title = color.paint(TITLE, &path);
    let counts = |it: &&AssignmentStatus| it.fate == AssignmentFate::Wins;
    match explanation.assignments.iter().find(counts).and_then(shown_value) {
        Some(value) => {
            let left = WIDTH.saturating_sub(path.chars().count() + " = ".len());
            format!("{title} = {}", page::cut(&value, left.max(INDENT)))
        }
        None => title,
    }
}

/// Draws one place that sets the path: its value above, where it is below.
fn place(assignment: &AssignmentStatus, is_last: bool, color: Color) -> String {
    let (mark, style) = mark(assignment.fate);
    let line = if is_last { " " } else { "│" };
    let fate = fate_in_words(assignment);
    let room = WIDTH - INDENT - fate.chars().count();
    let value = shown_value(assignment).unwrap_or_else(|| "an earlier line of this text".into());
    let layer = page::cut(&assignment.layer, INDENT - 5);
    format!(
        "  {} {layer:<width$}{}{}\n  {line}{:indent$}{}\n{}",
        color.paint(style, mark),
        page::cut(&value, room),
        color.paint(FAINT, fate),
        "",
        origin(assignment),
        if is_last { String::new() } else { format!("  {line}\n") },
        width = INDENT - 4,
        indent = INDENT - 3,
    )
}

fn mark(fate: AssignmentFate) -> (&'static str, Style) {
    match fate {
        AssignmentFate::Wins => ("●", GOOD),
        AssignmentFate::Extends => ("◐", GOOD),
        AssignmentFate::Shadowed => ("○", FAINT),
        AssignmentFate::Protected => ("✗", CAUTION),
    }
}

fn fate_in_words(assignment: &AssignmentStatus) -> &'static str {
    match assignment.fate {
        AssignmentFate::Wins => "",
        AssignmentFate::Extends => ", adds keys",
        AssignmentFate::Shadowed => ", hidden",
        AssignmentFate::Protected => ", dropped: it describes this machine",
    }
}

/// Says where a place is: a file as editors take it, a vault by its name.
fn origin(assignment: &AssignmentStatus) -> String {
    let place = assignment.line.zip(assignment.column);
    match (&assignment.vault, place) {
        (Some(vault), Some((line, column))) => {
            let name = match vault.name.as_str() {
                "" => String::new(),
                name => format!("{name}, "),
            };
            let place = format!("{}:{line}:{column} ({name}{})", vault.id, vault.scope);
            page::cut(&place, WIDTH - INDENT)
        }
        (None, Some((line, column))) if assignment.layer != "environment" => {
            format!("{}:{line}:{column}", page::printable(&assignment.source))
        }
        _ => page::printable(&assignment.source),
    }
}

/// Returns a value as it is shown: an object by its size, a reference that may give nothing by its
/// name, anything else as JSON.
fn shown_value(assignment: &AssignmentStatus) -> Option<String> {
    let text = assignment.value.as_ref()?.get();
    if let ("null", [name, ..]) = (text, assignment.open.as_slice()) {
        return Some(format!("${{?{name}}}"));
    }
    let Ok(Json::Object(object)) = serde_json::from_str(text) else { return Some(text.into()) };
    Some(match object.len() {
        0 => "{}".into(),
        1 => "{ 1 key }".into(),
        keys => format!("{{ {keys} keys }}"),
    })
}

fn noted(mark: &str, style: Style, note: &str, color: Color) -> String {
    let first = format!("  {mark} ");
    let text = page::wrapped(&first, note);
    let painted = color.paint(style, mark);
    format!("\n  {painted} {}\n", text.get(first.len()..).unwrap_or_default())
}

fn set_aside(quarantined: &QuarantineStatus) -> String {
    let place = match quarantined.line.zip(quarantined.column) {
        Some((line, column)) => format!(" at line {line}, column {column}"),
        None => String::new(),
    };
    let (source, message) = (&quarantined.source, &quarantined.message);
    let instead = if quarantined.last_good_served {
        "its last good version counts"
    } else {
        "it may set it, too"
    };
    format!("{source} is set aside{place}: {message}; {instead}")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;

    fn check(explanation: &Json, expected: &Expect) {
        let explanation = serde_json::from_value(explanation.clone()).unwrap();
        let page = draw(&explanation, Color::Plain, |name| name == "HERE");
        expected.assert_eq(&page);
        assert!(page.lines().all(|line| line.chars().count() <= WIDTH), "a line is too wide");
        let styled = draw(&explanation, Color::Styled, |name| name == "HERE");
        assert_eq!(styled.lines().count(), page.lines().count());
    }

    #[test]
    fn shows_each_place_with_what_became_of_it() {
        let vault = |id: &str, fate: &str, value: &Json| {
            json!({
                "fate": fate, "layer": "vault", "source": format!("vault {id}"), "line": 3,
                "column": 5, "vault": {"id": id, "name": "what a whole team of many people \u{1b}[2Jshares with others", "scope": "group"},
                "value": value,
            })
        };
        check(
            &json!({
                "path": "agent.worker_name",
                "assignments": [
                    vault("v1", "protected", &json!("not-this-one")),
                    {"fate": "wins", "layer": "file", "source": "/etc/clearml.conf", "line": 7,
                     "column": 3, "value": "${HERE}-${THERE}", "open": ["HERE", "THERE"]},
                    {"fate": "shadowed", "layer": "file", "source": "/etc/clearml.conf", "line": 2,
                     "column": 3},
                ],
                "quarantined": [
                    {"source": "vault v2", "line": 4, "column": 9, "last_good_served": false,
                     "message": "`}` stands here while a list is open, which no reader can guess the end of"},
                ],
            }),
            &expect![[r#"
                agent.worker_name = "${HERE}-${THERE}"

                  ✗ vault       "not-this-one", dropped: it describes this machine
                  │             v1:3:5 (what a whole team of many people \u{1b}[2Jshares with o…
                  │
                  ● file        "${HERE}-${THERE}"
                  │             /etc/clearml.conf:7:3
                  │
                  ○ file        an earlier line of this text, hidden
                                /etc/clearml.conf:2:3

                  ? ${HERE} is closed by whoever asks; here HERE is set

                  ? ${THERE} is closed by whoever asks; here THERE is not set

                  ! vault v2 is set aside at line 4, column 9: `}` stands here while a list is
                    open, which no reader can guess the end of; it may set it, too
            "#]],
        );
        check(
            &json!({
                "path": "sdk",
                "assignments": [
                    vault("v1", "wins", &json!({"a": {"b": 1}})),
                    vault("v2", "extends", &json!({"c": 1, "d": 2})),
                    vault("v3", "shadowed", &json!("x".repeat(100))),
                ],
                "quarantined": [],
            }),
            &expect![[r#"
                sdk = { 1 key }

                  ● vault       { 1 key }
                  │             v1:3:5 (what a whole team of many people \u{1b}[2Jshares with o…
                  │
                  ◐ vault       { 2 keys }, adds keys
                  │             v2:3:5 (what a whole team of many people \u{1b}[2Jshares with o…
                  │
                  ○ vault       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…, hidden
                                v3:3:5 (what a whole team of many people \u{1b}[2Jshares with o…
            "#]],
        );
    }
}
