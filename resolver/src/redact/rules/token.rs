//! Secrets that tell by themselves what they are: private keys, tokens with an issuer's mark.

use std::ops::Range;

use memchr::memmem;

use super::{
    super::shape::looks_random,
    Finder, Style,
    bytes::{byte_at, is_line_end, line_end, skip_blanks},
};

/// What tokens begin with, in lower case, and how many characters they have at least.
const BEGINNINGS: &[(&str, usize)] = &[
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("ghu_", 36),
    ("ghr_", 36),
    ("github_pat_", 40),
    ("glpat-", 20),
    ("npm_", 36),
    ("pypi-ageichlwas5vcmc", 40),
    ("hvs.", 24),
    ("nvapi-", 40),
    ("sk_live_", 24),
    ("rk_live_", 24),
    ("xoxb-", 24),
    ("xoxp-", 24),
    ("xoxa-", 24),
    ("xapp-", 24),
    ("hf_", 30),
    ("sk-", 24),
    ("aiza", 35),
    ("eyjh", 40),
    ("eyja", 40),
];

/// The shortest of them, in characters.
const SHORTEST_TOKEN: usize = 20;

/// A beginning of so many characters is no other word's.
const SURE_BEGINNING: usize = 4;

/// How far before `KEY-----` the line of a private key begins, in bytes.
const KEY_KIND_BYTES: usize = 40;

/// The longest private key, in lines: RSA with 16,384 bits has 200.
const KEY_LINES: u16 = 256;

/// The shortest token that is told by the word `bearer` before it, in bytes.
const BEARER_BYTES: usize = 16;

impl Finder<'_, '_> {
    /// Masks the word behind `Bearer`.
    pub(super) fn look_at_bearer(&mut self, run: &Range<usize>) {
        let place = skip_blanks(self.text, run.end);
        let rest = self.text.get(place..).unwrap_or_default();
        let is_token = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
        let length = rest.iter().take_while(is_token).count();
        let token = rest.get(..length).unwrap_or_default();
        let is_secret = looks_random(token)
            || length >= BEARER_BYTES
            || self.style == Style::Command && length > 0;
        if place > run.end && is_secret {
            self.spans.add(place..place + length);
        }
    }

    /// Masks the private key that begins behind a line that ends in a run.
    pub(super) fn look_at_private_key(&mut self, run: &Range<usize>) {
        let before = self.text.get(run.start.saturating_sub(KEY_KIND_BYTES)..run.start);
        let before = before.unwrap_or_default();
        let line = before.rsplit(|byte| is_line_end(*byte)).next().unwrap_or_default();
        if line.ends_with(b"PRIVATE ") && memmem::find(line, b"-----BEGIN ").is_some() {
            self.memory.carry.key_lines = KEY_LINES;
            self.mask_key_lines(run.end);
        }
    }

    /// Masks the lines of a private key from a place on, each by itself, so that they stay lines.
    pub(super) fn mask_key_lines(&mut self, mut place: usize) {
        while self.memory.carry.key_lines > 0 && place < self.text.len() {
            let end = line_end(self.text, place);
            let line = self.text.get(place..end).unwrap_or_default();
            if let Some(length) = memmem::find(line, b"-----END") {
                self.spans.add(place..place + length);
                self.memory.carry.key_lines = 0;
                return;
            }
            self.spans.add(place..end);
            self.memory.carry.key_lines -= u16::from(byte_at(self.text, end) == b'\n');
            place = end + 1;
        }
    }
}

/// Whether a run of name characters is a token that begins with its issuer's mark.
pub(super) fn is_token(run: &[u8]) -> bool {
    run.len() >= SHORTEST_TOKEN
        && BEGINNINGS.iter().any(|(beginning, least)| {
            let begun = run.get(..beginning.len()).unwrap_or_default();
            begun.eq_ignore_ascii_case(beginning.as_bytes())
                && run.len() >= *least
                && (beginning.len() >= SURE_BEGINNING || looks_random(run))
        })
}

/// Whether a text that goes on may be such a token.
pub(super) fn may_begin_token(text: &str) -> bool {
    BEGINNINGS.iter().any(|(beginning, _)| {
        let length = beginning.len().min(text.len());
        length >= 3
            && text.get(..length).is_some_and(|begun| {
                beginning.get(..length).is_some_and(|all| begun.eq_ignore_ascii_case(all))
            })
    })
}
