//! Differences that are meant: where the stock clients stumble over what everybody else reads.

mod assignments;
mod references;

use serde_json::Value as Json;

use super::answer::Answer;

/// Returns why two answers to a text may differ, if they may.
pub(super) fn reason(text: &str, theirs: &Answer, ours: &Answer) -> Option<&'static str> {
    if ["relativedelta", "timedelta"].iter().any(|kind| theirs.mentions(kind)) {
        return Some("a time span at the end of the text is a string, as everywhere else");
    }
    if let (Answer::Read(theirs), Answer::Read(ours)) = (theirs, ours)
        && is_same_but_for_null_in_text(theirs, ours)
    {
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
        (Answer::Refused(error), Answer::Read(ours)) => {
            references::reason_to_read(text, error, ours).or_else(|| reason_to_read(text))
        }
        (_, Answer::Refused(code)) if code == "hocon-include-in-value" => {
            Some("an include in place of a value is refused")
        }
        (_, Answer::Refused(code)) if code == "root-not-object" => {
            Some("a file that is a list is refused while it is read, not later")
        }
        (Answer::Read(theirs), ours) => references::reason(text, theirs, ours),
        _ => None,
    }
}

/// Returns why a text that they refuse may be read.
fn reason_to_read(text: &str) -> Option<&'static str> {
    if has_empty_key(text) {
        return Some("`\"\"` is a key");
    }
    if text.split('"').skip(1).step_by(2).any(|quoted| quoted.contains('\r')) {
        return Some("a carriage return may stand in a quoted key, as in a quoted value");
    }
    has_quotes_within_key(text).then_some("`a.\"b.c\"` is a path")
}

fn ends_in_blanks_behind_number(text: &str) -> bool {
    let end = text.trim_end_matches([' ', '\t']);
    end.len() < text.len() && end.ends_with(|last: char| last.is_ascii_digit())
}

/// Whether two values are the same, but that theirs shows an object of Python's in a text where ours
/// has the `null`, in whatever case it is written.
fn is_same_but_for_null_in_text(theirs: &Json, ours: &Json) -> bool {
    match (theirs, ours) {
        (Json::String(theirs), Json::String(ours)) => {
            theirs == ours
                || without_blanks(&with_null(theirs)).eq_ignore_ascii_case(&without_blanks(ours))
        }
        (Json::Array(theirs), Json::Array(ours)) => {
            theirs.len() == ours.len()
                && theirs
                    .iter()
                    .zip(ours)
                    .all(|(one, other)| is_same_but_for_null_in_text(one, other))
        }
        (Json::Object(theirs), Json::Object(ours)) => {
            theirs.len() == ours.len()
                && theirs.iter().all(|(key, theirs)| {
                    ours.get(key).is_some_and(|ours| is_same_but_for_null_in_text(theirs, ours))
                })
        }
        (theirs, ours) => theirs == ours,
    }
}

/// Leaves out the blanks, of which they lose those behind `null`.
fn without_blanks(text: &str) -> String {
    text.split([' ', '\t']).collect()
}

/// Puts `null` in place of each `<…NoneValue object at 0x…>`.
fn with_null(text: &str) -> String {
    let mut rest = text;
    let mut with_null = String::new();
    while let Some((before, behind)) = rest.split_once('<') {
        let object = behind.split_once('>').filter(|(name, _)| name.contains("NoneValue object"));
        with_null.push_str(before);
        let (shown, left) = object.map_or(("<", behind), |(_, left)| ("null", left));
        with_null.push_str(shown);
        rest = left;
    }
    with_null + rest
}

/// Whether an empty string in quotes stands before what separates a key from its value.
fn has_empty_key(text: &str) -> bool {
    text.match_indices("\"\"").any(|(at, quotes)| {
        let (before, behind) = (text.get(..at), text.get(at + quotes.len()..));
        let behind = behind.unwrap_or_default().trim_start();
        let is_alone = !before.unwrap_or_default().ends_with('"');
        is_alone && behind.starts_with(['=', ':', '{', '+', '#', '/'])
    })
}

/// Whether a string in quotes stands right beside what a key may hold, or another string.
fn has_quotes_within_key(text: &str) -> bool {
    let of_key = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '"');
    let strings = text.split('"').collect::<Vec<_>>();
    // Pieces outside of quotes have even numbers, unless there are escapes or triple quotes.
    strings.iter().enumerate().step_by(2).any(|(index, outside)| {
        let within_line = outside.trim_matches([' ', '\t']);
        let is_between = index > 0 && index + 1 < strings.len();
        within_line.is_empty() && is_between
            || within_line.starts_with(of_key)
            || within_line.ends_with(of_key)
    })
}
