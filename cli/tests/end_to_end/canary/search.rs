//! Looks for secrets in a text, in each spelling that a program could give them.

use std::{collections::HashMap, fmt::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::seeds::{percent, quoted};

/// Bytes by which a secret is looked up: no spelling of one is shorter.
const WINDOW: usize = 8;

/// The spellings of all secrets.
pub(super) struct Search {
    /// The secret's number, its spelling and how that is called, by how the spelling begins.
    needles: HashMap<Vec<u8>, Vec<(usize, String, &'static str)>>,
}

impl Search {
    pub(super) fn new(secrets: &[String]) -> Self {
        let mut needles = HashMap::<_, Vec<_>>::new();
        for (number, secret) in secrets.iter().enumerate() {
            for (spelled, how) in spellings(secret) {
                let begins = spelled.as_bytes()[..WINDOW].to_vec();
                needles.entry(begins).or_default().push((number, spelled, how));
            }
        }
        Self { needles }
    }

    /// Returns the secrets that are in a text, with the command that showed each.
    pub(super) fn found(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for run in text.split("\n$ ") {
            let command = run.lines().next().unwrap_or_default();
            let bytes = run.as_bytes();
            for (place, begins) in bytes.windows(WINDOW).enumerate() {
                for (number, spelled, how) in self.needles.get(begins).into_iter().flatten() {
                    if bytes[place..].starts_with(spelled.as_bytes()) {
                        found.push(format!("number {number}, {how}, by {command}"));
                    }
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

/// Returns all ways in which a secret could be shown.
pub(super) fn spellings(secret: &str) -> Vec<(String, &'static str)> {
    let json = quoted(secret);
    let json = json.trim_matches('"');
    let mut spellings = vec![
        (secret.to_owned(), "plain"),
        (json.to_owned(), "JSON-escaped"),
        (json.replace('/', "\\/"), "JSON-escaped"),
        (ascii(json), "JSON-escaped"),
        (percent(secret), "percent-encoded"),
        (percent(secret).replace("%20", "+"), "percent-encoded"),
        (percent(secret).replace('~', "%7E"), "percent-encoded"),
        (hex(secret), "in hex"),
        (hex(secret).to_uppercase(), "in hex"),
        (secret.escape_debug().to_string(), "as Rust spells it"),
    ];
    for shift in 0..3 {
        spellings.push((base64(secret, shift), "in base64"));
        spellings.push((base64_url(&base64(secret, shift)), "in base64"));
    }
    spellings.extend(secret.lines().map(|line| (line.to_owned(), "a line of it")));
    spellings
}

/// Spells with `\u` what is not ASCII, as Python's `json` does.
fn ascii(text: &str) -> String {
    text.chars().fold(String::new(), |mut spelled, letter| {
        if letter.is_ascii() {
            spelled.push(letter);
        } else {
            write!(spelled, "\\u{:04x}", u32::from(letter)).unwrap();
        }
        spelled
    })
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut spelled, byte| {
        write!(spelled, "{byte:02x}").unwrap();
        spelled
    })
}

/// Returns what of a secret's base64 does not depend on its surroundings, behind so many bytes.
fn base64(secret: &str, shift: usize) -> String {
    let encoded = STANDARD.encode([&[0; 2][..shift], secret.as_bytes()].concat());
    let (first, last) = ((shift * 8).div_ceil(6), (shift + secret.len()) * 8 / 6);
    encoded[first..last].to_owned()
}

fn base64_url(encoded: &str) -> String {
    encoded.replace('+', "-").replace('/', "_")
}
