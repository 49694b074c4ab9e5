//! The keys that the stock clients know, with their kinds and defaults: made of the clients' own
//! packages by `cargo xtask schema`.

use std::collections::BTreeMap;

use resolver::{KeyPath, Value};

/// One key a line: path, kinds, clients, default; the first line names the clients' versions.
const TABLE: &str = include_str!("keys.tsv");

/// Objects whose keys are their author's own: names of variables, of files, of loggers.
const FREE: [&str; 8] = [
    "environment",
    "files",
    "logging",
    "agent.docker_container_name_format_fields",
    "agent.docker_internal_mounts",
    "agent.default_docker.match_rules",
    "sdk.aws.s3.extra_args",
    "sdk.storage.cache.disk_space_file_size_strategy",
];

/// How alike two keys must be to be taken for each other, from 0 to 1; higher than for a question
/// at a shell, since this is said unasked.
const ALIKE: f64 = 0.9;

/// All keys that the clients know.
pub(crate) struct ClientKeys {
    versions: &'static str,
    keys: BTreeMap<&'static str, ClientKey>,
}

/// One key that the clients know.
pub(crate) struct ClientKey {
    /// The kinds of value it may hold, `any` for one that is known by name alone.
    pub(crate) kinds: &'static str,
    /// The default, as JSON; empty if there is none.
    pub(crate) default: &'static str,
}

/// What is to be said of a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing: it is known, or its author's own.
    Known,
    /// No client knows it.
    Unknown {
        /// The known path that is spelled most alike, if one is.
        nearest: Option<String>,
    },
    /// It holds another kind of value than the clients take.
    OtherKind {
        /// The kinds they take, each with its article, between `or`s.
        expected: String,
        /// The kind it holds, with its article.
        found: String,
    },
}

impl ClientKeys {
    /// Reads the table.
    pub(crate) fn read() -> Self {
        let mut lines = TABLE.lines();
        let versions = lines.next().unwrap_or_default().trim_start_matches("# ");
        let keys = lines.filter_map(|line| {
            let mut columns = line.split('\t');
            let (path, kinds) = (columns.next()?, columns.next()?);
            Some((path, ClientKey { kinds, default: columns.nth(1).unwrap_or_default() }))
        });
        Self { versions, keys: keys.collect() }
    }

    /// Returns the clients and versions that the keys are of.
    pub(crate) fn versions(&self) -> &'static str {
        self.versions
    }

    /// Returns all paths, sorted.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.keys.keys().map(|path| (*path).to_owned()).collect()
    }

    /// Returns what is known of a path.
    pub(crate) fn get(&self, path: &KeyPath) -> Option<&ClientKey> {
        self.keys.get(path.to_string().as_str())
    }

    /// Judges a path that a text sets. Of what lies below an unknown path nothing is to be said.
    pub(crate) fn judge(&self, path: &KeyPath, value: &Value) -> Verdict {
        let text = path.to_string();
        match self.keys.get(text.as_str()) {
            Some(key) if fits(key.kinds, value) => Verdict::Known,
            Some(key) => {
                Verdict::OtherKind { expected: in_words(key.kinds), found: in_words(value.kind()) }
            }
            None if is_free(&text) || !self.holds_section(path) => Verdict::Known,
            None => Verdict::Unknown { nearest: self.nearest(path) },
        }
    }

    /// Whether the first key of a path is one of the clients' sections, or nearly one.
    fn holds_section(&self, path: &KeyPath) -> bool {
        let Some(section) = path.keys().first() else { return false };
        let alone = KeyPath::from_iter([section.clone()]);
        self.get(&alone).is_some() || self.nearest(&alone).is_some()
    }

    /// Returns the known path beside this one that is spelled most alike.
    fn nearest(&self, path: &KeyPath) -> Option<String> {
        let (key, above) = path.keys().split_last()?;
        let above = above.iter().cloned().collect::<KeyPath>().to_string();
        let beside = self.keys.keys().filter_map(|known| {
            let (known_above, last) = known.rsplit_once('.').unwrap_or(("", known));
            (known_above == above.as_str()).then(|| (strsim::jaro_winkler(last, key), *known))
        });
        beside
            .filter(|(score, _)| *score > ALIKE)
            .max_by(|one, other| one.0.total_cmp(&other.0))
            .map(|(_, known)| known.to_owned())
    }
}

