//! How surely a name is that of a secret.

use super::Hidden;
use crate::{key_path::KeyPath, object::Object, value::Value};

/// Names that are secret whatever they hold: those that clearml-agent 3.0.3 hides
/// (`helper/docker_args.py`), which the web UI's defaults are among, and those that users put in
/// arguments most.
const LISTED: &[&str] = &[
    "aws_secret_access_key",
    "aws_session_token",
    "azure_storage_key",
    "clearml_agent_git_pass",
    "clearml_agent_git_token",
    "clearml_api_secret_key",
    "clearml_auth_token",
    "docker_password",
    "github_token",
    "hf_token",
    "hugging_face_hub_token",
    "openai_api_key",
    "trains_agent_git_pass",
    "trains_api_secret_key",
    "wandb_api_key",
];

/// What no name holds but that of a secret, without the characters between words.
const STRONG: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "accesskey",
    "accountkey",
    "storagekey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "apitoken",
    "accesstoken",
    "authtoken",
    "refreshtoken",
    "sessiontoken",
    "credential",
    "connectionstring",
    "authorization",
    "sastoken",
    "sasurl",
];

/// Last words of names that are secrets' in commands, and other things' in prose.
const WEAK_WORDS: &[&str] = &["token", "key", "pass", "pat", "pwd", "auth", "cookie", "signature"];

/// Words before a weak one that make a name one of machine learning or databases: `pad_token`,
/// `primary_key`, `forward_pass`.
const HARMLESS_BEFORE: &[&str] = &[
    "added",
    "answer",
    "audio",
    "backward",
    "begin",
    "bos",
    "cache",
    "class",
    "cls",
    "cur",
    "current",
    "dedup",
    "dict",
    "end",
    "eol",
    "eos",
    "first",
    "foreign",
    "forward",
    "group",
    "hash",
    "image",
    "index",
    "input",
    "last",
    "lookup",
    "map",
    "mask",
    "max",
    "metric",
    "min",
    "new",
    "next",
    "num",
    "object",
    "one",
    "out",
    "output",
    "pad",
    "padding",
    "param",
    "partition",
    "per",
    "prefix",
    "prev",
    "primary",
    "prompt",
    "public",
    "query",
    "second",
    "sep",
    "single",
    "sort",
    "special",
    "start",
    "state",
    "stop",
    "sub",
    "target",
    "text",
    "total",
    "train",
    "two",
    "unk",
    "val",
    "value",
    "vision",
    "vocab",
    "word",
];

/// Last words of names that only speak about a secret: `token_expiration_threshold_sec`,
/// `--password-stdin`.
const ABOUT: &[&str] = &[
    "count",
    "dir",
    "enabled",
    "expiration",
    "expires",
    "expiry",
    "file",
    "len",
    "length",
    "limit",
    "name",
    "path",
    "policy",
    "rotation",
    "sec",
    "seconds",
    "size",
    "stdin",
    "threshold",
    "timeout",
    "ttl",
    "type",
];

/// Names of objects all of whose values are hidden: the stock agent hides `^environment$`.
const HIDDEN_SECTIONS: &[&str] = &["environment", "contents"];

/// How surely a name is that of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// It is not.
    None,
    /// It speaks of one: a value that looks like a secret is one.
    Faint,
    /// It is in a command, and may be in prose.
    Weak,
    /// It is, unless the value is a word such as `true`.
    Strong,
    /// It is listed.
    Certain,
}

/// The names that count as secret: the general ones, and those that somebody lists.
#[derive(Debug)]
pub(super) struct Names {
    /// In order, without those of [`LISTED`].
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
        let names = hidden.names().iter().map(|name| folded(name)).filter(|name| !name.is_empty());
        let (patterns, mut listed): (Vec<_>, Vec<_>) =
            names.partition(|name| name.contains(['*', '?']));
        listed.sort();
        Self { listed, patterns }
    }

    /// Says how surely a key or variable of this name holds a secret.
    pub(super) fn weigh(&self, name: &str) -> Weight {
        let folded = folded(name);
        match name {
            _ if self.is_listed(&folded) => Weight::Certain,
            // The shell's working directory.
            "PWD" => Weight::None,
            _ => weigh_words(&words(name)),
        }
    }

    /// Whether a key of the configuration with this name holds a secret.
    pub(super) fn is_secret_key(&self, key: &str) -> bool {
        // `api.auth` holds settings of the clients.
        key != "auth" && self.weigh(key) >= Weight::Weak
    }

    /// Returns a word of each name that somebody lists, by which it is found in a text; an empty
    /// one where a pattern has none.
    pub(super) fn words_to_find(&self) -> impl Iterator<Item = &str> {
        let parts = self.patterns.iter().map(|pattern| longest(pattern.split(['*', '?'])));
        // A blank of a name is folded as other separators are: a whole word finds it.
        self.listed.iter().map(String::as_str).chain(parts).map(|name| longest(name.split('_')))
    }

    fn is_listed(&self, folded: &str) -> bool {
        LISTED.contains(&folded)
            || self.listed.binary_search_by(|listed| listed.as_str().cmp(folded)).is_ok()
            || self.patterns.iter().any(|pattern| matches(pattern.as_bytes(), folded.as_bytes()))
    }
}

/// Weighs a name in lower case with `_` between its words.
fn weigh_words(words: &str) -> Weight {
    // `MY_TOKEN_2` is one of several.
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut from_last = words.rsplit('_').skip_while(|word| is_number(word));
    let last = from_last.next().unwrap_or_default();
    let before = from_last.next();
    let weight = if holds_strong_part(words.as_bytes()) {
        Weight::Strong
    } else if WEAK_WORDS.contains(&last.trim_end_matches(|c: char| c.is_ascii_digit())) {
        match before {
            Some(before) if HARMLESS_BEFORE.contains(&before) => Weight::None,
            Some(_) if matches!(last, "pass" | "pwd") => Weight::Strong,
            _ => Weight::Weak,
        }
    } else if words.split('_').any(|word| word == "token") {
        Weight::Faint
    } else {
        Weight::None
    };
    if ABOUT.contains(&last) { weight.min(Weight::Faint) } else { weight }
}

/// Whether a name holds one of [`STRONG`], the characters between its words aside.
fn holds_strong_part(words: &[u8]) -> bool {
    let begins = |rest: &[u8], part: &str| {
        let mut letters = rest.iter().filter(|byte| **byte != b'_');
        part.bytes().all(|byte| letters.next() == Some(&byte))
    };
    (0..words.len()).any(|place| {
        let rest = words.get(place..).unwrap_or_default();
        let first = rest.first().copied();
        STRONG.iter().any(|part| part.bytes().next() == first && begins(rest, part))
    })
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

/// Returns a name as names are compared: in lower case, `_` for `-`, `.` and blanks.
fn folded(name: &str) -> String {
    let name = name.trim().chars().map(|character| match character {
        '-' | '.' | ' ' => '_',
        _ => character.to_ascii_lowercase(),
    });
    name.collect()
}

/// Returns a name folded, with `_` where a capital letter begins a word, too.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut is_after_small = false;
    for character in name.trim().chars() {
        if character.is_ascii_uppercase() && is_after_small {
            words.push('_');
        }
        is_after_small = character.is_ascii_lowercase() || character.is_ascii_digit();
        match character {
            '-' | '.' | ' ' => words.push('_'),
            _ => words.push(character.to_ascii_lowercase()),
        }
    }
    words
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
