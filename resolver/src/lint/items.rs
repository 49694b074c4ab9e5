//! Items of a list that run together because a comma is missing.

use crate::{
    diagnostic::{Quoted, Severity},
    origin::Format,
    value::Value,
};

use super::{Findings, Rule, Scene};

pub(super) const RULE: Rule = Rule {
    id: "missing-comma",
    severity: Severity::Warning,
    about: "items of a list without a comma or a line's end between them are one text: `[1 2 3]` has one item",
};

pub(super) fn find(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.text.format != Format::Hocon {
        return;
    }
    scene.each_value(|path, list| {
        let Some(items) = list.value.as_array() else { return };
        for item in items {
            let Value::String(_) = item.value else { continue };
            let written = scene.at(item.origin);
            let runs_together = if written.starts_with('"') {
                is_several_quoted(written)
            } else {
                items.len() == 1 && written.contains(' ') && !written.contains('"')
            };
            if runs_together {
                let message =
                    format!("this is one item of {}, not several", Quoted(&path.to_string()));
                findings.add(
                    RULE.at(item.origin, message).with_help(
                        "put a comma between the items, or quotes around the whole text",
                    ),
                );
            }
        }
    });
}

/// Whether a text consists of strings in quotes with nothing but blanks between them.
fn is_several_quoted(written: &str) -> bool {
    if written.starts_with("\"\"\"") {
        return false;
    }
    let mut rest = written;
    let mut strings = 0;
    while let Some(inside) = rest.trim_start_matches([' ', '\t']).strip_prefix('"') {
        let Some(end) = end_of_string(inside) else { return false };
        strings += 1;
        rest = inside.get(end + 1..).unwrap_or_default();
    }
    strings > 1 && rest.is_empty()
}

/// Returns where the quote stands that is not behind a backslash.
fn end_of_string(inside: &str) -> Option<usize> {
    let mut is_escaped = false;
    inside.bytes().position(|byte| {
        let was_escaped = std::mem::replace(&mut is_escaped, false);
        is_escaped = byte == b'\\' && !was_escaped;
        byte == b'"' && !was_escaped
    })
}
