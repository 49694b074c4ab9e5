//! What `openapi.json` says, held to what is answered.

mod document;
mod operations;

use serde_json::Value;

use super::*;
use crate::protocol::{self, ROUTES};

fn document() -> Value {
    serde_json::from_str(include_str!("../../openapi.json")).unwrap()
}

/// If this fails, look at the difference, and write the file anew with
/// `UPDATE_EXPECT=1 cargo nextest run -p daemon openapi`.
#[test]
fn document_is_made_of_routes_and_types() {
    expect_test::expect_file!["../../openapi.json"].assert_eq(&document::spell());
}

/// Returns the responses that are described for a `GET`, references followed.
fn responses<'a>(document: &'a Value, path: &str, status: u16) -> Option<&'a Value> {
    let response = document["paths"][path]["get"]["responses"].get(status.to_string())?;
    match response["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')),
        None => Some(response),
    }
}

#[tokio::test]
async fn every_answer_is_described() {
    let document = document();
    let readers = Fixture::start(everybody_sees_secrets());
    let strangers = Fixture::start(Access::default());
    let without_answer = Fixture::start(everybody_sees_secrets());
    without_answer.publisher.publish(Answer::None("broken".into()));
    for route in ROUTES.into_iter().filter(|route| *route != protocol::WATCH) {
        for query in [
            "",
            "?path=sdk",
            "?path=no",
            "?path=a..b",
            "?format=yaml",
            "?format=x",
            "?profile=no",
            "?max_stale=1s",
            "?max_stale=x",
        ] {
            for fixture in [&readers, &strangers, &without_answer] {
                let target = format!("{route}{query}");
                let said = fixture.get(&target).await;
                let Some(described) = responses(&document, route, said.status()) else {
                    panic!("{target}: {} is not described", said.status());
                };
                let media_type = said.header("content-type").unwrap();
                let content = described["content"].as_object().unwrap();
                assert!(content.contains_key(media_type), "{target}: {media_type}");
            }
        }
    }
    for fixture in [readers, strangers, without_answer] {
        fixture.end().await;
    }
}

/// Queries with one parameter each, all of them right somewhere.
const PARAMETERS: [(&str, &[&str]); 8] = [
    ("path", &["sdk"]),
    ("profile", &["default"]),
    ("format", &["json", "hocon", "yaml", "env"]),
    ("view", &["client"]),
    ("secrets", &["masked", "allowed"]),
    ("wait", &["0s"]),
    ("against", &["file"]),
    ("max_stale", &["1h"]),
];

#[tokio::test]
async fn parameters_are_taken_where_they_are_described() {
    let document = document();
    let fixture = Fixture::start(everybody_sees_secrets());
    for route in ROUTES.into_iter().filter(|route| *route != protocol::WATCH) {
        let described = document["paths"][route]["get"]["parameters"].as_array();
        for (name, values) in PARAMETERS {
            let is_described = described.is_some_and(|all| all.iter().any(|p| p["name"] == name));
            for value in values {
                let target = format!("{route}?{name}={value}");
                let is_taken = fixture.get(&target).await.status() != 400;
                assert_eq!(is_taken, is_described, "{target}");
            }
        }
    }
    fixture.end().await;
}

/// Follows a reference, also one beside `null`.
fn followed<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let schema = schema.pointer("/anyOf/0").unwrap_or(schema);
    let reference = schema["$ref"].as_str().map(|reference| reference.trim_start_matches('#'));
    reference.map_or(schema, |reference| document.pointer(reference).unwrap())
}

/// Says where a value differs from its schema: a key that is not described, or is missing.
fn check(document: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = followed(document, schema);
    let is_anything = ["type", "oneOf"].iter().all(|word| schema.get(word).is_none());
    match value {
        _ if is_anything => {}
        Value::Object(object) => {
            for key in schema["required"].as_array().into_iter().flatten() {
                assert!(object.contains_key(key.as_str().unwrap()), "{at}: {key} is missing");
            }
            for (key, child) in object {
                let described =
                    schema["properties"].get(key).or(schema.get("additionalProperties"));
                let described = described.unwrap_or_else(|| panic!("{at}: {key} is not described"));
                check(document, described, child, &format!("{at}.{key}"));
            }
        }
        Value::Array(values) => {
            for child in values {
                check(document, &schema["items"], child, &format!("{at}[]"));
            }
        }
        Value::String(text) => {
            let mut choices = schema["oneOf"].as_array().into_iter().flatten().peekable();
            let is_known = choices.peek().is_none() || choices.any(|one| one["const"] == *value);
            let known = schema["enum"].as_array().is_none_or(|known| known.contains(value));
            assert!(is_known && known, "{at}: {text} is not described");
        }
        _ => {}
    }
}

#[tokio::test]
async fn bodies_are_as_their_schemas_say() {
    let document = document();
    let fixture = Fixture::start(everybody_sees_secrets());
    let files = Some(samples::snapshot("sdk.aws: 1, a: 1"));
    let snapshot = samples::snapshot("sdk.aws: 2");
    let published = Published::new(1, Merged { files, ..Merged::new(snapshot) });
    fixture.publisher.publish(Answer::Some(Arc::new(published)));
    for (target, schema) in [
        ("/v1/status", "Status"),
        ("/v1/explain?path=sdk.aws", "Explanation"),
        ("/v1/explain?path=no", "Problem"),
        ("/v1/diff", "Difference"),
    ] {
        let value: Value = serde_json::from_str(&fixture.get(target).await.body).unwrap();
        check(&document, &document["components"]["schemas"][schema], &value, schema);
    }
    fixture.end().await;
}
