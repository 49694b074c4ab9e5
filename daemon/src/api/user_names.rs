//! The names whose values a user hides in the web application.

use std::sync::Arc;

use resolver::{Hidden, Redactor, Snapshot};
use serde_json::Value;

/// Names that are taken of one user, and characters of one name; the web application has neither
/// limit, and no hand writes so many.
const MAX_NAMES: usize = 1_000;
const MAX_CHARACTERS: usize = 256;

/// What the web application writes for a dot in what it stores.
const DOT: &str = "--DOT--";

/// The names that a user has listed under "Hide specific container arguments", whether or not the
/// switch beside that list is on: it decides what the web application shows, and nothing else.
///
/// Cloning shares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserNames {
    names: Arc<[String]>,
    /// How many entries of the list are none that can be used.
    left_out: usize,
}

/// Says that preferences are none of the web application's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoPreferences;

impl UserNames {
    /// Returns names that were taken before.
    pub fn of_kept(names: Vec<String>) -> Self {
        Self { names: names.into(), left_out: 0 }
    }

    /// Reads the data of `users.get_preferences`. Whoever has never opened that page has no list.
    pub(super) fn of_json(data: &Value) -> Result<Self, NoPreferences> {
        let preferences = data.get("preferences").ok_or(NoPreferences)?;
        let views = part(preferences, "views")?;
        let list = match part(views, "redactedArguments")? {
            Value::Null => return Ok(Self::default()),
            Value::Array(list) => list,
            _ => return Err(NoPreferences),
        };
        let mut names: Vec<String> =
            list.iter().take(MAX_NAMES).filter_map(|entry| name(entry.get("key")?)).collect();
        let left_out = list.len() - names.len();
        names.sort();
        names.dedup();
        Ok(Self { names: names.into(), left_out })
    }

    /// Returns the names: `*` stands for any run of characters, `?` for one.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the names that are whole variables' names, as a stock agent wants them.
    fn exact(&self) -> impl Iterator<Item = &str> {
        let is_exact =
            |name: &&str| !name.contains(['*', '?']) && !name.contains(char::is_whitespace);
        self.names.iter().map(String::as_str).filter(is_exact)
    }

    /// Adds the names to what is hidden. The web application looks for them at the end of longer
    /// names, too: `AWS_SECRET_ACCESS_KEY` hides `MY_AWS_SECRET_ACCESS_KEY`.
    fn hide_in(&self, hidden: &mut Hidden) {
        for name in self.names.iter() {
            hidden.add_name(name);
            hidden.add_name(&format!("*_{name}"));
        }
    }

    /// Returns what masks an answer's secrets and the values of these names, in its own texts and in
    /// others'.
    pub fn redactor(&self, answer: &Snapshot) -> Redactor {
        self.redactor_with(Hidden::default(), answer)
    }

    /// Returns the same for who knows more to hide.
    pub fn redactor_with(&self, mut hidden: Hidden, answer: &Snapshot) -> Redactor {
        self.hide_in(&mut hidden);
        Redactor::new(&hidden, Some(answer))
    }

    /// Returns the variables whose values a stock agent should hide in the command lines that it
    /// prints: those of an answer, by its redactor, and these names.
    pub fn variables_to_hide(&self, redactor: &Redactor, answer: &Snapshot) -> Vec<String> {
        let mut names = redactor.variables_to_hide(answer);
        names.extend(self.exact().map(str::to_owned));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Says what of the list is not used, if something is not.
    pub fn warning(&self) -> Option<String> {
        let count = self.left_out;
        (count > 0).then(|| {
            format!(
                "{count} of the arguments to hide in the web application are not used: they are no \
                 names, longer than {MAX_CHARACTERS} characters, regular expressions with more \
                 than `.` and `.*`, or beyond the first {MAX_NAMES}"
            )
        })
    }
}

/// Returns a part of an object; null if the object, or the part, is not there.
fn part<'a>(value: &'a Value, name: &str) -> Result<&'a Value, NoPreferences> {
    match value {
        Value::Null => Ok(&Value::Null),
        Value::Object(fields) => Ok(fields.get(name).unwrap_or(&Value::Null)),
        _ => Err(NoPreferences),
    }
}

/// Returns the pattern for an entry's key, if it is one that can be used.
fn name(key: &Value) -> Option<String> {
    let key = key.as_str()?.replace(DOT, ".");
    let key = key.trim();
    if key.chars().count() > MAX_CHARACTERS {
        return None;
    }
    pattern(key).filter(|pattern| pattern.contains(|at: char| at.is_alphanumeric()))
}

