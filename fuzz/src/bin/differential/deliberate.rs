//! Differences that are meant: where the stock clients stumble over what everybody else reads.

use serde_json::Value as Json;

use super::answer::Answer;

/// Python's own errors, and the clients', at which they stop where an optional reference comes to
/// nothing.
const STUMBLES: [&str; 6] = [
    "AttributeError",
    "ConfigException",
    "ConfigMissingException",
    "ConfigWrongTypeException",
    "IndexError",
    "RuntimeError",
];

/// Returns why two answers to a text may differ, if they may.
pub(super) fn reason(text: &str, theirs: &Answer, ours: &Answer) -> Option<&'static str> {
    if ["relativedelta", "timedelta"].iter().any(|kind| theirs.mentions(kind)) {
        return Some("a time span at the end of the text is a string, as everywhere else");
    }
    if theirs.mentions("NoneValue object") {
        return Some("`null x` is that text");
    }
    if theirs.mentions("ConfigInclude") {
        return Some("an include in place of a value is refused");
    }
    if text.contains(['\u{feff}', '\u{a0}']) {
        return Some("a byte order mark and U+00A0 are blanks");
    }
    if ends_in_blanks_behind_number(text) {
        return Some("a number before blanks at the end of the text is a number");
    }
    match (theirs, ours) {
        (Answer::Refused(error), Answer::Read(_)) => {
            reason_to_read_references(text, error).or_else(|| reason_to_read(text))
        }
        (_, Answer::Refused(code)) if code == "hocon-include-in-value" => {
            Some("an include in place of a value is refused")
        }
        (_, Answer::Refused(code)) if code == "root-not-object" => {
            Some("a file that is a list is refused while it is read, not later")
        }
        (Answer::Read(theirs), ours) => reason_of_references(text, theirs, ours),
        _ => None,
    }
}

/// Returns why a text may be read at whose references they stop with an error of some name.
fn reason_to_read_references(text: &str, error: &str) -> Option<&'static str> {
    if text.contains("${?") && STUMBLES.contains(&error) {
        return Some("an optional reference to what is not there, at which they stop, is absent");
    }
    if error == "ConfigSubstitutionException" && has_number_twice(text) {
        return Some("a number and the same as a text are one key");
    }
    let is_append = text.contains("+=") && error == "AttributeError";
    is_append.then_some("`+=` over a reference or `null`, at which they stop, adds to nothing")
}

/// Whether a number stands in a text twice: as a key, where a line ends behind it, it is another
/// one to them than elsewhere.
fn has_number_twice(text: &str) -> bool {
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
    let numbers: Vec<_> = text
        .split(|c| !is_of_number(c))
        .filter(|number| number.contains(|c: char| c.is_ascii_digit()))
        .collect();
    numbers.iter().enumerate().any(|(index, number)| numbers[..index].contains(number))
}

/// The errors here where an optional reference that came to nothing is `null` to them.
const FAULTS_OF_ABSENCE: [&str; 4] =
    ["concat-mismatch", "reference-cycle", "reference-into-scalar", "reference-unresolved"];

/// Returns why something else, or nothing, may come of a text's references than theirs.
fn reason_of_references(text: &str, theirs: &Json, ours: &Answer) -> Option<&'static str> {
    let is_optional = text.contains("${?");
    match ours {
        Answer::Read(ours) if is_optional && is_same_but_for_null(theirs, ours) => {
            Some("`X: ${?X}` that is not set is absent, anywhere in its own section")
        }
        Answer::Refused(code) if is_optional && FAULTS_OF_ABSENCE.contains(&code.as_str()) => {
            Some("what is absent covers nothing, not even what cannot be closed")
        }
        _ if has_path_of_own(text) => {
            Some("a key that refers to its own section sees what is above, not what comes later")
        }
        // They see in the end whether the path has a value; here it is told while it is read.
        Answer::Refused(code) if code == "hocon-reference-over-reference" => {
            Some("a reference over a reference is refused, whatever else the key gets later")
        }
        Answer::Read(_) if names_own_section(text) => {
            Some("what covers an optional reference to its own section counts, and is not lost")
        }
        _ if holds_itself(theirs) => Some("an object that would hold itself is a circle"),
        _ => None,
    }
}

/// Whether a key that has no dots is assigned a reference to a path that begins with it.
fn has_path_of_own(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    text.match_indices("=${").any(|(at, opening)| {
        let before = text.get(..at).unwrap_or_default().trim_end_matches(['+', '.']);
        let key = before.chars().next_back();
        let inside = text.get(at + opening.len()..).unwrap_or_default().trim_start_matches('?');
        key.is_some_and(|key| inside.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
    })
}

/// Whether an optional reference names a key that has keys below it.
fn names_own_section(text: &str) -> bool {
    text.match_indices("${?").any(|(at, opening)| {
        let inside = text.get(at + opening.len()..).unwrap_or_default();
        let name = inside.split('}').next().unwrap_or_default();
        ["{", ".", " {", "={", " = {"].iter().any(|below| text.contains(&format!("{name}{below}")))
    })
}

/// Whether an object lies in another one that has all of its keys, under the same key, as where
/// they cut a circle somewhere.
fn holds_itself(value: &Json) -> bool {
    match value {
        Json::Object(members) => members.iter().any(|(key, member)| {
            let again = member.get(key).is_some();
            again || holds_itself(member)
        }),
        Json::Array(items) => items.iter().any(holds_itself),
        _ => false,
    }
}

fn is_same_but_for_null(theirs: &Json, ours: &Json) -> bool {
    match (theirs, ours) {
        (Json::Null, _) => true,
        (Json::Object(theirs), Json::Object(ours)) => {
            let mut keys = theirs.keys().chain(ours.keys());
            keys.all(|key| {
                is_same_but_for_null(
                    theirs.get(key).unwrap_or(&Json::Null),
                    ours.get(key).unwrap_or(&Json::Null),
                )
            })
        }
        (Json::Array(theirs), Json::Array(ours)) => {
            // They lose such an item where the list holds its own index as a number.
            let is_there = |item: &&Json| !item.is_null();
            let (theirs, ours) = (theirs.iter().filter(is_there), ours.iter().filter(is_there));
            theirs.clone().count() == ours.clone().count()
                && theirs.zip(ours).all(|(theirs, ours)| is_same_but_for_null(theirs, ours))
        }
        (theirs, ours) => theirs == ours,
    }
}

/// Returns why a text that they refuse may be read.
fn reason_to_read(text: &str) -> Option<&'static str> {
    if text.contains("\"\"") {
        return Some("`\"\"` is a key");
    }
    has_quotes_within_key(text).then_some("`a.\"b.c\"` is a path")
}

fn ends_in_blanks_behind_number(text: &str) -> bool {
    let end = text.trim_end_matches([' ', '\t']);
    end.len() < text.len() && end.ends_with(|last: char| last.is_ascii_digit())
}

/// Whether a string in quotes stands right beside what a key may hold.
fn has_quotes_within_key(text: &str) -> bool {
    let of_key = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '"');
    let strings = text.split('"').collect::<Vec<_>>();
    // Pieces outside of quotes have even numbers, unless there are escapes or triple quotes.
    strings.iter().step_by(2).any(|outside| {
        let outside = outside.trim_matches([' ', '\t']);
        outside.starts_with(of_key) || outside.ends_with(of_key)
    })
}
