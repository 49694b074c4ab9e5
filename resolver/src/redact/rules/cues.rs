//! The texts by which a rule is called.

use super::super::{names::Names, search::Cues};

/// Parts of names of secrets, of header names, and the beginnings of tokens that tell who issued
/// them.
const PARTS: &[&str] = &[
    "pass",
    "secret",
    "token",
    "credential",
    "authoriz",
    "cookie",
    "bearer",
    "signature",
    "private",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "access-key",
    "access.key",
    "accountkey",
    "account_key",
    "storagekey",
    "storage_key",
    "signing",
    "encryption",
    "master_key",
    "connectionstring",
    "connection_string",
    "sasurl",
    "sas_url",
    "from-literal",
    "hooks.",
    "webhook",
    "telegram",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xapp-",
    "eyjh",
    "eyja",
    "aiza",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "ghr_",
    "curl ",
];

/// Short names, which call a rule if something follows that a value may follow.
const SHORT_NAMES: &[&str] = &["key", "pat", "pwd", "auth", "sig"];

/// What may follow a short name.
const BEHIND_SHORT_NAMES: &[char] =
    &['=', ':', '"', '\'', '\\', ' ', '\t', ']', '>', '%', '\u{1b}', '+', '1', '2', '3'];

/// Beginnings of tokens that are too short by themselves.
const SHORT_BEGINNINGS: &[&str] = &["hf_", "sk-"];

/// Returns all cues, those of the names that somebody lists included.
pub(super) fn cues(names: &Names) -> Cues {
    let parts = PARTS.iter().map(ToString::to_string);
    let short_names = SHORT_NAMES
        .iter()
        .flat_map(|name| BEHIND_SHORT_NAMES.iter().map(move |behind| format!("{name}{behind}")));
    let letters = ('a'..='z').chain('0'..='9');
    let beginnings = SHORT_BEGINNINGS
        .iter()
        .flat_map(|beginning| letters.clone().map(move |letter| format!("{beginning}{letter}")));
    let listed = names.words_to_find().map(ToOwned::to_owned);
    Cues::new(parts.chain(short_names).chain(beginnings).chain(listed))
}
