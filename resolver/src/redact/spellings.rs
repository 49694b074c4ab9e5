//! The spellings in which a secret turns up: as it is, in base64, in URLs, in quoted strings, in
//! hexadecimal digits.

use std::fmt::Write;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::search::{Literal, SHORTEST};

/// The longest stretch that is searched for as one, in bytes. A longer secret is searched for in
/// pieces, so that a part of it is found, too, and a stream holds little back.
pub(super) const LONGEST: usize = 64;

/// How long the pieces are, in bytes; the last takes what would be too short for one more.
const PIECE: usize = 40;

/// What RFC 3986 lets stand as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What else JavaScript's `encodeURIComponent` lets stand.
const COMPONENT: &AsciiSet =
    &UNRESERVED.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');

/// What else Python's `urllib.parse.quote` lets stand.
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// Adds all spellings of one line of a secret.
pub(super) fn add_spellings(secret: &str, literals: &mut Vec<Literal>) {
    let mut spellings = vec![secret.to_owned()];
    add_url_spellings(secret, &mut spellings);
    add_quoted_spellings(secret, &mut spellings);
    spellings.sort_unstable();
    spellings.dedup();
    for spelling in &spellings {
        add_pieces(spelling.as_bytes(), false, literals);
    }
    add_pieces(hexadecimal(secret).as_bytes(), false, literals);
    for skipped in 0..3 {
        add_pieces(&base64_core(&STANDARD_NO_PAD, secret, skipped), true, literals);
        add_pieces(&base64_core(&URL_SAFE_NO_PAD, secret, skipped), true, literals);
    }
}

/// Adds one line of a secret as it is.
pub(super) fn add_plain(secret: &str, literals: &mut Vec<Literal>) {
    add_pieces(secret.as_bytes(), false, literals);
}

fn add_url_spellings(secret: &str, spellings: &mut Vec<String>) {
    if secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return;
    }
    for set in [NON_ALPHANUMERIC, UNRESERVED, COMPONENT, PATH] {
        let spelling = utf8_percent_encode(secret, set).to_string();
        let lower = lower_hexadecimal(&spelling);
        spellings.extend([
            spelling.replace("%20", "+"),
            lower.replace("%20", "+"),
            // A URL in a parameter of another one.
            spelling.replace('%', "%25"),
            lower.replace('%', "%25"),
            spelling,
            lower,
        ]);
    }
}

/// Returns a secret in hexadecimal digits: in small ones, as Python's `bytes.hex` and `xxd -p`.
fn hexadecimal(secret: &str) -> String {
    let mut digits = String::with_capacity(2 * secret.len());
    for byte in secret.bytes() {
        write!(digits, "{byte:02x}").expect("a string takes all");
    }
    digits
}

/// Returns a percent-encoded text with its hexadecimal digits in lower case.
fn lower_hexadecimal(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut lower = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(2.min(part.len()));
        lower.push('%');
        lower.push_str(&digits.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}

/// Adds what stands between the quotes of JSON, Python, a shell and HTML.
fn add_quoted_spellings(secret: &str, spellings: &mut Vec<String>) {
    let has_special = |character: char| !character.is_ascii() || character.is_ascii_control();
    if !secret.contains(|character| has_special(character) || "\"'\\/<>&".contains(character)) {
        return;
    }
    let json = escaped(secret, |character| matches!(character, '"' | '\\'));
    spellings.push(json.replace('/', "\\/"));
    spellings.push(ascii_only(&json, |code| format!("\\u{code:04x}")));
    spellings.push(ascii_only(&json, |code| format!("\\u{code:04X}")));
    // As Go's encoding/json, which kubectl and docker print with.
    let html_safe = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    spellings.push(html_safe);
    // A document in a text of another one.
    spellings.push(escaped(&json, |character| matches!(character, '"' | '\\')));
    spellings.push(json);
    spellings.push(escaped(secret, |character| matches!(character, '\'' | '\\')));
    spellings.push(secret.replace('\'', "'\\''"));
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    spellings.push(html.replace('"', "&quot;").replace('\'', "&#39;"));
    spellings.push(html.replace('"', "&#34;").replace('\'', "&#x27;"));
}

/// Puts a backslash before some characters, and spells control characters by their escapes.
fn escaped(secret: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut text = String::with_capacity(secret.len() + 8);
    for character in secret.chars() {
        match character {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            character if character.is_ascii_control() => {
                write!(text, "\\u{:04x}", u32::from(character)).expect("a string takes all");
            }
            character => {
                if is_escaped(character) {
                    text.push('\\');
                }
                text.push(character);
            }
        }
    }
    text
}

/// Spells what is not ASCII by the escapes of its UTF-16 codes.
fn ascii_only(text: &str, spell: impl Fn(u16) -> String) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            let mut codes = [0; 2];
            ascii.extend(character.encode_utf16(&mut codes).iter().map(|code| spell(*code)));
        }
    }
    ascii
}

