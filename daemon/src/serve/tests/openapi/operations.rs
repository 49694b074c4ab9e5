//! What each route is asked with, how it answers.

use hyper::Method;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::document::Types;
use crate::{
    protocol::{
        self, BodyFormat, ConfigQuery, DiffQuery, Difference, Explanation, ROUTES, State, Status,
    },
    serve::{admin::Order, metrics},
};

/// The answers that are problems: status, name, and when.
pub(super) const REFUSALS: [(u16, &str, &str); 8] = [
    (400, "BadRequest", "The question is not understood"),
    (403, "Forbidden", "The asker's user may not do this"),
    (404, "NotFound", "There is nothing of that name"),
    (406, "NotAcceptable", "No format that is accepted can be given"),
    (409, "NothingToDo", "There is nothing to do"),
    (413, "TooLong", "The body is too long"),
    (503, "Unavailable", "There is no answer"),
    (504, "NotDoneYet", "The order was taken, but is not done yet"),
];
/// The orders: how the path is written, and one that leads there.
const ORDERS: [(&str, &str); 4] = [
    (protocol::RELOAD, protocol::RELOAD),
    (protocol::ACK_EMPTY, protocol::ACK_EMPTY),
    ("/v1/pin/{digest}", "/v1/pin/00"),
    (protocol::PIN, protocol::PIN),
];

/// Returns every path that leads somewhere.
///
/// # Panics
/// If a route is not described below: describe it.
pub(super) fn paths(types: &mut Types) -> Map<String, Value> {
    let mut paths = Map::new();
    for route in ROUTES {
        paths.insert(route.into(), json!({ "get": question(route, types).0 }));
    }
    paths.insert(protocol::REDACT.into(), json!({ "post": masking(types).0 }));
    for (written, path) in ORDERS {
        let methods = Order::methods(path).unwrap().iter();
        let methods = methods
            .map(|method| (method.as_str().to_lowercase(), order(written, method, types).0.into()));
        paths.insert(written.into(), Value::Object(methods.collect()));
    }
    paths
}

/// Returns the name of the answer that is a problem with this status.
pub(super) fn refusal_name(status: u16) -> &'static str {
    REFUSALS.iter().find(|refusal| refusal.0 == status).unwrap().1
}

fn question(route: &str, types: &mut Types) -> Operation {
    match route {
        protocol::CONFIG => config(types),
        protocol::WATCH => watch(types),
        protocol::EXPLAIN => Operation::new(
            "read",
            "explain",
            "Who sets a part of the configuration, and whom that hides",
        )
        .asked_by::<ConfigQuery<'_>>(types, &["path", "profile", "secrets"])
        .says_json::<Explanation>(types, "All that set it, highest first")
        .refuses(&[400, 403, 404, 503]),
        protocol::DIFF => {
            let summary = "What the vaults change, or what has changed since an earlier answer";
            Operation::new("read", "diff", summary)
                .asked_by::<DiffQuery<'_>>(types, &["path", "against", "profile"])
                .says_json::<Difference>(types, "The keys that differ")
                .refuses(&[400, 403, 404, 503])
        }
        protocol::STATUS => Operation::new("read", "status", "How each profile fares")
            .says_json::<Status>(types, "How each profile fares")
            .refuses(&[400, 403]),
        protocol::METRICS => Operation::new("read", "metrics", "What a monitor wants to know")
            .says("OpenMetrics text", &json!({ metrics::MEDIA_TYPE: text() }))
            .refuses(&[400, 403]),
        protocol::OPENAPI => Operation::new("probe", "openapi", "This document")
            .says(
                "This document",
                &json!({ "application/json": { "schema": { "type": "object" } } }),
            )
            .refuses(&[400]),
        protocol::LIVE => Operation::new("probe", "live", "Whether the process serves")
            .says("It does", &plain_text())
            .refuses(&[400]),
        protocol::READY => ready(),
        unknown => panic!("{unknown} is answered, but not described here"),
    }
}

fn config(types: &mut Types) -> Operation {
    let content = BodyFormat::ALL.into_iter().map(|format| {
        let schema = if format == BodyFormat::Json { json!({ "schema": {} }) } else { text() };
        (format.media_type().to_owned(), schema)
    });
    let headers = config_headers(types);
    let given = json!({
        "description": "The configuration; secrets masked unless the asker may see them",
        "headers": headers,
        "content": content.collect::<Map<_, _>>(),
    });
    let known = json!({ "description": "It is the one that is known", "headers": headers });
    Operation::new("read", "config", "The merged configuration, or a part of it")
        .asked_by::<ConfigQuery<'_>>(
            types,
            &["path", "format", "profile", "view", "secrets", "wait"],
        )
        .heard_in("If-None-Match")
        .heard_in("Accept")
        .answers(200, given)
        .answers(304, known)
        .refuses(&[400, 403, 404, 406, 503])
}

fn config_headers(types: &mut Types) -> Value {
    let header = |description, schema| json!({ "description": description, "schema": schema });
    let text = || json!({ "type": "string" });
    json!({
        "ETag": header("Strong entity tag: the digest of the body", text()),
        "Age": header(
            "Seconds since the vaults were last known to be right; left out if they never were",
            json!({ "type": "integer" }),
        ),
        "Resolver-State": header("How the vaults fare", types.reference::<State>()),
        "Cache-Control": header("`private, no-cache`", text()),
        "Vary": header("`accept`", text()),
    })
}

