//! What the web application offers for copying: an `api` section, or variables for a notebook.

use resolver::{Context, Format, KeyPath, Layer, Mode, Snapshot, SourceName, merge};

use crate::{
    commands::findings,
    failure::{Failure, Kind},
    output::Output,
};

/// The variables that the web application offers for a notebook, and the keys they stand for.
const VARIABLES: [(&str, &str); 5] = [
    ("CLEARML_WEB_HOST", "web_server"),
    ("CLEARML_API_HOST", "api_server"),
    ("CLEARML_FILES_HOST", "files_server"),
    ("CLEARML_API_ACCESS_KEY", "credentials.access_key"),
    ("CLEARML_API_SECRET_KEY", "credentials.secret_key"),
];

/// The keys without which nobody can log in.
const REQUIRED: [&str; 3] =
    ["api.api_server", "api.credentials.access_key", "api.credentials.secret_key"];

/// A pasted text, understood.
pub(super) struct Pasted {
    /// The text of the file.
    pub(super) text: String,
    /// What it says.
    pub(super) snapshot: Snapshot,
}

/// Reads what was pasted.
///
/// # Errors
/// It cannot be parsed, or lacks the server or one of the keys.
pub(super) fn read(pasted: &str, output: Output) -> Result<Pasted, Failure> {
    let section = section_of_variables(pasted).unwrap_or_else(|| pasted.trim().to_owned());
    let text = format!("# Written by `clearml-resolver init`.\n{section}\n");
    let snapshot = parse(&text, output)?;
    let missing = REQUIRED.into_iter().find(|key| {
        let path: KeyPath = key.split('.').collect();
        snapshot.get(&path).and_then(|value| value.as_str()).is_none_or(str::is_empty)
    });
    match missing {
        Some(key) => Err(Failure::new(Kind::NoAnswer, format!("what was pasted lacks `{key}`"))
            .with_hint("copy the whole section, from `api {` to its last `}`")),
        None => Ok(Pasted { text, snapshot }),
    }
}

fn parse(text: &str, output: Output) -> Result<Snapshot, Failure> {
    let context = Context::alone(Mode::Clearml);
    let name = SourceName::Text("<pasted>".into());
    let build = Layer::build_alone(name, Format::Hocon, text, &context);
    findings::draw(&build, output, None);
    let layer = build.layer.ok_or_else(|| {
        Failure::new(Kind::NoAnswer, "what was pasted is broken")
            .with_hint("copy the whole section, from `api {` to its last `}`")
    })?;
    Ok(merge(&[layer], &context).0)
}

/// Makes a section of lines such as `%env NAME=value`; `None` if there is none.
fn section_of_variables(pasted: &str) -> Option<String> {
    let lines = pasted.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches("%env ").trim_start_matches("export ");
        let (name, value) = line.split_once('=')?;
        let (_, key) = VARIABLES.iter().find(|(known, _)| *known == name.trim())?;
        let value = value.trim().trim_matches(['"', '\'']);
        Some(format!("  {key}: {}\n", serde_json::Value::from(value)))
    });
    let lines: String = lines.collect();
    (!lines.is_empty()).then(|| format!("api {{\n{lines}}}"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn variables_of_a_notebook_become_a_section() {
        let text = "%env CLEARML_API_HOST=https://api.example.com\n\
                    export CLEARML_API_ACCESS_KEY=\"A\\K\"\nOTHER=1\n";
        expect![[r#"
            api {
              api_server: "https://api.example.com"
              credentials.access_key: "A\\K"
            }"#]]
        .assert_eq(&section_of_variables(text).unwrap());
        assert_eq!(section_of_variables("api { }"), None);
    }
}
