//! The document of what can be asked, made of the route table, the queries, the serialized types.

use schemars::{
    JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, transform::transform_subschemas,
};
use serde_json::{Map, Value, json};

use super::operations::{self, REFUSALS, refusal_name};
use crate::protocol::{ChangeEvent, Problem};

/// Where schemas lie in the document.
const SCHEMAS: &str = "/components/schemas";
const DESCRIPTION: &str = "The merged ClearML configuration of this host, served on a Unix socket. \
    Who asks is told by the kernel; what they may see is decided by user and group. All answers to \
    errors are problems (RFC 9457). Fields are added within `/v1`, never taken away.";

/// Returns the document as it lies in `openapi.json`.
pub(super) fn spell() -> String {
    let mut text = serde_json::to_string_pretty(&make()).unwrap();
    text.push('\n');
    text
}

fn make() -> Value {
    let mut types = Types::new();
    let paths = operations::paths(&mut types);
    let responses = refusals(&mut types);
    // The data of an event, of which `/v1/watch` speaks.
    types.reference::<ChangeEvent>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "clearml-resolver",
            "version": "1",
            "description": DESCRIPTION,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{
            "url": "http://localhost",
            "description": "Over the Unix socket; the host name does not count",
        }],
        "tags": [
            { "name": "read" },
            { "name": "probe", "description": "Answered to everybody" },
            {
                "name": "admin",
                "description": "On the admin socket only, for the daemon's own user and root",
            },
        ],
        "paths": paths,
        "components": { "responses": responses, "schemas": types.definitions() },
    })
}

fn refusals(types: &mut Types) -> Map<String, Value> {
    let problem = types.reference::<Problem>();
    let response = |description| {
        json!({
            "description": description,
            "content": { "application/problem+json": { "schema": problem } },
        })
    };
    let named = |&(status, _, description)| (refusal_name(status).into(), response(description));
    REFUSALS.iter().map(named).collect()
}

/// The schemas of the types that are sent.
pub(super) struct Types(SchemaGenerator);

impl Types {
    fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
            settings.definitions_path = SCHEMAS.into();
            settings.meta_schema = None;
        });
        Self(settings.with_transform(say_for_json).into_generator())
    }

    /// Returns what refers to a type's schema.
    pub(super) fn reference<T: JsonSchema>(&mut self) -> Value {
        self.0.subschema_for::<T>().to_value()
    }

    /// Returns the properties of a type that is not sent itself, such as a query.
    pub(super) fn properties<T: JsonSchema>(&mut self) -> Map<String, Value> {
        let mut schema = T::json_schema(&mut self.0);
        say_for_json(&mut schema);
        schema.get("properties").and_then(Value::as_object).cloned().unwrap()
    }

    fn definitions(mut self) -> Map<String, Value> {
        let mut definitions = self.0.take_definitions(true);
        definitions.sort_keys();
        definitions
    }
}

/// Takes out of the docs what is for readers of the code: `None` is `null`, links lead nowhere, and
/// a line ends where the code's lines do.
fn say_for_json(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        let said = description.replace("`None`", "`null`").replace(['[', ']'], "");
        let paragraphs = said.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
        *description = paragraphs.collect::<Vec<_>>().join("\n\n");
    }
    transform_subschemas(&mut say_for_json, schema);
}
