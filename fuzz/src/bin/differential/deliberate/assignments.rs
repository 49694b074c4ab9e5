//! The assignments to the root of a text and the references of their values, as far as a glance
//! can tell.

use serde_json::Value as Json;

/// An assignment to the root.
pub(super) struct Assignment<'t> {
    key: &'t str,
    pub(super) value: &'t str,
    /// Whether it is made by `+=`.
    pub(super) is_append: bool,
}

impl Assignment<'_> {
    /// The first key of its path.
    pub(super) fn root(&self) -> &str {
        let root = self.key.split('.').next().unwrap_or_default();
        root.trim().trim_matches('"')
    }

    /// Whether it sets the very same path.
    pub(super) fn sets_same(&self, other: &Self) -> bool {
        self.key.replace('"', "") == other.key.replace('"', "")
    }

    /// Whether it looks at what there is, by references of its own or by `+=`.
    pub(super) fn is_open(&self) -> bool {
        self.is_append || self.value.contains("${")
    }

    /// Whether it makes its root key a section.
    pub(super) fn opens_section(&self) -> bool {
        self.key.contains('.') || self.value.trim_start().starts_with('{')
    }
}

/// Returns the assignments to the root of a text.
pub(super) fn assignments(text: &str) -> Vec<Assignment<'_>> {
    let text = text.trim();
    let inside = text.strip_prefix('{').map_or(text, |inside| inside.trim_end_matches('}'));
    entries(inside).into_iter().filter_map(assignment).collect()
}

/// Returns the assignments of each object of a text, those of the root first.
pub(super) fn assignments_of_objects(text: &str) -> Vec<Vec<Assignment<'_>>> {
    let mut found = vec![assignments(text)];
    let mut opened = Vec::new();
    for (at, character) in text.char_indices() {
        match character {
            '{' => opened.push(at),
            '}' => {
                let object = opened.pop().and_then(|opened| text.get(opened..at));
                found.extend(object.map(assignments));
            }
            _ => {}
        }
    }
    found
}

/// Cuts a text at the commas and line ends that lie in no brackets, and behind a section.
fn entries(text: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let (mut start, mut depth, mut is_section) = (0, 0_usize, false);
    for (at, character) in text.char_indices() {
        let before = text.get(start..at).unwrap_or_default();
        match character {
            '{' | '[' => {
                is_section |= depth == 0 && !before.contains(['=', ':']);
                depth += 1;
            }
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let closes_section = depth == 0 && is_section && character == '}';
        // A value may begin on the line behind its separator, and that on the one behind its key.
        let has_begun =
            before.contains(['=', ':', '{']) && !before.trim_end().ends_with(['=', ':']);
        let ends_value = matches!(character, '\n' | ',') && has_begun;
        if depth == 0 && (ends_value || closes_section) {
            let end = at + if closes_section { character.len_utf8() } else { 0 };
            entries.push(text.get(start..end).unwrap_or_default());
            (start, is_section) = (at + character.len_utf8(), false);
        }
    }
    entries.push(text.get(start..).unwrap_or_default());
    entries
}

fn assignment(entry: &str) -> Option<Assignment<'_>> {
    let at = entry.find(['=', ':', '{'])?;
    let (key, value) = entry.split_at_checked(at)?;
    let is_append = key.ends_with('+');
    let value = value.strip_prefix(['=', ':']).unwrap_or(value);
    Some(Assignment { key: key.trim_end_matches('+').trim(), value, is_append })
}

/// What a reference names, and whether it has to be there.
pub(super) struct Named<'t> {
    pub(super) name: &'t str,
    pub(super) is_optional: bool,
}

impl Named<'_> {
    /// The first key of its name.
    pub(super) fn root(&self) -> &str {
        self.name.split('.').next().unwrap_or_default().trim_matches('"')
    }

    /// Returns what a value holds at the name.
    pub(super) fn found_in<'v>(&self, value: &'v Json) -> Option<&'v Json> {
        let mut keys = self.name.split('.').map(|key| key.trim().trim_matches('"'));
        keys.try_fold(value, |value, key| value.get(key)).filter(|found| !found.is_null())
    }
}

/// Returns the references of a text.
pub(super) fn references(text: &str) -> impl Iterator<Item = Named<'_>> {
    text.split("${").skip(1).map(|inside| {
        let name = inside.split('}').next().unwrap_or_default();
        let is_optional = name.starts_with('?');
        Named { name: name.trim_start_matches('?').trim(), is_optional }
    })
}
