//! The names that a stock agent has to be told, because its own redactor does not know them.

use std::collections::BTreeSet;

use super::Redactor;
use crate::{docker_arguments, key_path::KeyPath, snapshot::Snapshot, value::Value};

/// The argument that sets a variable.
const SETS: [&str; 2] = ["-e", "--env"];

impl Redactor {
    /// Returns the variables whose values an agent should hide in the command lines that it prints:
    /// all of the section `environment`, and those with names of secrets that its docker arguments
    /// set, in the order of the alphabet.
    ///
    /// As `CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV` of `clearml-agent` 3.0.3 wants them: exact names.
    pub fn variables_to_hide(&self, snapshot: &Snapshot) -> Vec<String> {
        let mut names = BTreeSet::new();
        if let Some(Value::Object(environment)) = snapshot.get(&KeyPath::from_iter(["environment"]))
        {
            names.extend(environment.iter().map(|(name, _)| name.to_string()));
        }
        for path in docker_arguments::LISTS.map(|keys| keys.iter().copied().collect::<KeyPath>()) {
            let words = snapshot.get(&path).map(words).unwrap_or_default();
            let set = variables_set(&words);
            names.extend(set.filter(|name| self.names().is_secret_key(name)).map(str::to_owned));
        }
        // Names with blanks cannot be told: blanks stand between them.
        names.retain(|name| !name.is_empty() && !name.contains(char::is_whitespace));
        names.into_iter().collect()
    }
}

/// Returns the words of a list of arguments, or of a text of them.
fn words(value: &Value) -> Vec<&str> {
    let texts: Vec<&str> = match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(|item| item.value.as_str()).collect(),
        _ => Vec::new(),
    };
    texts.into_iter().flat_map(str::split_whitespace).collect()
}

/// Returns the names of the variables that arguments set, in all the ways docker knows.
fn variables_set<'a>(words: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let previous = std::iter::once("").chain(words.iter().copied());
    previous.zip(words.iter().copied()).filter_map(|(previous, word)| {
        let assignment = if SETS.contains(&previous) {
            word
        } else {
            word.strip_prefix("--env=")
                .or_else(|| word.strip_prefix("-e").filter(|_| word != "-e"))?
        };
        assignment.split('=').next()
    })
}

#[cfg(test)]
mod tests {
    use crate::{Context, Format, Layer, Mode, Redactor, SourceName, merge};

    #[test]
    fn names_what_an_agent_should_hide() {
        let text = r#"
            environment { PLAIN: 1, "WITH BLANK": 2 }
            agent.extra_docker_arguments: [
                "-e", "DB_PASSWORD=a", "--env=API_TOKEN=b", "-eMY_SECRET=c", "-e OTHER_SECRET=d",
                "-e", "LEVEL=debug", "-v", "/a:/b"
            ]
            agent.default_docker.arguments: "--env GIT_TOKEN=x --ipc=host"
        "#;
        let context = Context::alone(Mode::Clearml);
        let name = SourceName::Text("t".into());
        let layer = Layer::build_alone(name, Format::Hocon, text, &context).layer.unwrap();
        let snapshot = merge(&[layer], &context).0;
        let names = Redactor::for_snapshot(&snapshot).variables_to_hide(&snapshot);
        let expected =
            ["API_TOKEN", "DB_PASSWORD", "GIT_TOKEN", "MY_SECRET", "OTHER_SECRET", "PLAIN"];
        assert_eq!(names, expected);
    }
}