fn watch(types: &mut Types) -> Operation {
    Operation::new("read", "watch", "An event whenever a part of the configuration changes")
        .with(
            "description",
            "Server-Sent Events named `change`, the first at once. The id is the digest of the \
             part, `none` if there is nothing at the path; the data is a ChangeEvent. Who comes \
             back with `Last-Event-ID` hears what was missed.",
        )
        .asked_by::<ConfigQuery<'_>>(types, &["path", "profile", "secrets"])
        .heard_in("Last-Event-ID")
        .says("Events until either side ends", &json!({ "text/event-stream": text() }))
        .refuses(&[400, 403, 404, 503])
}

fn ready() -> Operation {
    let max_stale = json!({
        "name": "max_stale",
        "in": "query",
        "description": "How old its vaults may be, such as `1h`",
        "schema": { "type": "string" },
    });
    Operation::new("probe", "ready", "Whether every profile has an answer")
        .takes(max_stale)
        .says("Every profile has one", &plain_text())
        .refuses(&[400, 503])
}

fn masking(types: &mut Types) -> Operation {
    let arguments = json!({ "schema": { "type": "array", "items": { "type": "string" } } });
    let body = json!({
        "required": true,
        "description": "At most 8 MiB; any media type but `application/json` is taken as text",
        "content": { "text/plain": text(), "application/json": arguments },
    });
    let masked = json!({
        BodyFormat::Env.media_type(): text(),
        BodyFormat::Json.media_type(): arguments,
    });
    Operation::new("read", "redact", "Masks the secrets in a text or a list of arguments")
        .asked_by::<ConfigQuery<'_>>(types, &["profile"])
        .with("requestBody", body)
        .says("The same, with `********` where secrets were", &masked)
        .refuses(&[400, 403, 404, 413, 503])
}

fn order(path: &str, method: &Method, types: &mut Types) -> Operation {
    let (id, summary) = match (method, path) {
        (&Method::POST, protocol::RELOAD) => ("reload", "Reads and asks everything again"),
        (&Method::POST, protocol::ACK_EMPTY) => {
            ("acknowledgeEmpty", "Believes that the server has no vaults any more")
        }
        (&Method::POST, "/v1/pin/{digest}") => {
            ("pin", "Serves one of the last answers whatever comes")
        }
        (&Method::DELETE, protocol::PIN) => ("unpin", "Serves the newest answer again"),
        _ => panic!("{method} {path} is obeyed, but not described here"),
    };
    let mut order = Operation::new("admin", id, summary);
    if path.ends_with("{digest}") {
        order = order.takes(json!({
            "name": "digest",
            "in": "path",
            "required": true,
            "description": "The digest that `status` shows to those who see secrets",
            "schema": { "type": "string" },
        }));
    }
    if path != protocol::RELOAD {
        order = order.asked_by::<ConfigQuery<'_>>(types, &["profile"]);
    }
    order
        .says_json::<Status>(types, "Done; how things are now")
        .refuses(&[400, 403, 404, 409, 503, 504])
}

fn text() -> Value {
    json!({ "schema": { "type": "string" } })
}

fn plain_text() -> Value {
    json!({ BodyFormat::Env.media_type(): text() })
}

/// One method of one path.
struct Operation(Map<String, Value>);

impl Operation {
    fn new(tag: &str, id: &str, summary: &str) -> Self {
        let none = Self(Map::new());
        none.with("tags", [tag]).with("operationId", id).with("summary", summary)
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    fn takes(mut self, parameter: Value) -> Self {
        self.0.entry("parameters").or_insert(json!([])).as_array_mut().unwrap().push(parameter);
        self
    }

    /// Takes some of a query's parameters.
    fn asked_by<Query: JsonSchema>(self, types: &mut Types, names: &[&str]) -> Self {
        let mut properties = types.properties::<Query>();
        names.iter().fold(self, |operation, name| {
            let mut schema = properties.remove(*name).unwrap();
            let description = schema.as_object_mut().unwrap().remove("description");
            let parameter = json!({ "name": name, "in": "query", "description": description });
            operation.takes(with_schema(parameter, schema))
        })
    }

    fn heard_in(self, header: &str) -> Self {
        self.takes(json!({ "name": header, "in": "header", "schema": { "type": "string" } }))
    }

    fn answers(mut self, status: u16, answer: Value) -> Self {
        let responses = self.0.entry("responses").or_insert(json!({}));
        responses.as_object_mut().unwrap().insert(status.to_string(), answer);
        self
    }

    fn says(self, description: &str, content: &Value) -> Self {
        self.answers(200, json!({ "description": description, "content": content }))
    }

    fn says_json<T: JsonSchema>(self, types: &mut Types, description: &str) -> Self {
        let schema = types.reference::<T>();
        self.says(description, &json!({ "application/json": { "schema": schema } }))
    }

    fn refuses(self, statuses: &[u16]) -> Self {
        statuses.iter().fold(self, |operation, &status| {
            let reference = format!("#/components/responses/{}", refusal_name(status));
            operation.answers(status, json!({ "$ref": reference }))
        })
    }
}

/// Adds a parameter's schema. What may be left out of a query is not `null` there.
fn with_schema(mut parameter: Value, schema: Value) -> Value {
    let schema = match schema {
        Value::Object(schema) if schema.contains_key("anyOf") => schema["anyOf"][0].clone(),
        Value::Object(mut schema) => {
            if schema.get("type").is_some_and(Value::is_array) {
                schema.insert("type".into(), "string".into());
            }
            schema.remove("default");
            schema.into()
        }
        other => other,
    };
    parameter["schema"] = schema;
    parameter
}
