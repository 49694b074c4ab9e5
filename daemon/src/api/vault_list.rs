//! Reading vaults from JSON as the API spells them.

use std::sync::Arc;

use resolver::{Format, Limits, Mode, Scope, SourceName, detect_format};
use serde_json::{Map, Value};

use super::{Quarantine, Vault, VaultKind, VaultList};

impl VaultList {
    /// Reads the vaults of an answer, in its order.
    ///
    /// The stock clients look at `data` alone; here disabled vaults and those of a foreign type are
    /// left out even if the server sends them.
    pub(crate) fn of_json(values: &[Value]) -> Self {
        let mut list = Self::default();
        for (index, value) in values.iter().enumerate() {
            list.add(index, value);
        }
        list
    }

    fn add(&mut self, index: usize, value: &Value) {
        let empty = Map::new();
        let fields = value.as_object().unwrap_or(&empty);
        let id = text(fields, "id").unwrap_or_else(|| format!("#{}", index + 1).into());
        let description = text(fields, "description").unwrap_or_default();
        let scope = match fields.get("scope").and_then(Value::as_str) {
            Some("group") => Scope::Group,
            _ => Scope::User,
        };
        if fields.get("enabled") == Some(&Value::Bool(false)) {
            self.notes.push(format!("vault `{}` is disabled", id.escape_debug()));
            return;
        }
        let Some(kind) = kind(fields) else {
            let id = id.escape_debug();
            self.notes.push(format!("vault `{id}` is of a type that is no configuration"));
            return;
        };
        match format(fields).and_then(|format| Ok((format, data(fields)?))) {
            Ok((declared, text)) => {
                let format = declared.unwrap_or_else(|| self.detect(&id, &text));
                self.vaults.push(Vault { id, description, scope, kind, format, text });
            }
            Err(reason) => self.quarantined.push(Quarantine {
                name: SourceName::Vault { id, description, scope },
                reason: reason.into(),
            }),
        }
    }
}

impl VaultList {
    /// Tells the format of a vault that declares none, and notes it where it is not the usual one.
    pub(crate) fn detect(&mut self, id: &str, text: &str) -> Format {
        let format = detect_format(text, Mode::default(), &Limits::default());
        if format != Format::default() {
            let id = id.escape_debug();
            self.notes.push(format!("vault `{id}` declares no format and is read as {format}"));
        }
        format
    }
}

fn text(fields: &Map<String, Value>, name: &str) -> Option<Arc<str>> {
    fields.get(name).and_then(Value::as_str).map(Arc::from)
}

fn kind(fields: &Map<String, Value>) -> Option<VaultKind> {
    match fields.get("type") {
        None | Some(Value::Null) => Some(VaultKind::Config),
        Some(Value::String(kind)) if kind == "config" => Some(VaultKind::Config),
        Some(Value::String(kind)) if kind == "monitoring" => Some(VaultKind::Monitoring),
        Some(_) => None,
    }
}

/// Returns the format that a vault declares, if it declares one.
fn format(fields: &Map<String, Value>) -> Result<Option<Format>, &'static str> {
    let Some(format) = fields.get("format").filter(|format| !format.is_null()) else {
        return Ok(None);
    };
    match format.as_str().map(str::to_ascii_lowercase).as_deref() {
        Some("") => Ok(None),
        Some("hocon") => Ok(Some(Format::Hocon)),
        Some("json") => Ok(Some(Format::Json)),
        Some("json5") => Ok(Some(Format::Json5)),
        Some("yaml") => Ok(Some(Format::Yaml)),
        _ => Err("its `format` is none of `hocon`, `json`, `json5`, `yaml`"),
    }
}

