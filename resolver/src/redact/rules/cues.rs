//! The texts by which a rule is called.
//!
//! # Why
//! What a text is full of, as `pass` and `acc`, would call for a closer look at every turn, so a
//! cue begins within its word where that is rarer: `ssword` for `password`. A short word needs what
//! stands around it.

use std::sync::{Arc, LazyLock};

use super::super::{
    names::Names,
    search::{ByteSet, Cue, Cues, GROUPS},
};

/// What may stand before a value, or begin the number of a name such as `KEY2`.
const BEHIND: &ByteSet = &BEHIND_VALUE;
const BEHIND_VALUE: ByteSet = ByteSet::of(b"=:+\"'\\ \t]>%\x1B\n\r0123456789");

/// What may stand behind `key`: it is a word in the middle of names, too, and at the end of the line
/// that a private key begins with.
const BEHIND_KEY: &ByteSet = &BEHIND_VALUE.and(b"_-");

/// What may stand before a word in a name, or before a name; a colour ends in `m`.
const BEFORE: &ByteSet = &ByteSet::of(b"_-. \"'`?&=:/;,{([<|@$\n\r\tm\0");

/// What a parameter of a URL begins behind.
const QUERY: &ByteSet = &ByteSet::of(b"?&;");

/// What a token goes on with.
const TOKEN: &ByteSet = &ByteSet::of(b"_-").and_alphanumeric();

/// How many listed names are found by cues.
const MOST_LISTED: usize = Cues::MOST;

/// Parts of names of secrets and of headers, and the beginnings of tokens that tell who issued
/// them.
///
/// Grouped so that the four letters from where it is sieved, each taken from any cue of a group,
/// spell little else: counted in logs, Python and prose, and moved about as long as that helped.
static GROUPED: [&[Cue<'_>]; GROUPS] = [
    &[
        value("token").sieved_from(2),
        Cue::new("sig=").behind_one_of(QUERY),
        value("auth").sieved_from(1),
        Cue::new("eyj0e"),
    ],
    &[
        Cue::new("ghu_"),
        Cue::new("tkey"),
        Cue::new("ikey"),
        Cue::new("gekey").sieved_from(1),
        Cue::new("gkey"),
        Cue::new("nkey"),
        Cue::new("rkey"),
        Cue::new("ghs_"),
        Cue::new("redis-cl").sieved_from(2),
        Cue::new("mysql"),
        Cue::new("k_live_").sieved_from(3),
    ],
    &[
        beginning("sk-"),
        word("pwd"),
        Cue::new("sword"),
        Cue::new("sswd").sieved_from(1),
        Cue::new("scode"),
        Cue::new("sskey"),
        Cue::new("hvs.").sieved_from(1),
    ],
    &[
        value("pass"),
        word("pat"),
        Cue::new("sasurl"),
        Cue::new("sas_url"),
        Cue::new("aizasy").sieved_from(2),
        Cue::new("hub_pat_").sieved_from(4),
        Cue::new("glpat-").sieved_from(2),
        Cue::new("nature"),
    ],
    &[
        beginning("hf_"),
        Cue::new("gho_").sieved_from(1),
        Cue::new("ssphrase").sieved_from(3),
        Cue::new("bhook").sieved_from(1),
        Cue::new("hooks."),
        Cue::new("ghr_").sieved_from(1),
        Cue::new("xoxb-"),
        Cue::new("xoxp-"),
        Cue::new("xoxa-"),
        Cue::new("xapp-"),
    ],
    &[
        Cue::new("-literal").sieved_from(4),
        Cue::new("ecret"),
        Cue::new("curl "),
        Cue::new("eyjhb"),
        Cue::new("bearer").sieved_from(1),
    ],
    &[
        Cue::new("cookie").sieved_from(2),
        Cue::new("egram").sieved_from(1),
        Cue::new("redential").sieved_from(4),
        Cue::new("horiz").sieved_from(1),
        Cue::new("login ").sieved_from(2),
        Cue::new("twine ").sieved_from(1),
        Cue::new("nvapi-"),
    ],
    &[
        Cue::new("key").before_one_of(BEHIND_KEY),
        Cue::new("ghp_"),
        Cue::new("npm_"),
        Cue::new("pypi-age").sieved_from(1),
    ],
];

/// Returns the cues that there are without anybody's list.
pub(super) fn cues() -> Arc<Cues> {
    static GENERAL: LazyLock<Arc<Cues>> = LazyLock::new(|| Arc::new(Cues::new(general())));
    Arc::clone(&GENERAL)
}

/// Returns the cues of the names that somebody lists, if there are some.
pub(super) fn listed_cues(names: &Names) -> Option<Cues> {
    let mut words: Vec<_> = names.words_to_find().collect();
    words.sort_unstable();
    words.dedup();
    let cues: Vec<_> = words.into_iter().map(listed).collect();
    (!cues.is_empty()).then(|| Cues::of_sorted(&cues))
}

fn general<'a>() -> impl Iterator<Item = (usize, &'a Cue<'a>)> {
    let groups = GROUPED.iter().enumerate();
    groups.flat_map(|(group, cues)| cues.iter().map(move |cue| (group, cue)))
}

