//! What the shape of a value tells: an ordinary word, or something that nobody could guess.

/// Words and signs that stand where a secret could, and are none.
const LITERALS: &[&str] = &[
    "",
    "0",
    "1",
    "\"\"",
    "''",
    "false",
    "hidden",
    "masked",
    "n/a",
    "nan",
    "nil",
    "no",
    "none",
    "null",
    "off",
    "on",
    "optional",
    "redacted",
    "required",
    "set",
    "true",
    "undefined",
    "unset",
    "yes",
];

/// Words that settings of any program hold.
const ORDINARY: &[&str] = &[
    "always",
    "client",
    "critical",
    "debug",
    "default",
    "development",
    "disable",
    "disabled",
    "enable",
    "enabled",
    "enforce",
    "error",
    "global",
    "ignore",
    "localhost",
    "manual",
    "master",
    "never",
    "normal",
    "offline",
    "online",
    "production",
    "public",
    "release",
    "server",
    "silent",
    "simple",
    "staging",
    "static",
    "strict",
    "testing",
    "training",
    "verbose",
    "warning",
];

/// The shortest part of a value that can look like a secret, in bytes.
const SHORTEST_RANDOM: usize = 8;

/// A value without digits must be longer.
const SHORTEST_LETTERS: usize = 16;

/// How much of a value is looked at, in bytes; what has no secret's shape by then has none.
const LOOKED_AT: usize = 128;

/// Numbers have to be this long to be searched for anywhere, in digits: shorter ones are counts,
/// ports and sizes.
const SHORTEST_NUMBER: usize = 8;

/// Whether a value stands for its own absence, or for a switch.
pub(super) fn is_literal(value: &[u8]) -> bool {
    let is_placeholder = value.starts_with(b"<") && value.ends_with(b">")
        || matches!(value, b"%s" | b"%r" | b"{}" | b"{}," | b"...");
    is_placeholder || is_switch(value)
}

/// Whether a value is one of the words for absence and for switches, or a mask.
pub(super) fn is_switch(value: &[u8]) -> bool {
    value.iter().all(|byte| *byte == b'*')
        || LITERALS.iter().any(|literal| value.eq_ignore_ascii_case(literal.as_bytes()))
}

/// Whether a value is a number, as a program prints it.
fn is_number(value: &[u8]) -> bool {
    let is_sign = |byte: &u8| matches!(byte, b'.' | b',' | b'-' | b'+' | b'e' | b'E' | b'%' | b'_');
    value.iter().any(u8::is_ascii_digit)
        && value.iter().all(|byte| byte.is_ascii_digit() || is_sign(byte))
}

/// Whether a value is a number that is too short for a secret.
pub(super) fn is_count(value: &[u8]) -> bool {
    is_number(value) && value.len() < SHORTEST_NUMBER
}

/// Whether a value is one that settings of any program hold: a switch, a short number, a word, a
/// path, an address. It would be masked in many places that have nothing to do with it.
pub(super) fn is_ordinary(value: &str) -> bool {
    let bytes = value.as_bytes();
    is_literal(bytes)
        || is_count(bytes)
        || ORDINARY.iter().any(|ordinary| value.eq_ignore_ascii_case(ordinary))
        || is_address(value) && !looks_random(bytes)
}

/// Whether a value is a path from the root or the home, in small letters as they are, or a URL
/// without a user.
fn is_address(value: &str) -> bool {
    let is_small = |byte: u8| !byte.is_ascii_uppercase() && byte != b'+';
    let is_path = value.starts_with('/') || value.starts_with("~/");
    is_path && value.bytes().all(is_small) || value.contains("://") && !value.contains('@')
}

/// Whether a part of a value looks as if a machine had drawn its characters: letters, digits and
/// cases change more often than in words, names and versions.
pub(super) fn looks_random(value: &[u8]) -> bool {
    let value = value.get(..LOOKED_AT).unwrap_or(value);
    value.len() >= SHORTEST_RANDOM
        && !value.starts_with(b"0x")
        && value.split(|byte| !byte.is_ascii_alphanumeric()).any(part_looks_random)
}

fn part_looks_random(part: &[u8]) -> bool {
    if part.len() < SHORTEST_RANDOM {
        return false;
    }
    let letters = part.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = part.len() - letters;
    let runs = runs(part);
    if digits == 0 {
        return part.len() >= SHORTEST_LETTERS && part.len() < 2 * runs;
    }
    // In random letters and digits a run is one or two characters long, in `ResNet50Model` three.
    letters >= 2 && part.len() * 2 <= runs * 5
}

/// Counts runs of one kind; a capital letter belongs to the small ones behind it.
fn runs(part: &[u8]) -> usize {
    let kind = |byte: &u8| match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        _ => 2,
    };
    let changes = part.windows(2).filter(|pair| match pair {
        [first, second] => kind(first) != kind(second) && (kind(first), kind(second)) != (1, 2),
        _ => false,
    });
    1 + changes.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_text_is_told_from_words_names_and_numbers() {
        for text in [
            "s3cr3tVALUE",
            "0therS3CR3T",
            "8f14e45fceea167a5a36dedd4bea2543",
            "x/K7MDENG3bP",
            "Tr0ub4dor&3",
            "sk-proj-a8Kd93LmQz7",
            "qRtYpLmNvBxZaWsE",
        ] {
            assert!(looks_random(text.as_bytes()), "{text}");
        }
        for text in [
            "hunter2",
            "layer4.conv1.weight",
            "ResNet50Model",
            "Llama2Chat",
            "2024-01-01T00:00:00Z",
            "1e-05",
            "0x7f3a2b1c9d",
            "v1.2.3-rc4+cu118",
            "conv2d_3x3_bn1",
            "production",
            "12345678",
            "TransformerEncoderLayer",
            "DistributedDataParallel",
            "/usr/lib/python3.11/site-packages",
            "cuda:0",
            "float32",
            "bert-base-uncased",
            "",
        ] {
            assert!(!looks_random(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn ordinary_values_are_not_searched_for() {
        for value in ["true", "1", "8080", "0.125", "Debug", "/usr/local/cuda", "http://proxy:3128"]
        {
            assert!(is_ordinary(value), "{value}");
        }
        for value in ["hunter2", "swordfish", "12345678", "https://u:p@h", "/aB3dE5fG7h/x9"] {
            assert!(!is_ordinary(value), "{value}");
        }
    }
}
