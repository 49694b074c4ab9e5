//! Inputs that are made to take long, or to break something.

use super::{masked_line, redactor};

/// Texts of which each byte begins what a rule looks for.
#[test]
fn hostile_lines_take_time_in_proportion_to_their_length() {
    let redactor = redactor(&[], &["aaaaaaaaaaaaaaab", "passpasspasspassx"]);
    for unit in [
        "password=",
        "token=",
        "token",
        "pass",
        "a",
        "@",
        "://",
        "https://a:",
        "a:b@",
        "\"",
        "'",
        "\\\"password\\\":",
        "password=\"",
        "name: token ",
        "authorization:",
        "bearer ",
        "key=",
        "password:'\\",
        "sig=?&",
        "curl -u ",
        "hooks./",
        "-----BEGIN PRIVATE KEY-----",
        "\u{1b}[",
    ] {
        let line = unit.repeat(6_000 / unit.len());
        let masked = masked_line(&redactor, &line);
        assert!(masked.len() <= 9 * line.len(), "{unit}");
        redactor.mask(&line);
        redactor.mask_arguments(&[&line]);
    }
}
