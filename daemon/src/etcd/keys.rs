//! From keys and their values to vaults, by the rules of a folder of vaults.

use super::gateway::KeyValue;
use crate::{api::VaultList, sources::add_named_text};

/// Returns the vaults of the keys below a prefix, in the order of their names.
///
/// A name is what follows the prefix, slashes included. Its ending is the format, `.disabled` at its
/// end switches the vault off, `.monitoring` before the ending makes it a monitoring vault.
pub(super) fn vaults(prefix: &str, pairs: &[KeyValue]) -> VaultList {
    let mut texts = Vec::new();
    for (key, value) in pairs.iter().filter_map(KeyValue::bytes) {
        let key = String::from_utf8_lossy(&key).into_owned();
        let name = key.strip_prefix(prefix).unwrap_or(&key);
        if !name.is_empty() {
            texts.push((name.to_owned(), value));
        }
    }
    texts.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let mut list = VaultList::default();
    for (name, value) in texts {
        add_named_text(&mut list, &name, || {
            String::from_utf8(value).map_err(|error| {
                format!("it is no UTF-8 at byte {}", error.utf8_error().valid_up_to())
            })
        });
    }
    list
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pairs(texts: &[(&str, &str)]) -> Vec<KeyValue> {
        let pairs: Vec<_> =
            texts.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
        serde_json::from_value(pairs.into()).unwrap()
    }

    #[test]
    fn names_say_order_format_kind_and_whether_a_vault_counts() {
        // `/v/b.conf`, `/v/a.monitoring.yaml`, `/v/c.conf.disabled`, `/v/readme`, `/v/d.conf`, `/v/`
        let pairs = pairs(&[
            ("L3YvYi5jb25m", "YTogMQ=="),
            ("L3YvYS5tb25pdG9yaW5nLnlhbWw=", "YTogMQ=="),
            ("L3YvYy5jb25mLmRpc2FibGVk", "YTogMQ=="),
            ("L3YvcmVhZG1l", "YTogMQ=="),
            ("L3YvZC5jb25m", "/w=="),
            ("L3Yv", "YTogMQ=="),
        ]);
        let list = vaults("/v/", &pairs);
        let ids: Vec<_> = list.vaults.iter().map(|vault| &*vault.id).collect();
        assert_eq!(ids, ["a.monitoring.yaml", "b.conf"]);
        assert_eq!(&*list.vaults[1].text, "a: 1");
        assert_eq!(list.vaults[0].kind, crate::api::VaultKind::Monitoring);
        assert_eq!(list.notes.len(), 2, "{:?}", list.notes);
        assert_eq!(list.quarantined[0].reason, "it is no UTF-8 at byte 0");
    }
}