/// Returns the text. The clients skip what Python takes for false (`clearml` 2.1.12, `if d:`), so
/// that counts as empty here; anything else that is no text is an error to them and to us.
fn data(fields: &Map<String, Value>) -> Result<Arc<str>, &'static str> {
    match fields.get("data") {
        Some(Value::String(text)) => Ok(text.as_str().into()),
        None | Some(Value::Null | Value::Bool(false)) => Ok("".into()),
        Some(Value::Object(object)) if object.is_empty() => Ok("".into()),
        Some(Value::Array(values)) if values.is_empty() => Ok("".into()),
        Some(Value::Number(number)) if number.as_f64() == Some(0.0) => Ok("".into()),
        Some(Value::Object(_)) => Err("its `data` is an object, not a text"),
        Some(Value::Array(_)) => Err("its `data` is a list, not a text"),
        Some(_) => Err("its `data` is no text"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list(values: &Value) -> VaultList {
        VaultList::of_json(values.as_array().unwrap())
    }

    #[test]
    fn keeps_order_and_reads_each_field() {
        let list = list(&json!([
            {"id": "a", "description": "mine", "scope": "group", "type": "config", "format": "YAML", "data": "x: 1"},
            {"id": "b", "type": "monitoring", "format": "json", "data": "{}", "enabled": true},
            {"data": "y: 2"},
        ]));
        let vault = |id: &str, description: &str, scope, kind, format, text: &str| Vault {
            id: id.into(),
            description: description.into(),
            scope,
            kind,
            format,
            text: text.into(),
        };
        assert_eq!(
            list.vaults,
            [
                vault("a", "mine", Scope::Group, VaultKind::Config, Format::Yaml, "x: 1"),
                vault("b", "", Scope::User, VaultKind::Monitoring, Format::Json, "{}"),
                vault("#3", "", Scope::User, VaultKind::Config, Format::Hocon, "y: 2"),
            ]
        );
    }

    #[test]
    fn leaves_out_what_is_disabled_or_of_a_foreign_type() {
        let list = list(&json!([
            {"id": "off", "enabled": false, "data": "a: 1"},
            {"id": "ui", "type": "ui", "data": "a: 1"},
        ]));
        assert_eq!(list.vaults, []);
        assert_eq!(
            list.notes,
            ["vault `off` is disabled", "vault `ui` is of a type that is no configuration"]
        );
    }

    #[test]
    fn what_is_no_text_is_empty_or_set_aside() {
        for (data, reason) in [
            (json!(null), None),
            (json!({}), None),
            (json!([]), None),
            (json!(false), None),
            (json!({"b": 1}), Some("its `data` is an object, not a text")),
            (json!(["b"]), Some("its `data` is a list, not a text")),
            (json!(7), Some("its `data` is no text")),
        ] {
            let list = list(&json!([{"id": "v", "data": data}]));
            assert_eq!(list.vaults.len(), usize::from(reason.is_none()), "{data}");
            let found = list.quarantined.first().map(|quarantine| quarantine.reason.as_str());
            assert_eq!(found, reason, "{data}");
        }
        let unknown = list(&json!([{"id": "v", "format": "toml", "data": "a = 1"}]));
        assert_eq!(unknown.quarantined.len(), 1);
    }

    #[test]
    fn a_format_that_is_not_declared_is_told_by_the_text() {
        for (fields, format, notes) in [
            (json!({"data": "a: 1"}), Format::Hocon, vec![]),
            (json!({"data": "a:\n- 1\n- 2\n", "format": "hocon"}), Format::Hocon, vec![]),
            (
                json!({"data": "a:\n- 1\n- 2\n", "format": null}),
                Format::Yaml,
                vec!["vault `#1` declares no format and is read as YAML"],
            ),
            (
                json!({"data": "---\na: 1\n", "format": ""}),
                Format::Yaml,
                vec!["vault `#1` declares no format and is read as YAML"],
            ),
        ] {
            let list = list(&json!([fields]));
            assert_eq!(list.vaults[0].format, format, "{fields}");
            assert_eq!(list.notes, notes, "{fields}");
        }
    }
}
