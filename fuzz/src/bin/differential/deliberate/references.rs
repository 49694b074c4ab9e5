//! Differences that are meant in what references come to.

use serde_json::Value as Json;

use super::{
    super::{answer::Answer, stock::VARIABLES},
    assignments::{Assignment, Named, assignments, assignments_of_objects, references},
};

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

/// The errors here where an optional reference that came to nothing is `null` to them.
const FAULTS_OF_ABSENCE: [&str; 4] =
    ["concat-mismatch", "reference-cycle", "reference-into-scalar", "reference-unresolved"];

const ONE_KEY: &str = "a number and the same as a text are one key";

const SEES_ABOVE: &str =
    "a key that refers to its own section sees what is above, not what comes later";

const REOPENED: &str = "a section that is opened again without a reference is not what was before";

const COVERS_REFERENCE: &str =
    "a reference that covers another one wins, whichever is closed first";

/// Returns why a text may be read, as `ours`, at whose references they stop with an error.
pub(super) fn reason_to_read(text: &str, error: &str, ours: &Json) -> Option<&'static str> {
    if STUMBLES.contains(&error) && has_absent_option(text, ours) {
        return Some("an optional reference to what is not there, at which they stop, is absent");
    }
    if error == "ConfigSubstitutionException" && has_number_key(text) {
        return Some(ONE_KEY);
    }
    let is_append = text.contains("+=") && error == "AttributeError";
    is_append.then_some("`+=` over a reference or `null`, at which they stop, adds to nothing")
}

/// Returns why something else, or nothing, may come of a text's references than theirs.
pub(super) fn reason(text: &str, theirs: &Json, ours: &Answer) -> Option<&'static str> {
    match ours {
        Answer::Read(ours) => reason_to_differ(text, theirs, ours),
        Answer::Refused(code) => reason_to_refuse(text, theirs, code),
        Answer::GaveUp => None,
    }
}

fn reason_to_differ(text: &str, theirs: &Json, ours: &Json) -> Option<&'static str> {
    let has_absent = has_absent_option(text, ours) || has_absent_option(text, theirs);
    if has_absent && is_same_but_for_null(theirs, ours) {
        return Some("`X: ${?X}` that is not set is absent, anywhere in its own section");
    }
    if has_number_key(text) {
        return Some(ONE_KEY);
    }
    if has_own_path(text, theirs) {
        return Some(SEES_ABOVE);
    }
    if has_reopened_section(text) {
        return Some(REOPENED);
    }
    if has_absent && covers_by_option(text) {
        return Some("what covers an optional reference, or is covered by one, is not lost");
    }
    if appends_references(text) {
        return Some("`+=` adds once what is referred to, whoever refers to the whole");
    }
    covers_reference(text).then_some(COVERS_REFERENCE)
}

fn reason_to_refuse(text: &str, theirs: &Json, code: &str) -> Option<&'static str> {
    if FAULTS_OF_ABSENCE.contains(&code) && has_absent_option(text, theirs) {
        return Some("what is absent covers nothing, not even what cannot be closed");
    }
    if has_own_path(text, theirs) {
        return Some(SEES_ABOVE);
    }
    if has_number_key(text) {
        return Some(ONE_KEY);
    }
    if ["concat-mismatch", "reference-cycle"].contains(&code) && covers_reference(text) {
        return Some(COVERS_REFERENCE);
    }
    // They see in the end whether the path has a value; here it is told while it is read.
    if code == "hocon-reference-over-reference" && covers_own_reference(text) {
        return Some("a reference over a reference is refused, whatever else the key gets later");
    }
    let leads_nowhere = code == "reference-unresolved" && names_nothing(text, theirs);
    if leads_nowhere || code == "concat-mismatch" && joins_object(text) {
        return Some("what cannot be closed is refused, even in an object that another one covers");
    }
    if FAULTS_OF_ABSENCE.contains(&code) && has_reopened_section(text) {
        return Some(REOPENED);
    }
    if code == "hocon-bad-reference" && names_no_key(text) {
        return Some("`${.}` and the like are refused, even where something covers them");
    }
    let is_circle = ["reference-cycle", "reference-unresolved"].contains(&code);
    (is_circle && holds_itself(theirs)).then_some("an object that would hold itself is a circle")
}

/// Whether an optional reference comes to nothing, to something in which there is a `null`, or
/// back to the section that it stands in.
fn has_absent_option(text: &str, value: &Json) -> bool {
    let is_absent =
        |named: &Named<'_>| !is_variable(named) && named.found_in(value).is_none_or(holds_nothing);
    let leads_back = assignments(text).iter().any(|assignment| {
        let mut optional = references(assignment.value).filter(|named| named.is_optional);
        optional.any(|named| named.name == assignment.root())
    });
    leads_back || references(text).filter(|named| named.is_optional).any(|named| is_absent(&named))
}

fn holds_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Object(members) => members.is_empty() || members.values().any(holds_nothing),
        Json::Array(items) => items.iter().any(holds_nothing),
        _ => false,
    }
}

/// Whether a reference that has to lead somewhere does not.
fn names_nothing(text: &str, value: &Json) -> bool {
    references(text)
        .any(|named| !named.is_optional && !is_variable(&named) && named.found_in(value).is_none())
}

