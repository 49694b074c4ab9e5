//! Streams show what the whole would, however they are cut.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{super::Redactor, redactor};

/// Pieces that texts are made of: those that rules look for, and those that look like them.
const PARTS: &[&str] = &[
    "password=",
    "token: ",
    "\"secret\": \"",
    "--password ",
    "https://u:",
    "@host/x",
    "x?sig=",
    "Authorization: Bearer ",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "- name: A_TOKEN",
    "  value: ",
    "name",
    " ",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "'",
    "\\",
    ",",
    ";",
    "=",
    ":",
    "&",
    "a",
    "key",
    "pass",
    "tok",
    "\u{1b}[31m",
    "\u{1b}[0m",
    "é",
    "0",
    "ghp_",
    "e",
];

fn streamed(redactor: &Redactor, text: &[u8], lengths: &[usize]) -> Vec<u8> {
    let mut shown = Vec::new();
    let mut stream = redactor.stream();
    let mut rest = text;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at((*length).clamp(1, rest.len()));
        stream.push(piece, &mut shown);
        rest = behind;
    }
    stream.finish(&mut shown);
    shown
}

fn contains(text: &[u8], part: &str) -> bool {
    memchr::memmem::find(text, part.as_bytes()).is_some()
}

proptest! {
    #[test]
    fn a_stream_shows_what_the_whole_would_and_no_secret(
        secrets in vec("[!-~]{6,12}|[a-z]{2}[éß\"\\\\/ ]{2}[a-z0-9]{4,90}", 1..6),
        parts in vec((select(PARTS), 0..12_usize), 0..60),
        lengths in vec(1..40_usize, 1..8),
    ) {
        // A secret of asterisks alone is what a mask looks like.
        let secrets: Vec<_> = secrets.iter().filter(|it| it.contains(|c| c != '*')).collect();
        let known: Vec<_> = secrets.iter().map(|secret| secret.as_str()).collect();
        let redactor = redactor(&["LISTED"], &known);
        let mut text = String::new();
        for (part, index) in &parts {
            text.push_str(part);
            text.push_str(known.get(*index).unwrap_or(&""));
        }
        let whole = redactor.mask_bytes(text.as_bytes());
        let cut = streamed(&redactor, text.as_bytes(), &lengths);
        prop_assert_eq!(String::from_utf8_lossy(&cut), String::from_utf8_lossy(&whole));
        for secret in known.iter().filter(|secret| text.contains(**secret)) {
            prop_assert!(!contains(&whole, secret), "{secret} in {}", String::from_utf8_lossy(&whole));
        }
    }

    #[test]
    fn a_flush_shows_no_more_than_a_few_letters_of_a_secret(
        // A number of six digits is no secret to be searched for.
        secret in "[a-zA-Z][a-zA-Z0-9]{5,39}",
        before in vec(select(PARTS), 0..8),
        lengths in vec(1..6_usize, 1..8),
    ) {
        let redactor = redactor(&[], &[&secret]);
        let text = format!("{}{secret} and more\n", before.concat());
        let mut shown = Vec::new();
        let mut stream = redactor.stream();
        let mut rest = text.as_bytes();
        for length in lengths.iter().cycle() {
            if rest.is_empty() { break; }
            let (piece, behind) = rest.split_at((*length).min(rest.len()));
            stream.push(piece, &mut shown);
            stream.flush(&mut shown);
            rest = behind;
        }
        stream.finish(&mut shown);
        let (beginning, _) = secret.split_at(5);
        let seen_before = before.concat().contains(beginning);
        prop_assert!(seen_before || !contains(&shown, beginning), "{}", String::from_utf8_lossy(&shown));
    }
}

#[test]
fn a_prompt_is_shown_when_nothing_follows() {
    let redactor = redactor(&[], &["hunter-2"]);
    for (line, shown) in [
        ("Continue? [y/N] ", "Continue? [y/N] "),
        ("Password: ", "Password: "),
        (">>> ", ">>> "),
        ("is it hunt", "is it "),
        ("is it hun", "is it hun"),
        ("is it hunter-2", "is it ********"),
        ("clone https://me:hun", "clone "),
        ("me:pw", ""),
        ("12:30", "12:30"),
        ("A_TOKEN=ab", "A_TOKEN=********"),
        ("token: ab", "token: "),
        ("10%\r20%", "10%\r20%"),
        ("10%\r", "10%\r"),
    ] {
        let mut stream = redactor.stream();
        let mut output = Vec::new();
        stream.push(line.as_bytes(), &mut output);
        stream.flush(&mut output);
        assert_eq!(String::from_utf8(output).unwrap(), shown, "{line}");
    }
}

#[test]
fn what_was_shown_by_a_flush_is_not_shown_again() {
    let redactor = redactor(&[], &[]);
    let mut stream = redactor.stream();
    let mut output = Vec::new();
    for piece in ["Pass", "word: ", "hun", "ter2 x", "\nA_TOKEN=a", "b c\n", "50%", "\r", "\n"] {
        stream.push(piece.as_bytes(), &mut output);
        stream.flush(&mut output);
    }
    stream.finish(&mut output);
    let output = String::from_utf8(output).unwrap();
    assert_eq!(output, "Password: ********\nA_TOKEN=******** c\n50%\r\n");
}

#[test]
fn a_line_without_end_is_shown_in_parts_that_leak_nothing() {
    let secret = "s3cr3tVALUE-0therS3CR3T";
    let redactor = redactor(&[], &[secret]);
    for before in [65_500, 65_530, 65_536, 65_600, 65_664, 65_665, 131_070, 131_072, 131_100] {
        let text = format!("{}{secret}{}", "x".repeat(before), "y".repeat(70_000));
        let masked = format!("{}********{}", "x".repeat(before), "y".repeat(70_000));
        for length in [1_000, 65_536, 65_537, 1_000_000] {
            let shown = streamed(&redactor, text.as_bytes(), &[length]);
            assert!(shown == masked.as_bytes(), "{before} bytes before, cut every {length}");
        }
        let value = format!("{} password={} next\n", "x".repeat(before), "z".repeat(200_000));
        let shown = streamed(&redactor, value.as_bytes(), &[4_096]);
        assert!(
            shown.ends_with(b" password=******** next\n"),
            "{before} bytes before a long value"
        );
        assert_eq!(shown, redactor.mask_bytes(value.as_bytes()));
    }
}
