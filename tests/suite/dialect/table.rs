//! The rows of `docs/dialect.md`, and how values are spelled in them.

use std::fs;

use resolver::Format;
use tests::sandbox::workspace_file;

use super::format_of_heading;

/// The word for a text that has no value.
pub(super) const REFUSED: &str = "refused";

/// The word of a row whose text is read here as the clients read it.
const THE_SAME: &str = "the same";

/// A row: a text, what the stock clients make of it, and what is made of it here.
pub(super) struct Row {
    pub(super) format: Format,
    pub(super) text: String,
    pub(super) stock: String,
    pub(super) here: String,
}

/// Returns all rows.
pub(super) fn rows() -> Vec<Row> {
    let table = fs::read_to_string(workspace_file("docs/dialect.md")).unwrap();
    let mut format = Format::Hocon;
    let mut rows = Vec::new();
    for line in table.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            format = format_of_heading(heading);
        } else if line.starts_with("| `") {
            rows.push(row(format, line));
        }
    }
    rows
}

fn row(format: Format, line: &str) -> Row {
    let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
    let [text, stock, here, _why] = cells[..] else {
        panic!("this row has not four cells: {line}")
    };
    let text = serde_json::from_str(code(text)).unwrap_or_else(|_| panic!("no text: {line}"));
    let here = if here == THE_SAME { stock } else { here };
    Row { format, text, stock: code(stock).to_owned(), here: code(here).to_owned() }
}

fn code(cell: &str) -> &str {
    cell.trim_matches('`')
}

pub(super) fn spelled_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub(super) fn spelled_list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

pub(super) fn spelled_object<'k>(members: impl Iterator<Item = (&'k str, String)>) -> String {
    let members = members.map(|(key, value)| format!("{}: {value}", spelled_text(key)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}