fn is_variable(named: &Named<'_>) -> bool {
    VARIABLES.iter().any(|(name, _)| *name == named.name)
}

/// Whether a key of the root refers to a path of its own section that has a value in the end.
fn has_own_path(text: &str, value: &Json) -> bool {
    assignments(text).iter().any(|assignment| {
        references(assignment.value).any(|named| {
            let below = named.name.strip_prefix(assignment.root());
            below.is_some_and(|below| below.starts_with('.')) && named.found_in(value).is_some()
        })
    })
}

/// Whether references are assigned over references to the same path.
fn covers_reference(text: &str) -> bool {
    sets_again(text, |below, above| below.is_open() && above.is_open())
}

/// Whether an optional reference is assigned over something, or something over one.
fn covers_by_option(text: &str) -> bool {
    sets_again(text, |below, above| below.value.contains("${?") || above.value.contains("${?"))
}

/// Whether some object has two assignments to the same path, of which something holds.
fn sets_again(text: &str, holds: fn(&Assignment<'_>, &Assignment<'_>) -> bool) -> bool {
    assignments_of_objects(text).iter().any(|assignments| {
        assignments.iter().enumerate().any(|(index, above)| {
            let mut below = assignments.iter().take(index);
            below.any(|below| below.sets_same(above) && holds(below, above))
        })
    })
}

/// Whether something that holds references is added by `+=`.
fn appends_references(text: &str) -> bool {
    assignments_of_objects(text)
        .iter()
        .flatten()
        .any(|assignment| assignment.is_append && assignment.value.contains("${"))
}

/// Whether a key of the root that refers to itself is assigned to again.
fn covers_own_reference(text: &str) -> bool {
    let assignments = assignments(text);
    assignments.iter().enumerate().any(|(index, assignment)| {
        let root = assignment.root();
        let mut later = assignments.iter().skip(index + 1);
        references(assignment.value).any(|named| named.root() == root)
            && later.any(|later| later.root() == root)
    })
}

/// Whether a reference is joined with an object, by standing behind it or by being assigned over it.
fn joins_object(text: &str) -> bool {
    let is_over_section = assignments_of_objects(text).iter().any(|assignments| {
        assignments.iter().enumerate().any(|(index, assignment)| {
            let mut before = assignments.iter().take(index);
            assignment.value.trim_start().starts_with("${")
                && before.any(|before| before.root() == assignment.root() && before.opens_section())
        })
    });
    is_over_section || ["}${", "} ${"].iter().any(|joined| text.contains(joined))
}

/// Whether a section that is opened twice has a reference to itself.
fn has_reopened_section(text: &str) -> bool {
    let assignments = assignments(text);
    assignments.iter().any(|assignment| {
        let root = assignment.root();
        let opened = assignments.iter().filter(|one| one.root() == root && one.opens_section());
        references(assignment.value).any(|named| named.root() == root) && opened.count() > 1
    })
}

/// Whether a reference has a name in which there is no key.
fn names_no_key(text: &str) -> bool {
    references(text).any(|named| !named.name.contains(char::is_alphanumeric))
}

/// Whether a key comes again below itself, as where they cut a circle somewhere.
fn holds_itself(value: &Json) -> bool {
    match value {
        Json::Object(members) => {
            members.iter().any(|(key, member)| has_key(member, key) || holds_itself(member))
        }
        Json::Array(items) => items.iter().any(holds_itself),
        _ => false,
    }
}

fn has_key(value: &Json, key: &str) -> bool {
    match value {
        Json::Object(members) => {
            members.contains_key(key) || members.values().any(|member| has_key(member, key))
        }
        Json::Array(items) => items.iter().any(|item| has_key(item, key)),
        _ => false,
    }
}

/// Whether a number is a key behind which its line ends: to them it is another one there than the
/// same number as a text.
fn has_number_key(text: &str) -> bool {
    let of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    let lines: Vec<_> = text.split(['\n', '\r']).collect();
    lines.iter().enumerate().any(|(index, line)| {
        let code = line.split('#').next().unwrap_or_default();
        let code = code.split("//").next().unwrap_or_default().trim_end_matches([' ', '\t']);
        let mut below = lines.iter().skip(index + 1).map(|line| line.trim_start());
        let next = below.find(|line| !line.is_empty() && !line.starts_with(['#', '/']));
        let is_key = next.is_some_and(|next| next.starts_with(['=', ':', '{', '+']));
        let last = code.trim_end_matches(of_number).len();
        is_key
            && code.get(last..).is_some_and(|number| number.contains(|c: char| c.is_ascii_digit()))
    })
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
            // They take an item out of the list that holds the index of the absent one.
            let is_index = |item: &Json| item.is_boolean() || item.is_object();
            let is_there = |item: &&Json| !item.is_null();
            if ours.iter().any(Json::is_null) && ours.iter().any(is_index) {
                return true;
            }
            let (theirs, ours) = (theirs.iter().filter(is_there), ours.iter().filter(is_there));
            theirs.clone().count() == ours.clone().count()
                && theirs.zip(ours).all(|(theirs, ours)| is_same_but_for_null(theirs, ours))
        }
        (theirs, ours) => theirs == ours,
    }
}