/// Whether a value is of one of these kinds, or will be once it is read: scalars are written one
/// for another, and what is open is not known yet.
fn fits(kinds: &str, value: &Value) -> bool {
    let takes = |kind: &str| kinds.split(' ').any(|there| there == kind || there == "any");
    match value {
        Value::Null | Value::Open(_) => true,
        Value::Object(_) => takes("object"),
        Value::Array(_) => takes("list"),
        Value::Bool(_) | Value::Number(_) => takes("boolean") || takes("number") || takes("string"),
        Value::String(text) => {
            takes("string") || takes("list") || is_text_of(kinds, text) || text.is_empty()
        }
    }
}

/// Whether a text is one that the clients read as a number or a truth value.
fn is_text_of(kinds: &str, text: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "0", "1"];
    kinds.split(' ').any(|kind| match kind {
        "number" => text.trim().parse::<f64>().is_ok(),
        "boolean" => words.iter().any(|word| word.eq_ignore_ascii_case(text.trim())),
        _ => false,
    })
}

/// Returns kinds as they stand in a sentence.
fn in_words(kinds: &str) -> String {
    let words = kinds.split(' ').map(|kind| match kind {
        "object" => "an object".to_owned(),
        other => format!("a {other}"),
    });
    words.collect::<Vec<_>>().join(" or ")
}

fn is_free(path: &str) -> bool {
    FREE.iter().any(|free| path.strip_prefix(free).is_some_and(|rest| rest.starts_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use resolver::{Object, Origin};

    fn judged(path: &str, value: &Value) -> Verdict {
        ClientKeys::read().judge(&KeyPath::parse(path).unwrap(), value)
    }

    fn unknown(nearest: Option<&str>) -> Verdict {
        Verdict::Unknown { nearest: nearest.map(str::to_owned) }
    }

    #[test]
    fn the_table_says_whose_keys_it_holds() {
        let keys = ClientKeys::read();
        assert!(keys.versions().starts_with("clearml 2."), "{}", keys.versions());
        assert!(keys.keys.len() > 250);
        for (path, key) in &keys.keys {
            assert_eq!(KeyPath::parse(path).unwrap().to_string(), *path);
            assert!(key.kinds.split(' ').all(|kind| {
                ["any", "boolean", "list", "number", "object", "string"].contains(&kind)
            }));
        }
        let region = keys.get(&KeyPath::parse("sdk.aws.s3.region").unwrap()).unwrap();
        assert_eq!((region.kinds, region.default), ("string", "\"\""));
    }

    #[test]
    fn tells_known_keys_from_slips_of_the_pen() {
        let text = Value::from("x");
        for (path, verdict) in [
            ("agent.git_user", Verdict::Known),
            ("agent.git_usr", unknown(Some("agent.git_user"))),
            ("agent.docker_force_pul", unknown(Some("agent.docker_force_pull"))),
            ("agent.something_else_entirely", unknown(None)),
            ("agnet", unknown(Some("agent"))),
            ("environment.ANYTHING", Verdict::Known),
            ("quota.gpu_hours", Verdict::Known),
            ("\"agent.git_user\"", Verdict::Known),
            ("sdk.aws.s3.regoin", unknown(Some("sdk.aws.s3.region"))),
        ] {
            assert_eq!(judged(path, &text), verdict, "{path}");
        }
    }

    #[test]
    fn kinds_are_taken_as_loosely_as_the_clients_take_them() {
        let object = Value::object(Object::new());
        let list = Value::array(vec![Value::Null.spanned(Origin::default())]);
        let other = |expected: &str, found: &str| Verdict::OtherKind {
            expected: expected.to_owned(),
            found: found.to_owned(),
        };
        for (path, value, verdict) in [
            ("agent.git_user", object.clone(), other("a string", "an object")),
            ("agent.git_user", Value::from(7), Verdict::Known),
            ("agent.git_user", list.clone(), other("a string", "a list")),
            ("agent.package_manager", Value::from("pip"), other("an object", "a string")),
            ("agent.extra_docker_arguments", Value::from("--ipc=host"), Verdict::Known),
            ("agent.extra_docker_arguments", object, other("a list", "an object")),
            ("agent.docker_force_pull", Value::from("yes"), Verdict::Known),
            ("agent.docker_force_pull", Value::from("perhaps"), other("a boolean", "a string")),
            ("sdk.metrics.file_history_size", Value::from("many"), other("a number", "a string")),
            ("sdk.metrics.file_history_size", Value::from("25"), Verdict::Known),
            ("api.verify_certificate", Value::from("/etc/ca.pem"), Verdict::Known),
            ("agent.git_user", Value::Null, Verdict::Known),
            ("agent.default_python", list, Verdict::Known),
        ] {
            assert_eq!(judged(path, &value), verdict, "{path} {value:?}");
        }
    }
}