/// Whether some listed names cannot be found by a cue, so that each separator has to be looked at:
/// they are too short, or too many.
pub(super) fn are_beyond_cues(names: &Names) -> bool {
    let shortest = names.words_to_find().map(str::len).min();
    shortest.is_some_and(|length| length < 3) || names.words_to_find().nth(MOST_LISTED).is_some()
}

/// A word of a listed name.
fn listed(text: &str) -> Cue<'_> {
    match text.len() {
        ..=3 => word(text),
        4 => value(text),
        _ => Cue::new(text),
    }
}

/// A word that calls a rule if something follows that a value may follow.
const fn value(text: &str) -> Cue<'_> {
    Cue::new(text).before_one_of(BEHIND)
}

/// A word that does if something stands before it, too, that no word goes on with.
const fn word(text: &str) -> Cue<'_> {
    value(text).behind_one_of(BEFORE)
}

/// The beginning of a token that is too short by itself.
const fn beginning(text: &str) -> Cue<'_> {
    Cue::new(text).behind_one_of(BEFORE).before_one_of(TOKEN)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::{super::super::Hidden, *};

    const PARTS: &[&str] = &[
        "password",
        "PASSWD",
        "secret",
        "Token",
        "key",
        "KEY-----",
        "auth",
        "pwd",
        "pat",
        "pass",
        "credential",
        "signature",
        "authorization",
        "curl ",
        "hf_",
        "sk-",
        "ghp_",
        "xoxb-",
        "sig",
        "cookie",
        "bearer",
        "telegram",
        "webhook",
        "api",
        "LISTED",
        "x_",
        "=",
        ":",
        " ",
        "\"",
        "_",
        "-",
        ".",
        "?",
        "a",
        "7",
        "\n",
        "é",
        "s",
        "ss",
    ];

    proptest! {
        #[test]
        fn each_cue_of_a_text_is_found(parts in vec(select(PARTS), 0..60), padding in 0..130_usize) {
            let mut hidden = Hidden::default();
            hidden.add_name("LISTED");
            let text = ".".repeat(padding) + &parts.concat();
            let mut places = Vec::new();
            let listed_cues = listed_cues(&Names::new(&hidden, None)).unwrap();
            for cues in [&cues(), &listed_cues] {
                cues.for_each_few(text.as_bytes(), |few| places.extend(few.drain()));
            }
            let listed = listed("listed");
            let all = || general().map(|(_, cue)| cue).chain([&listed]);
            for place in 0..text.len() {
                let is_cue = all().any(|cue| cue.is_at(text.as_bytes(), place));
                // One of several that overlap is enough: all stand in one name.
                let is_found = places.iter().any(|found| found.abs_diff(place) < 8);
                prop_assert!(!is_cue || is_found, "{text:?} at {place}");
                prop_assert!(is_cue || !places.contains(&place), "{text:?} at {place}");
            }
        }
    }
}
