//! The page of a difference: a key, what it held, what it holds, who set it.
//!
//! ```text
//! agent.git_user
//!   - ""
//!   + "team-bot"                                                dev-team:8:13
//!
//! 1 changed
//! ```

use daemon::protocol::{AssignmentStatus, ChangeName, ChangeStatus, Difference, FILE};
use serde_json::value::RawValue;

use crate::{
    output::Color,
    page::{self, BAD, FAINT, GOOD, TITLE, WIDTH},
};

/// Columns that a value has at least, whatever stands behind it.
const VALUE_WIDTH: usize = 30;

/// Draws a difference.
pub(in crate::commands) fn draw(difference: &Difference, color: Color) -> String {
    if difference.changes.is_empty() {
        let against = match difference.against.as_str() {
            FILE => "the files alone".into(),
            other => page::printable(other),
        };
        return format!("nothing differs from {against}\n");
    }
    let mut text = String::new();
    for change in &difference.changes {
        text.push_str(&color.paint(TITLE, &page::printable(&change.path)));
        text.push('\n');
        text.push_str(&sides(change, color));
        text.push('\n');
    }
    text + &tally(&difference.changes) + "\n"
}

fn sides(change: &ChangeStatus, color: Color) -> String {
    let origin = change.set_by.as_ref().map(origin).unwrap_or_default();
    // Both sides masked: that they differ must be said.
    let is_masked_away =
        change.before.as_ref().map(|it| it.get()) == change.after.as_ref().map(|it| it.get());
    let more = if is_masked_away { " (another value)" } else { "" };
    let before = change.before.as_ref().map(|value| {
        let value = page::cut(value.get(), WIDTH - "  - ".len());
        format!("  {}\n", color.paint(BAD, &format!("- {value}")))
    });
    let after = change.after.as_ref().map(|value| after(value, more, &origin, color));
    before.unwrap_or_default() + &after.unwrap_or_default()
}

/// Draws what holds now, and behind it, to the right, who set it: on a line of its own where the
/// value leaves no room.
fn after(value: &RawValue, more: &str, origin: &str, color: Color) -> String {
    let room = WIDTH - "  + ".len();
    let origin_width = origin.chars().count() + 2;
    let shown = page::cut(value.get(), room - more.len());
    let value_width = shown.chars().count() + more.len();
    let painted = color.paint(GOOD, &format!("+ {shown}"));
    let origin_painted = color.paint(FAINT, origin);
    if value_width.max(VALUE_WIDTH) + origin_width <= room {
        let gap = room - value_width - origin_width + 2;
        return format!("  {painted}{more}{:gap$}{origin_painted}\n", "");
    }
    format!("  {painted}{more}\n      {origin_painted}\n")
}

/// Says who set a value, as briefly as it can be found.
fn origin(set_by: &AssignmentStatus) -> String {
    let name = set_by.vault.as_ref().map_or(&set_by.source, |vault| &vault.id);
    let place = match set_by.line.zip(set_by.column) {
        Some((line, column)) => format!("{name}:{line}:{column}"),
        None => name.clone(),
    };
    page::printable(&place)
}

fn tally(changes: &[ChangeStatus]) -> String {
    let count = |kind| changes.iter().filter(|change| change.kind == kind).count();
    let words = [
        (count(ChangeName::Changed), "changed"),
        (count(ChangeName::Added), "added"),
        (count(ChangeName::Removed), "removed"),
    ];
    let words = words.iter().filter(|(count, _)| *count > 0);
    words.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}
