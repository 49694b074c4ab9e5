//! The column of the table that says what the stock clients read, held to their own parser.
//!
//! `cargo xtask test` makes their Python ready in `target/python`; without it this test fails.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value as Json;
use tests::sandbox::workspace_file;

use super::{
    VARIABLE,
    table::{REFUSED, Row, rows, spelled_list, spelled_object, spelled_text},
};

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
    let python = workspace_file("target/python/bin/python");
    let mut parser = Command::new(&python)
        .arg(workspace_file("tests/python/stock_parser.py"))
        .env_clear()
        .env(VARIABLE.0, VARIABLE.1)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            let python = python.display();
            panic!("no `{python}` ({error}); `cargo xtask test --only python` makes it")
        });
    let mut questions = parser.stdin.take().unwrap();
    let lines: String = rows.iter().map(|row| spelled_text(&row.text) + "\n").collect();
    std::thread::spawn(move || questions.write_all(lines.as_bytes()));
    let output = parser.wait_with_output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| answer(&serde_json::from_str(line).unwrap())).collect()
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