/// Returns the characters of base64 that tell nothing but the secret, when as many bytes modulo 3
/// stand before it.
fn base64_core(engine: &impl Engine, secret: &str, bytes_before: usize) -> Vec<u8> {
    let mut bytes = vec![0; bytes_before];
    bytes.extend_from_slice(secret.as_bytes());
    let encoded = engine.encode(&bytes).into_bytes();
    // A character holds six bits: the first ones hold some of the bytes before, too.
    let first = (bytes_before * 8).div_ceil(6);
    let last = bytes.len() * 8 / 6;
    encoded.get(first..last).unwrap_or_default().to_vec()
}

/// Adds one spelling, in pieces if it is long. One that is too short to be told from other text
/// is left out.
fn add_pieces(spelling: &[u8], has_partial_ends: bool, literals: &mut Vec<Literal>) {
    let mut rest = spelling;
    while rest.len() >= SHORTEST {
        let length = if rest.len() <= LONGEST { rest.len() } else { PIECE };
        let (piece, behind) = rest.split_at(length);
        literals.push(Literal { bytes: piece.into(), has_partial_ends });
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(secret: &str, text: &str) -> bool {
        let mut literals = Vec::new();
        add_spellings(secret, &mut literals);
        literals
            .iter()
            .any(|literal| memchr::memmem::find(text.as_bytes(), &literal.bytes).is_some())
    }

    #[test]
    fn a_secret_is_found_as_other_programs_spell_it() {
        for (secret, text) in [
            ("hunter2", "x hunter2 y"),
            ("a/b+c d=e", "a%2Fb%2Bc%20d%3De"),
            ("a/b+c d=e", "a%2fb%2bc+d%3de"),
            ("a/b+c d=e", "a/b%2Bc%20d%3De"),
            ("it's (me)!", "it's%20(me)!"),
            ("quo\"te\\d/x", "{\"p\":\"quo\\\"te\\\\d/x\"}"),
            ("quo\"te\\d/x", "quo\\\"te\\\\d\\/x"),
            ("pässwörd\t1", "p\\u00e4ssw\\u00f6rd\\t1"),
            ("pässwörd\t1", "p\\u00E4ssw\\u00F6rd\\t1"),
            ("a<b>&c'd", "a\\u003cb\\u003e\\u0026c'd"),
            ("a<b>&c'd", "a&lt;b&gt;&amp;c&#39;d"),
            ("a<b>&c'd", "a<b>&c'\\''d"),
            ("a<b>&c'd", "a<b>&c\\'d"),
            ("a/b+c d=e", "u=https%3A%2F%2Fh%2F%3Fp%3Da%252Fb%252Bc%2520d%253De"),
            ("a/b+c", "a%252fb%252bc"),
            ("quo\"te\\d", "{\\\"p\\\":\\\"quo\\\\\\\"te\\\\\\\\d\\\"}"),
            ("hunter2", "68756e74657232"),
            ("h\u{f6}rse-7", "68c3b67273652d37"),
        ] {
            assert!(is_found(secret, text), "{secret} in {text}");
        }
    }

    #[test]
    fn a_secret_is_found_in_base64_at_each_alignment() {
        for secret in ["hunter", "hunter2", "s3cr3t/VALUE?~", "ÿÿÿÿ>>>"] {
            for (before, after) in [("", ""), ("u", ":"), ("us", "::"), ("use", "x"), ("user", "")]
            {
                let plain = format!("{before}{secret}{after}");
                for encoded in [STANDARD_NO_PAD.encode(&plain), URL_SAFE_NO_PAD.encode(&plain)] {
                    assert!(is_found(secret, &encoded), "{secret} in {encoded}");
                }
            }
        }
    }

    #[test]
    fn a_long_secret_is_found_in_pieces() {
        let secret = "0123456789".repeat(30);
        let mut literals = Vec::new();
        add_pieces(secret.as_bytes(), false, &mut literals);
        assert!(literals.iter().all(|literal| (SHORTEST..=LONGEST).contains(&literal.bytes.len())));
        assert_eq!(literals.iter().map(|literal| literal.bytes.len()).sum::<usize>(), 300);
    }
}
