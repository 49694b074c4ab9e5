//! The names that count as secret, those that somebody lists included.

use super::{
    Hidden,
    weight::{Weight, folded_byte},
};
use crate::{key_path::KeyPath, object::Object, value::Value};

/// Names of objects all of whose values are hidden: the stock agent hides `^environment$`.
const HIDDEN_SECTIONS: &[&str] = &["environment", "contents"];

/// The names that count as secret: the general ones, and those that somebody lists.
#[derive(Debug)]
pub(super) struct Names {
    /// In order.
    listed: Vec<String>,
    /// Those with `*` or `?`.
    patterns: Vec<String>,
}

impl Names {
    /// Takes the names that are hidden, and `agent.hide_docker_command_env_vars.extra_keys` of an
    /// answer: a list, or a text as in `CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV`.
    pub(super) fn new(hidden: &Hidden, root: Option<&Object>) -> Self {
        let path: KeyPath =
            ["agent", "hide_docker_command_env_vars", "extra_keys"].into_iter().collect();
        let mut hidden = hidden.clone();
        match root.and_then(|root| root.at(&path)) {
            Some(Value::Array(names)) => {
                names
                    .iter()
                    .filter_map(|name| name.value.as_str())
                    .for_each(|name| hidden.add_name(name));
            }
            Some(Value::String(names)) => hidden.add_names_of_variable(names),
            _ => {}
        }
        let names = hidden
            .names()
            .iter()
            .filter_map(|name| String::from_utf8(folded(name.as_bytes())).ok())
            .filter(|name| !name.is_empty());
        let (patterns, mut listed): (Vec<_>, Vec<_>) =
            names.partition(|name| name.contains(['*', '?']));
        listed.sort();
        Self { listed, patterns }
    }

    /// Says how surely a key or variable of this name holds a secret.
    pub(super) fn weigh(&self, name: impl AsRef<[u8]>) -> Weight {
        let name = name.as_ref();
        if self.is_listed(name) { Weight::Certain } else { Weight::of(name) }
    }

    /// Says how surely a key of the configuration holds a secret.
    pub(super) fn weigh_key(&self, key: &str) -> Weight {
        // `api.auth` holds settings of the clients.
        if key == "auth" { Weight::None } else { self.weigh(key) }
    }

    /// Whether a key of the configuration with this name holds a secret.
    pub(super) fn is_secret_key(&self, key: &str) -> bool {
        self.weigh_key(key) >= Weight::Weak
    }

    /// Returns a word of each name that somebody lists, by which it is found in a text; an empty
    /// one where a pattern has none.
    pub(super) fn words_to_find(&self) -> impl Iterator<Item = &str> {
        let parts = self.patterns.iter().map(|pattern| longest(pattern.split(['*', '?'])));
        // A blank of a name is folded as other separators are: a whole word finds it.
        self.listed.iter().map(String::as_str).chain(parts).map(|name| longest(name.split('_')))
    }

    fn is_listed(&self, name: &[u8]) -> bool {
        if self.listed.is_empty() && self.patterns.is_empty() {
            return false;
        }
        let folded = folded(name);
        self.listed.binary_search_by(|listed| listed.as_bytes().cmp(&folded)).is_ok()
            || self.patterns.iter().any(|pattern| matches(pattern.as_bytes(), &folded))
    }
}

fn longest<'a>(parts: impl Iterator<Item = &'a str>) -> &'a str {
    parts.max_by_key(|part| part.len()).unwrap_or_default()
}

/// Whether all values below a key of this name are hidden.
pub(super) fn is_hidden_section(key: &str) -> bool {
    HIDDEN_SECTIONS.contains(&key)
}

/// Whether a list of this name holds command-line arguments.
pub(super) fn holds_arguments(name: &str) -> bool {
    name.ends_with("arguments") || name.ends_with("args")
}

/// Returns a name as names are compared.
fn folded(name: &[u8]) -> Vec<u8> {
    name.trim_ascii().iter().copied().map(folded_byte).collect()
}

/// Whether a text matches a pattern, of which `*` is any run and `?` one character. Takes time in
/// proportion to the product of the lengths at worst.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut last_star = None;
    while place < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                last_star = Some((at, place));
                at += 1;
            }
            Some(byte) if *byte == b'?' || text.get(place) == Some(byte) => {
                at += 1;
                place += 1;
            }
            _ => {
                // The last star takes one character more.
                let Some((star, taken)) = last_star else { return false };
                last_star = Some((star, taken + 1));
                (at, place) = (star + 1, taken + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_weighed_by_their_words() {
        let names = Names::new(&Hidden::default(), None);
        for (weight, all) in [
            (Weight::Certain, "CLEARML_API_SECRET_KEY aws-session-token clearml_auth_token"),
            (
                Weight::Strong,
                "password MY_PASSWORD1 DB_PASS git_pass secretKey XCLEARML_API_SECRET_KEY2 \
                 aws.accessKey apiKey AccountKey private_key db-pwd GOOGLE_CREDENTIALS",
            ),
            (
                Weight::Weak,
                "token TOKEN2 MY_TOKEN MY_TOKEN_12 api_v2_key A_KEY key pass github_pat npm_auth",
            ),
            (
                Weight::Faint,
                "SECRET_NAME password-stdin TOKEN_FOR_X token_expiration_threshold_sec",
            ),
            (
                Weight::None,
                "pad_token eos_token tokens num_tokens tokenizer primary_key keys compass \
                 monkey forward_pass bypass author passed region environment",
            ),
        ] {
            for name in all.split_whitespace() {
                assert_eq!(names.weigh(name), weight, "{name}");
            }
        }
    }

    #[test]
    fn listed_names_match_whatever_their_case_and_by_patterns() {
        let mut hidden = Hidden::default();
        for name in ["MINE", " A KEY ", "MY_*", "X?Z", "*-end", ""] {
            hidden.add_name(name);
        }
        let names = Names::new(&hidden, None);
        for name in ["mine", "Mine", " MINE", "A KEY", "a_key", "my_x", "MY_", "xyz", "the.END"] {
            assert_eq!(names.weigh(name), Weight::Certain, "{name}");
        }
        for name in ["mines", "m", "my", "xz", "xyyz", "ending"] {
            assert_eq!(names.weigh(name), Weight::None, "{name}");
        }
    }

    #[test]
    fn a_pattern_with_many_stars_takes_bounded_time() {
        let pattern = "a*".repeat(30) + "b";
        assert!(!matches(pattern.as_bytes(), "a".repeat(2_000).as_bytes()));
        assert!(matches(b"*", b""));
        assert!(matches(b"a**b", b"ab"));
    }
}
