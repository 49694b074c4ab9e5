//! Vaults as those who write them see them: one by one, switched off ones included.

use std::{fmt, sync::Arc};

use resolver::{Format, Scope};
use serde_json::{Map, Value, json};

use super::VaultList;

/// A vault as its source keeps it. `Debug` shows no text.
#[derive(Clone, PartialEq)]
pub struct StoredVault {
    /// All fields, those too that we know nothing of: what is written back must lack none.
    fields: Map<String, Value>,
}

impl StoredVault {
    /// Returns a vault that is not stored yet.
    pub fn new(description: &str, format: Format, text: &str) -> Self {
        let mut vault = Self { fields: Map::new() };
        vault.set("description", description.into());
        vault.set("scope", "user".into());
        vault.set("type", "config".into());
        vault.set("format", spelled(format).into());
        vault.set("enabled", true.into());
        vault.set("data", text.into());
        vault
    }

    /// The ending of a name that switches the vault off, in a folder or in etcd.
    pub const DISABLED: &str = ".disabled";

    /// Returns the vault that a folder or etcd keeps under a name, which says its format, whether
    /// it is on, and what it is for; `None` if the name is none of a vault.
    pub fn of_name(name: &str, text: &str) -> Option<Self> {
        let id = name.strip_suffix(Self::DISABLED).unwrap_or(name);
        let mut vault = Self::new("", Format::of_file_name(id)?, text);
        vault.set_id(id);
        vault.set_enabled(id == name);
        if id.rsplit_once('.').is_some_and(|(stem, _)| stem.ends_with(".monitoring")) {
            vault.set_monitoring();
        }
        Some(vault)
    }

    /// Reads the vaults of an answer, in its order; what is no object is left out.
    pub(crate) fn of_json(values: &[Value]) -> Vec<Self> {
        let objects = values.iter().filter_map(Value::as_object);
        objects.map(|fields| Self { fields: fields.clone() }).collect()
    }

    /// Returns what a resolver makes of vaults: the lists, those set aside, those left out.
    pub fn list(vaults: &[Self]) -> VaultList {
        let values: Vec<_> = vaults.iter().map(Self::to_json).collect();
        VaultList::of_json(&values)
    }

    /// Returns the vault as the API spells it.
    pub fn to_json(&self) -> Value {
        Value::Object(self.fields.clone())
    }

    /// Returns its id; empty if it is not stored yet.
    pub fn id(&self) -> &str {
        self.text_of("id")
    }

    /// Returns the name people know it by; may be empty.
    pub fn description(&self) -> &str {
        self.text_of("description")
    }

    /// Returns whose it is.
    pub fn scope(&self) -> Scope {
        if self.text_of("scope") == "group" { Scope::Group } else { Scope::User }
    }

    /// Returns what it is for: `config`, `monitoring`, or something that is no configuration.
    pub fn kind(&self) -> &str {
        match self.text_of("type") {
            "" => "config",
            kind => kind,
        }
    }

    /// Returns how it is spelled; HOCON if it says nothing that is known.
    pub fn format(&self) -> Format {
        match self.text_of("format").to_ascii_lowercase().as_str() {
            "json" => Format::Json,
            "json5" => Format::Json5,
            "yaml" => Format::Yaml,
            _ => Format::Hocon,
        }
    }

    /// Whether it counts.
    pub fn is_enabled(&self) -> bool {
        self.fields.get("enabled") != Some(&Value::Bool(false))
    }

    /// Returns its text.
    pub fn text(&self) -> Arc<str> {
        self.text_of("data").into()
    }

    /// Gives it an id.
    pub fn set_id(&mut self, id: &str) {
        self.set("id", id.into());
    }

    /// Gives it another text.
    pub fn set_text(&mut self, text: &str) {
        self.set("data", text.into());
    }

    /// Says how its text is spelled.
    pub fn set_format(&mut self, format: Format) {
        self.set("format", spelled(format).into());
    }

    /// Switches it on or off.
    pub fn set_enabled(&mut self, is_enabled: bool) {
        self.set("enabled", is_enabled.into());
    }

    /// Makes it one of an administrator for a group of users.
    pub fn set_group_scope(&mut self) {
        self.set("scope", "group".into());
    }

    /// Makes it a monitoring vault.
    pub fn set_monitoring(&mut self) {
        self.set("type", "monitoring".into());
    }

    /// Returns the body of the call that stores it (`users.add_or_update_vault`): without an id it
    /// is a new one. `group` is the id of the group that it is for.
    pub(super) fn body(&self, group: Option<&str>) -> Value {
        let own = self.fields.get("group").and_then(Value::as_str);
        match group.or(own) {
            Some(group) => json!({ "group": group, "vault": self.fields }),
            None => json!({ "vault": self.fields }),
        }
    }

    fn text_of(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn set(&mut self, name: &str, value: Value) {
        self.fields.insert(name.to_owned(), value);
    }
}

impl fmt::Debug for StoredVault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StoredVault")
            .field("id", &self.id())
            .field("enabled", &self.is_enabled())
            .field("bytes", &self.text_of("data").len())
            .finish_non_exhaustive()
    }
}

fn spelled(format: Format) -> &'static str {
    match format {
        Format::Json => "json",
        Format::Json5 => "json5",
        Format::Yaml => "yaml",
        Format::Hocon | Format::Properties => "hocon",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_fields_that_it_knows_nothing_of() {
        let values =
            [json!({"id": "a", "data": "x: 1", "enabled": false, "tags": ["t"], "group": "g"})];
        let mut vault = StoredVault::of_json(&values).remove(0);
        assert!(!vault.is_enabled());
        vault.set_text("x: 2");
        assert_eq!(
            vault.body(None),
            json!({"group": "g", "vault":
                {"id": "a", "data": "x: 2", "enabled": false, "tags": ["t"], "group": "g"}})
        );
        assert_eq!(vault.body(Some("other"))["group"], "other");
    }

    #[test]
    fn a_name_says_what_a_vault_is() {
        for (name, id, kind, is_enabled) in [
            ("10.yaml", "10.yaml", "config", true),
            ("10.monitoring.conf.disabled", "10.monitoring.conf", "monitoring", false),
        ] {
            let vault = StoredVault::of_name(name, "a: 1").unwrap();
            assert_eq!((vault.id(), vault.kind(), vault.is_enabled()), (id, kind, is_enabled));
        }
        assert_eq!(StoredVault::of_name("readme", ""), None);
    }

    #[test]
    fn debug_shows_no_text() {
        let vault = StoredVault::new("name", Format::Hocon, "hunter2");
        assert!(!format!("{vault:?}").contains("hunter2"));
    }
}
