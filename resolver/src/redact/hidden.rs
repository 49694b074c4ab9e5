//! What counts as secret besides what an answer itself tells.

use std::fmt;

use lean_string::LeanStr;

/// Names and values that are secret whatever the merged configuration says: those of
/// `CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV`, of the user's list in the web UI, of the credentials in
/// use. `Debug` shows counts.
#[derive(Clone, Default)]
pub struct Hidden {
    names: Vec<LeanStr>,
    values: Vec<LeanStr>,
    variables: Vec<(LeanStr, LeanStr)>,
}

impl Hidden {
    /// Adds a name of a variable or key: letter case does not count, `*` stands for any run of
    /// characters, `?` for one.
    pub fn add_name(&mut self, pattern: &str) {
        self.names.push(pattern.into());
    }

    /// Adds the names that `CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV` lists: between blanks or commas,
    /// quoted as in a shell where a name holds one. A quote that is never closed ends with the
    /// text.
    pub fn add_names_of_variable(&mut self, text: &str) {
        let mut name = String::new();
        let mut quote = None;
        for character in text.chars() {
            match (character, quote) {
                ('\'' | '"', None) => quote = Some(character),
                (_, Some(open)) if character == open => quote = None,
                (_, None) if character == ',' || character.is_whitespace() => {
                    self.add_name(&std::mem::take(&mut name));
                }
                _ => name.push(character),
            }
        }
        self.add_name(&name);
        self.names.retain(|name| !name.is_empty());
    }

    /// Adds a secret itself: it is masked wherever it stands, also encoded.
    pub fn add_value(&mut self, secret: &str) {
        self.values.push(secret.into());
    }

    /// Adds a variable of an environment: its value is a secret if its name is that of one.
    pub fn add_variable(&mut self, name: &str, value: &str) {
        self.variables.push((name.into(), value.into()));
    }

    /// Returns the names, as they were added.
    pub(super) fn names(&self) -> &[LeanStr] {
        &self.names
    }

    /// Returns the secrets.
    pub(super) fn values(&self) -> &[LeanStr] {
        &self.values
    }

    /// Returns the variables.
    pub(super) fn variables(&self) -> &[(LeanStr, LeanStr)] {
        &self.variables
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [names, values, variables] =
            [self.names.len(), self.values.len(), self.variables.len()];
        write!(formatter, "Hidden({names} names, {values} values, {variables} variables)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_variable_stand_between_blanks_and_commas() {
        for (text, names) in [
            ("A_KEY B_KEY", vec!["A_KEY", "B_KEY"]),
            ("A_KEY,B_KEY, C", vec!["A_KEY", "B_KEY", "C"]),
            ("'A KEY' \"B,KEY\"", vec!["A KEY", "B,KEY"]),
            ("A_KEY 'x", vec!["A_KEY", "x"]),
            (" ", vec![]),
        ] {
            let mut hidden = Hidden::default();
            hidden.add_names_of_variable(text);
            assert_eq!(hidden.names(), names, "{text}");
        }
    }
}
