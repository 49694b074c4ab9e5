//! Which names are those of secrets.

use super::Hidden;
use crate::{key_path::KeyPath, object::Object, value::Value};

/// Parts of names that give a secret away, in lower case (the web UI's defaults, the stock
/// agent's `hide_secrets`, and the names users ask for since 2021).
const SECRET_PARTS: &[&str] = &[
    "secret",
    "passw",
    "passphrase",
    "token",
    "access_key",
    "api_key",
    "apikey",
    "account_key",
    "private",
    "credentials_json",
    "sas_url",
];

/// Whole names, and the last words of names, that do.
const SECRET_ENDINGS: &[&str] = &["pass", "pat", "key", "pwd"];

/// Endings of names that only speak about a secret: `token_expiration_threshold_sec`.
const ABOUT: &[&str] = &["_sec", "_seconds", "_expiration", "_enabled", "_timeout", "_count"];

/// Names of objects all of whose values are hidden: the stock agent hides `^environment$`.
const HIDDEN_SECTIONS: &[&str] = &["environment", "contents"];

/// The names that count as secret: the general ones, and those an answer adds.
pub(super) struct Names {
    extra: Vec<String>,
}

impl Names {
    /// Takes the names that are hidden, and `agent.hide_docker_command_env_vars.extra_keys` of an
    /// answer.
    pub(super) fn new(hidden: &Hidden, root: Option<&Object>) -> Self {
        let path: KeyPath =
            ["agent", "hide_docker_command_env_vars", "extra_keys"].into_iter().collect();
        let mut extra: Vec<_> = hidden.names().iter().map(|name| folded(name)).collect();
        match root.and_then(|root| root.at(&path)) {
            Some(Value::Array(names)) => {
                extra.extend(names.iter().filter_map(|name| name.value.as_str()).map(folded));
            }
            Some(Value::String(name)) => extra.push(folded(name)),
            _ => {}
        }
        Self { extra }
    }

    /// Whether a key or variable of this name holds a secret.
    pub(super) fn is_secret(&self, name: &str) -> bool {
        let name = folded(name);
        if self.extra.contains(&name) || HIDDEN_SECTIONS.contains(&name.as_str()) {
            return true;
        }
        if ABOUT.iter().any(|about| name.ends_with(about)) {
            return false;
        }
        SECRET_PARTS.iter().any(|part| name.contains(part))
            || SECRET_ENDINGS.iter().any(|ending| {
                name.strip_suffix(ending)
                    .is_some_and(|before| before.is_empty() || before.ends_with('_'))
            })
    }
}

/// Whether a list of this name holds command-line arguments.
pub(super) fn holds_arguments(name: &str) -> bool {
    name.ends_with("arguments") || name.ends_with("args")
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace('-', "_")
}