/// Spells a key as our patterns are: the web application takes it for a regular expression that
/// may match anywhere, of which people mean `.` and `.*` if they mean any.
fn pattern(key: &str) -> Option<String> {
    let mut pattern = String::with_capacity(key.len());
    let mut characters = key.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '.' if characters.next_if_eq(&'*').is_some() => pattern.push('*'),
            '.' => pattern.push('?'),
            '\\' => pattern.push(characters.next_if(|next| !next.is_alphanumeric())?),
            '*' | '?' | '+' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' | '=' => {
                return None;
            }
            other if other.is_control() => return None,
            other => pattern.push(other),
        }
    }
    Some(pattern)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(list: &Value) -> UserNames {
        let views =
            json!({"theme": "dark", "hideRedactedArguments": false, "redactedArguments": list});
        UserNames::of_json(&json!({"preferences": {"views": views}})).unwrap()
    }

    #[test]
    fn reads_what_the_web_application_writes() {
        let names = names(&json!([
            {"key": "CLEARML_API_SECRET_KEY"},
            {"key": " MY_PIN "},
            {"key": "app--DOT--pin"},
            {"key": "TOKEN_.*"},
            {"key": "a\\.b"},
            {"key": "MY_PIN"},
        ]));
        let expected = ["CLEARML_API_SECRET_KEY", "MY_PIN", "TOKEN_*", "a.b", "app?pin"];
        assert_eq!(names.names(), expected);
        assert_eq!(names.warning(), None);
    }

    #[test]
    fn whoever_has_stored_nothing_has_no_names() {
        for preferences in [
            json!({}),
            json!(null),
            json!({"views": {}}),
            json!({"views": null}),
            json!({"views": {"redactedArguments": null}}),
            json!({"views": {"redactedArguments": []}}),
        ] {
            let read = UserNames::of_json(&json!({"preferences": preferences}));
            assert_eq!(read, Ok(UserNames::default()), "{preferences}");
        }
    }

    #[test]
    fn what_has_another_shape_is_no_list_of_names() {
        for data in [
            json!({}),
            json!([]),
            json!({"preferences": "views"}),
            json!({"preferences": {"views": []}}),
            json!({"preferences": {"views": {"redactedArguments": {"key": "A"}}}}),
            json!({"preferences": {"views": {"redactedArguments": "A"}}}),
        ] {
            assert_eq!(UserNames::of_json(&data), Err(NoPreferences), "{data}");
        }
    }

    #[test]
    fn an_entry_that_is_no_name_is_counted() {
        let many = |count: usize, of: &str| {
            (0..count).map(|index| json!({"key": format!("{of}{index}")})).collect::<Value>()
        };
        for (list, taken) in [
            (json!([{"key": 7}, {"name": "A"}, "A", null, {"key": "GOOD"}]), 1),
            (
                json!([{"key": "("}, {"key": "A|B"}, {"key": "^A"}, {"key": "\\d"}, {"key": "\\"}]),
                0,
            ),
            (json!([{"key": ""}, {"key": ".*"}, {"key": "_"}, {"key": "A\u{1b}"}]), 0),
            (json!([{"key": "x".repeat(257)}, {"key": "x".repeat(256)}]), 1),
            (many(1_002, "N"), 1_000),
        ] {
            let count = list.as_array().unwrap().len();
            let names = names(&list);
            assert_eq!(names.names().len(), taken);
            let warning = names.warning().unwrap();
            assert!(warning.starts_with(&format!("{} of", count - taken)), "{warning}");
        }
    }

    #[test]
    fn longer_names_that_end_so_are_hidden_as_the_web_application_hides_them() {
        let mut hidden = Hidden::default();
        names(&json!([{"key": "MY_PIN"}, {"key": "CODE_."}])).hide_in(&mut hidden);
        let redactor = Redactor::new(&hidden, None);
        for (argument, masked) in [
            ("my_pin=4711", true),
            ("TEAM_MY_PIN=4711", true),
            ("CODE_7=4711", true),
            ("MY_PINS=4711", false),
            ("CODE_77=4711", false),
        ] {
            let shown = redactor.mask_arguments(&["-e", argument]);
            assert_eq!(!shown[1].contains("4711"), masked, "{argument}");
        }
    }
}
