//! Short HOCON texts of a few keys that refer to one another, to themselves, and to nothing.

use crate::Choices;

/// Assignments of one text.
const MOST_ASSIGNMENTS: usize = 5;

/// How deep lists and objects lie in one another.
const MOST_LEVELS: usize = 2;

const KEYS: &[&str] = &["a", "b", "c", "a.b", "a.c", "b.a", "a.b.c"];

const VALUES: &[&str] =
    &["1", "x", "[1]", "[2]", "{b:1}", "{c:[3]}", "null", "{}", "true", "\"y\""];

const NAMES: &[&str] = &[
    "a", "b", "c", "a.b", "a.c", "b.a", "a.b.c", "SET", "UNSET", "?a", "?b", "?a.b", "?UNSET",
    "?b.a",
];

/// Writes a text.
pub fn reference_text(choices: &mut Choices<'_>) -> String {
    let mut text = String::new();
    entries(choices, 0, &mut text);
    text
}

/// Recurses `MOST_LEVELS` deep.
fn entries(choices: &mut Choices<'_>, level: usize, text: &mut String) {
    for _ in 0..=choices.below(MOST_ASSIGNMENTS - level) {
        if choices.is_spent() {
            return;
        }
        text.push_str(choices.pick(KEYS));
        text.push_str(choices.pick(&[" = ", " = ", " = ", " = ", " += "]));
        value(choices, level, text);
        text.push('\n');
    }
}

fn value(choices: &mut Choices<'_>, level: usize, text: &mut String) {
    let pieces = if choices.one_in(4) { 2 } else { 1 };
    for index in 0..pieces {
        if index > 0 {
            text.push(' ');
        }
        match choices.below(8) {
            0..=2 => text.push_str(choices.pick(VALUES)),
            3..=5 => reference(choices, text),
            6 if level < MOST_LEVELS => {
                text.push('[');
                value(choices, level + 1, text);
                text.push(']');
            }
            7 if level < MOST_LEVELS => {
                text.push_str("{\n");
                entries(choices, level + 1, text);
                text.push('}');
            }
            _ => reference(choices, text),
        }
    }
}

fn reference(choices: &mut Choices<'_>, text: &mut String) {
    text.push_str("${");
    text.push_str(choices.pick(NAMES));
    text.push('}');
}
