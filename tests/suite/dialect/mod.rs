//! The table of the clients' dialect, `docs/dialect.md`: each of its rows is run.

mod stock_clients;
mod table;

use std::fs;

use resolver::{
    Context, Environment, Format, IncludeError, IncludeRequest, IncludedText, Includer, KeyPath,
    Layer, Limits, Mode, Precedence, SourceIds, Value, Variable,
};
use tests::{sandbox::workspace_file, source_text};

use table::{REFUSED, Row, rows, spelled_list, spelled_object, spelled_text};

/// The one variable that the texts of the table name.
const VARIABLE: (&str, &str) = ("SET", "val");

#[test]
fn each_row_is_what_is_read_here() {
    let rows = rows();
    let wrong: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            let read = read_here(row);
            (read != row.here).then(|| format!("{:?}: {read}, not {}", row.text, row.here))
        })
        .collect();
    assert!(wrong.is_empty(), "docs/dialect.md is not what is read:\n{}", wrong.join("\n"));
    assert!(rows.len() > 100, "the rows are not found");
}

/// Each line of the observations that the dialect was first written down from has its row.
#[test]
fn the_table_covers_all_observations() {
    let path = workspace_file("../shared/hocon/clearml_dialect.txt");
    let Ok(observations) = fs::read_to_string(&path) else {
        return eprintln!("NOT TESTED: there is no `{}`", path.display());
    };
    let rows = rows();
    let missing: Vec<_> = observations
        .lines()
        .filter_map(|line| serde_json::Deserializer::from_str(line).into_iter().next()?.ok())
        .filter(|text: &String| {
            // The home of whoever runs the tests is no part of the table; `SET` stands for it.
            let text = text.replace("${HOME}", "${SET}");
            !rows.iter().any(|row| row.text == text)
        })
        .collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

fn read_here(row: &Row) -> String {
    let context = Context {
        mode: Mode::Clearml,
        environment: &OneVariable,
        includer: &NothingThere,
        limits: Limits::default(),
    };
    let text = source_text(row.format, &row.text);
    let mut ids = SourceIds::default();
    let build = Layer::build(Precedence::File, text, &KeyPath::root(), &context, &mut ids);
    build.layer.map_or(REFUSED.to_owned(), |layer| spelled(&Value::Object(layer.root().clone())))
}

/// Spells a value as the table does.
fn spelled(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.canonical().to_string(),
        Value::String(text) => spelled_text(text),
        Value::Array(items) => spelled_list(items.iter().map(|item| spelled(&item.value))),
        Value::Object(object) => {
            spelled_object(object.iter().map(|(key, item)| (key.as_str(), spelled(&item.value))))
        }
        Value::Open(_) => "open".to_owned(),
    }
}

struct OneVariable;

impl Environment for OneVariable {
    fn variable(&self, name: &str) -> Variable {
        if name == VARIABLE.0 { Variable::Set(VARIABLE.1.to_owned()) } else { Variable::Unset }
    }
}

struct NothingThere;

impl Includer for NothingThere {
    fn include(&self, _: &IncludeRequest<'_>) -> Result<Vec<IncludedText>, IncludeError> {
        Err(IncludeError::Missing)
    }
}

/// Returns the format that a heading of the table declares; HOCON unless it names another.
fn format_of_heading(heading: &str) -> Format {
    match heading.rsplit(' ').next() {
        Some("YAML") => Format::Yaml,
        Some("JSON") => Format::Json,
        _ => Format::Hocon,
    }
}
