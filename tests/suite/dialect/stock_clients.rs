//! The column of the table that says what the stock clients read, held to their own parser.

use serde_json::Value as Json;

use super::{
    VARIABLE,
    table::{REFUSED, Row, rows, spelled_list, spelled_object, spelled_text},
};
use crate::stock_python;

/// The key that marks an object as a scalar, in what the parser's script prints.
const KIND: &str = "\0kind";

#[test]
fn each_row_is_what_the_clients_read() {
    let rows = rows();
    let answers = answers(&rows);
    let wrong: Vec<_> = rows
        .iter()
        .zip(&answers)
        .filter(|(row, answer)| row.stock != **answer)
        .map(|(row, answer)| format!("{:?}: {answer}, not {}", row.text, row.stock))
        .collect();
    assert!(wrong.is_empty(), "docs/dialect.md is not what they read:\n{}", wrong.join("\n"));
    assert_eq!(rows.len(), answers.len());
}

/// Asks one process for all rows.
fn answers(rows: &[Row]) -> Vec<String> {
    let questions = rows.iter().map(|row| spelled_text(&row.text));
    let lines = stock_python::answers("stock_parser.py", &[VARIABLE], questions);
    lines.iter().map(|line| answer(&serde_json::from_str(line).unwrap())).collect()
}

fn answer(answer: &Json) -> String {
    answer.get("value").map_or(REFUSED.to_owned(), spelled)
}

fn spelled(value: &Json) -> String {
    match value {
        Json::Object(members) => match members.get(KIND).and_then(Json::as_str) {
            Some("int" | "float") => {
                members["spelling"].as_str().unwrap().replace("inf", "Infinity")
            }
            Some("relativedelta" | "timedelta") => "a time span".to_owned(),
            Some(_) => "an object of Python's".to_owned(),
            None => {
                spelled_object(members.iter().map(|(key, value)| (key.as_str(), spelled(value))))
            }
        },
        Json::Array(items) => spelled_list(items.iter().map(spelled)),
        Json::String(text) => spelled_text(&without_address(text)),
        other => other.to_string(),
    }
}

/// Takes the address out of the name that Python gives an object.
fn without_address(text: &str) -> String {
    match (text.find(" object at 0x"), text.find('>')) {
        (Some(start), Some(end)) if start < end => [&text[..start], &text[end..]].concat(),
        _ => text.to_owned(),
    }
}
