//! The texts by which a rule is called.
//!
//! # Why
//! The search knows a cue by its first three runs of three bytes. Those that prose is full of, as
//! `acc` and `pas`, would call for a closer look at every turn, so a cue begins within its word
//! where that is rarer: `ssword` for `password`. A short word needs what stands around it.

use super::super::{names::Names, search::Cues};

/// Parts of names of secrets and of headers, and the beginnings of tokens that tell who issued
/// them.
const PARTS: &[&str] = &[
    "ssword",
    "asswd",
    "ssphrase",
    "sscode",
    "ecret",
    "redential",
    "authoriz",
    "cookie",
    "bearer",
    "gnature",
    "sskey",
    "ntkey",
    "pikey",
    "gekey",
    "ngkey",
    "onkey",
    "tekey",
    "erkey",
    "key-----",
    "sasurl",
    "sas_url",
    "m-literal",
    "hooks.",
    "ebhook",
    "elegram",
    "curl ",
    "?sig=",
    "&sig=",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xapp-",
    "aizasy",
    "eyjhb",
    "eyj0e",
];

/// Words that call a rule if something follows that a value may follow.
const WORDS: &[&str] = &["token", "auth", "pass"];

/// Words of three letters that do if something stands before them, too, that no word goes on with.
const SHORT_WORDS: &[&str] = &["key", "pwd"];

/// What may stand before a value, or begin the number of a name such as `KEY2`.
const BEHIND: &[char] =
    &['=', ':', '"', '\'', '\\', ' ', ']', '>', '%', '\u{1b}', '\n', '\r', '1', '2', '3'];

/// What may stand before a word in a name, or before a name.
const BEFORE: &[char] = &[
    '_', '-', '.', ' ', '"', '\'', '?', '&', '=', ':', '/', ';', ',', '{', '(', '<', '\n', '\r',
    '\t', 'm',
];

/// Beginnings of tokens that are too short by themselves.
const BEGINNINGS: &[&str] = &["hf_", "sk-", "ghp_", "gho_", "ghs_", "ghu_", "ghr_"];

/// Returns all cues, those of the names that somebody lists included.
pub(super) fn cues(names: &Names) -> Cues {
    let parts = PARTS.iter().map(ToString::to_string);
    let words = WORDS.iter().flat_map(|word| before_value(word));
    let short_words = SHORT_WORDS.iter().flat_map(|word| within(word));
    let letters = ('a'..='z').chain('0'..='9');
    let beginnings = BEGINNINGS.iter().flat_map(|beginning| {
        let whole = letters.clone().map(move |letter| format!("{beginning}{letter}"));
        let is_long = beginning.len() + 1 >= Cues::SHORTEST;
        whole.flat_map(move |whole| if is_long { vec![whole] } else { behind_each(&whole) })
    });
    let listed = names.words_to_find().flat_map(|word| match word.len() {
        ..3 => Vec::new(),
        3 => within(word),
        4 => before_value(word),
        _ => vec![word.to_owned()],
    });
    Cues::new(parts.chain(words).chain(short_words).chain(beginnings).chain(listed))
}

/// Whether a listed name cannot be found by a cue, so that each separator has to be looked at.
pub(super) fn is_too_short(word: &str) -> bool {
    word.len() < 3
}

fn before_value(word: &str) -> Vec<String> {
    BEHIND.iter().map(|behind| format!("{word}{behind}")).collect()
}

fn behind_each(word: &str) -> Vec<String> {
    BEFORE.iter().map(|before| format!("{before}{word}")).collect()
}

fn within(word: &str) -> Vec<String> {
    before_value(word).iter().flat_map(|word| behind_each(word)).collect()
}
