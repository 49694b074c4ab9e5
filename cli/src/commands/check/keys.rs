//! Findings by what the stock clients know: keys that none of them reads, values of another kind.

use resolver::{
    Build, Diagnostic, KeyPath, Layer, Object, Origin, Severity, SourceText, lint::Rule,
};

use crate::client_keys::{ClientKeys, Verdict};

/// The rules of this file.
pub(super) const RULES: &[Rule] = &[MISSPELT, UNKNOWN, OTHER_KIND];

const MISSPELT: Rule = Rule {
    id: "key-misspelt",
    severity: Severity::Warning,
    about: "no client reads a key that is nearly one of theirs",
};

const UNKNOWN: Rule = Rule {
    id: "key-unknown",
    severity: Severity::Note,
    about: "the open-source clients do not know a key of one of their sections",
};

const OTHER_KIND: Rule = Rule {
    id: "value-of-other-kind",
    severity: Severity::Warning,
    about: "a value is of a kind that the clients do not take for its key",
};

/// Bytes before a value in which its key is looked for.
const KEY_REACH: usize = 4096;

/// Looks at all keys of a text; a broken one has none.
pub(super) fn findings(build: &Build, keys: &ClientKeys) -> Vec<Diagnostic> {
    let Some(layer) = &build.layer else { return Vec::new() };
    let mut found = Vec::new();
    let mut waiting: Vec<(KeyPath, &Object)> = vec![(KeyPath::root(), layer.root())];
    while let Some((at, object)) = waiting.pop() {
        for (key, child) in object {
            let path = at.join(key.clone());
            let place = place_of_key(layer, key, child.origin);
            match keys.judge(&path, &child.value) {
                Verdict::Known => {
                    waiting.extend(child.value.as_object().map(|below| (path, below)));
                }
                Verdict::Unknown { nearest: Some(nearest) } => {
                    let message = format!("no client knows `{path}`");
                    let help = format!("did you mean `{nearest}`?");
                    found.push(MISSPELT.at(place, message).with_help(help));
                }
                Verdict::Unknown { nearest: None } => {
                    let message = format!("`{path}` is unknown to {}", keys.versions());
                    found.push(UNKNOWN.at(place, message));
                }
                Verdict::OtherKind { expected, found: kind } => {
                    let message = format!("`{path}` takes {expected}, not {kind}");
                    found.push(OTHER_KIND.at(child.origin, message));
                }
            }
        }
    }
    found
}

/// Returns the place of a key by the place of its value: the last time it stands before it.
fn place_of_key(layer: &Layer, key: &str, value: Origin) -> Origin {
    let Some(text) = layer.texts().iter().find(|text| text.id == value.source) else {
        return value;
    };
    find_before(text, key, value).unwrap_or(value)
}

fn find_before(text: &SourceText, key: &str, value: Origin) -> Option<Origin> {
    let end = usize::try_from(value.start).ok()?;
    let mut start = end.saturating_sub(KEY_REACH);
    while !text.text.is_char_boundary(start) {
        start += 1;
    }
    let at = start + text.text.get(start..end)?.rfind(key)?;
    let place = |byte: usize| u32::try_from(byte).ok();
    Some(Origin { source: value.source, start: place(at)?, end: place(at + key.len())? })
}
