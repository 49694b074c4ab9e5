//! How surely a name is that of a secret, by its words.

use super::word_set::WordSet;

/// Names that are secret whatever they hold: those that clearml-agent 3.0.3 hides
/// (`helper/docker_args.py`), which the web UI's defaults are among, and those that users put in
/// arguments most.
static LISTED: WordSet<15> = WordSet::new([
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
]);

/// What no name holds but that of a secret, without the characters between words.
static STRONG: WordSet<23> = WordSet::new([
    "accesskey",
    "accesstoken",
    "accountkey",
    "apikey",
    "apitoken",
    "authorization",
    "authtoken",
    "connectionstring",
    "credential",
    "encryptionkey",
    "identitytoken",
    "masterkey",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "refreshtoken",
    "sastoken",
    "sasurl",
    "secret",
    "sessiontoken",
    "signingkey",
    "storagekey",
]);

/// Last words of names that are secrets' in commands, and other things' in prose.
static WEAK: WordSet<8> =
    WordSet::new(["auth", "cookie", "key", "pass", "pat", "pwd", "signature", "token"]);

/// What every name holds, without the characters between words, that is of interest at all.
static OF_INTEREST: WordSet<30> = WordSet::new([
    "accesskey",
    "accesstoken",
    "accountkey",
    "apikey",
    "apitoken",
    "auth",
    "authorization",
    "authtoken",
    "connectionstring",
    "cookie",
    "credential",
    "encryptionkey",
    "key",
    "masterkey",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "pat",
    "privatekey",
    "pwd",
    "refreshtoken",
    "sastoken",
    "sasurl",
    "secret",
    "sessiontoken",
    "signature",
    "signingkey",
    "storagekey",
    "token",
]);

/// Words before a weak one that make a name one of machine learning or databases: `pad_token`,
/// `primary_key`, `forward_pass`.
static HARMLESS_BEFORE: WordSet<69> = WordSet::new([
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
]);

/// Last words of names that only speak about a secret: `token_expiration_threshold_sec`,
/// `--password-stdin`.
static ABOUT: WordSet<22> = WordSet::new([
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
]);

/// A name up to this length is weighed without memory of its own, in bytes: nearly all are.
const SHORT: usize = 64;

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

impl Weight {
    /// Weighs a name of which it is not known that somebody lists it.
    pub(super) fn of(name: &[u8]) -> Self {
        let name = name.trim_ascii();
        if name.len() <= SHORT {
            let (mut letters, mut words) = ([0; SHORT], [0; 2 * SHORT]);
            Self::of_folded(name, &mut letters, &mut words)
        } else {
            let (mut letters, mut words) = (vec![0; name.len()], vec![0; 2 * name.len()]);
            Self::of_folded(name, &mut letters, &mut words)
        }
    }

    fn of_folded(name: &[u8], letters: &mut [u8], words: &mut [u8]) -> Self {
        let letters = fold_letters(name, letters);
        if !OF_INTEREST.is_in(letters) {
            return Self::None;
        }
        let words = fold_words(name, words);
        match name {
            // The shell's working directory.
            b"PWD" => Self::None,
            _ if LISTED.holds(words) => Self::Certain,
            _ => of_words(words, letters),
        }
    }
}

/// Weighs a name in lower case, with `_` between its words and without.
fn of_words(words: &[u8], letters: &[u8]) -> Weight {
    let words = || words.split(|byte| *byte == b'_');
    // `MY_TOKEN_2` is one of several.
    let mut from_last = words().rev().skip_while(|word| word.iter().all(u8::is_ascii_digit));
    let last = from_last.next().unwrap_or_default();
    let before = from_last.next();
    let weight = if STRONG.is_in(letters) {
        Weight::Strong
    } else if WEAK.holds(without_number(last)) {
        match before {
            Some(before) if HARMLESS_BEFORE.holds(before) => Weight::None,
            Some(_) if matches!(last, b"pass" | b"pwd") => Weight::Strong,
            _ => Weight::Weak,
        }
    } else if words().any(|word| word == b"token") {
        Weight::Faint
    } else {
        Weight::None
    };
    if ABOUT.holds(last) { weight.min(Weight::Faint) } else { weight }
}

fn without_number(word: &[u8]) -> &[u8] {
    let digits = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    word.get(..word.len() - digits).unwrap_or_default()
}

/// Writes a name in lower case, without what stands between its words; returns what is written.
fn fold_letters<'a>(name: &[u8], to: &'a mut [u8]) -> &'a [u8] {
    let mut length = 0;
    for byte in name {
        let folded = folded_byte(*byte);
        write(to, length, folded);
        length += usize::from(folded != b'_');
    }
    to.get(..length).unwrap_or_default()
}

/// Writes a name in lower case, with `_` between its words, also where a capital letter begins one;
/// returns what is written, which is at most twice as long.
fn fold_words<'a>(name: &[u8], to: &'a mut [u8]) -> &'a [u8] {
    let mut length = 0;
    let mut is_after_small = false;
    for byte in name {
        write(to, length, b'_');
        length += usize::from(is_after_small && byte.is_ascii_uppercase());
        write(to, length, folded_byte(*byte));
        length += 1;
        is_after_small = byte.is_ascii_lowercase() || byte.is_ascii_digit();
    }
    to.get(..length).unwrap_or_default()
}

fn write(to: &mut [u8], place: usize, byte: u8) {
    if let Some(place) = to.get_mut(place) {
        *place = byte;
    }
}

/// Returns a character of a name as names are compared: in lower case, `_` for `-`, `.` and blanks.
pub(super) fn folded_byte(byte: u8) -> u8 {
    match byte {
        b'-' | b'.' | b' ' => b'_',
        _ => byte.to_ascii_lowercase(),
    }
}
