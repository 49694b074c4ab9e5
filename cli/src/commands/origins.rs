//! `--origins`: where each value came from, as JSON beside the values.
//!
//! ```json
//! {
//!   "config": { "agent": { "git_user": "ada" } },
//!   "origins": {
//!     "agent.git_user": {
//!       "source": "vault", "id": "v1", "description": "Team", "scope": "group",
//!       "line": 3, "column": 5
//!     }
//!   }
//! }
//! ```
//!
//! A list has one origin; an object has one for each value in it, and one of its own if it is
//! empty. `source` is `file` (then with `path`), `vault` (with `id`, `description`, `scope`),
//! `environment`, or `text` (with `name`).

use resolver::{KeyPath, Origin, Scope, Snapshot, SourceName, Value};
use serde_json::{Map, Value as Json, json};

/// Joins a rendered JSON text with the origins of the values below a path.
pub(super) fn beside(config: &str, snapshot: &Snapshot, path: &KeyPath) -> String {
    let origins = Json::Object(origins(snapshot, path));
    let origins = serde_json::to_string_pretty(&origins).unwrap_or_default();
    format!("{{\n  \"config\": {},\n  \"origins\": {}\n}}\n", indented(config), indented(&origins))
}

/// Indents all lines but the first; JSON texts have no line ends in strings.
fn indented(json: &str) -> String {
    json.trim_end().replace('\n', "\n  ")
}

fn origins(snapshot: &Snapshot, path: &KeyPath) -> Map<String, Json> {
    let mut origins = Map::new();
    let mut waiting = vec![(KeyPath::root(), snapshot.root())];
    while let Some((at, object)) = waiting.pop() {
        for (key, spanned) in object {
            let place = at.join(key.clone());
            let is_wanted = place.starts_with(path) || path.starts_with(&place);
            match &spanned.value {
                _ if !is_wanted => {}
                Value::Object(below) if !below.is_empty() => waiting.push((place, below)),
                _ => {
                    origins.insert(place.to_string(), described(snapshot, spanned.origin));
                }
            }
        }
    }
    origins.sort_keys();
    origins
}

fn described(snapshot: &Snapshot, origin: Origin) -> Json {
    let Some(text) = snapshot.text(origin.source) else {
        return json!({ "source": "environment" });
    };
    let (line, column) = text.line_column(origin.start);
    match &text.name {
        SourceName::File(path) => json!({
            "source": "file", "path": path.display().to_string(), "line": line, "column": column,
        }),
        SourceName::Vault { id, description, scope } => json!({
            "source": "vault", "id": &**id, "description": &**description,
            "scope": scope_name(*scope), "line": line, "column": column,
        }),
        SourceName::Environment => json!({ "source": "environment" }),
        SourceName::Text(name) => json!({
            "source": "text", "name": &**name, "line": line, "column": column,
        }),
    }
}

fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::User => "user",
        Scope::Group => "group",
    }
}
