//! Differences that are meant: where the stock clients stumble over what everybody else reads.

use serde_json::Value as Json;

use super::answer::Answer;

/// The errors with which the clients give references up.
const STUMBLES: [&str; 4] = [
    "AttributeError",
    "ConfigException",
    "ConfigSubstitutionException",
    "ConfigWrongTypeException",
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
    if text.contains("${?") && may_be_absent(theirs, ours) {
        return Some("`X: ${?X}` that is not set is absent, anywhere in its own section");
    }
    if text.contains("${") && sections_over_values(theirs, ours) {
        return Some("a section over the value that it refers to sees nothing there");
    }
    if text.contains("+=") && text.contains(['$', '{']) {
        return Some("`+=` inside of a section, or over a reference, sees nothing else");
    }
    match (theirs, ours) {
        (Answer::Refused(error), Answer::Read(_))
            if text.contains("${") && STUMBLES.contains(&error.as_str()) =>
        {
            Some("a reference that they cannot close is covered, or is a key's own")
        }
        (Answer::Refused(_), Answer::Read(_)) => reason_to_read(text),
        (_, Answer::Refused(code)) if code == "hocon-include-in-value" => {
            Some("an include in place of a value is refused")
        }
        (Answer::Read(_), Answer::Refused(code))
            if code == "reference-cycle" || code == "hocon-bad-reference" =>
        {
            Some("a section over the value that it refers to is a circle")
        }
        (_, Answer::Refused(code)) if code == "root-not-object" => {
            Some("a file that is a list is refused while it is read, not later")
        }
        _ => None,
    }
}

/// Whether theirs holds `null` or stumbles where an optional reference came to nothing.
fn may_be_absent(theirs: &Answer, ours: &Answer) -> bool {
    match (theirs, ours) {
        (Answer::Refused(error), Answer::Read(_)) => {
            error == "RuntimeError" || error == "ConfigMissingException"
        }
        (Answer::Read(theirs), Answer::Read(ours)) => is_same_but_for_null(theirs, ours),
        _ => false,
    }
}

/// Whether ours lacks keys of objects that theirs has, and is the same otherwise.
fn sections_over_values(theirs: &Answer, ours: &Answer) -> bool {
    fn lacks_keys(theirs: &Json, ours: &Json) -> bool {
        match (theirs, ours) {
            (Json::Object(theirs), Json::Object(ours)) => ours
                .iter()
                .all(|(key, ours)| theirs.get(key).is_some_and(|theirs| lacks_keys(theirs, ours))),
            (Json::Array(theirs), Json::Array(ours)) => {
                theirs.len() == ours.len()
                    && theirs.iter().zip(ours).all(|(theirs, ours)| lacks_keys(theirs, ours))
            }
            (theirs, ours) => theirs == ours,
        }
    }
    matches!((theirs, ours), (Answer::Read(theirs), Answer::Read(ours)) if lacks_keys(theirs, ours))
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
