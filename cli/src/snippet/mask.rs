//! Tells the keys and the structure of a line, which may be shown, from its values, which may not.
//!
//! # Why
//! The line is quoted because its text is broken, so no parser can say what it means. The rule is
//! the other way round: a value is whatever is not surely a key, a bracket or a separator. A key
//! is a short word before a separator; where a line begins inside a longer string, all of it is a
//! value. A secret that stands in the place of a key would be shown; nothing else would.

use resolver::{Format, MASK};

/// The longest word that is taken for a key; keys of ClearML have up to 40 characters, lines of an
/// encoded secret 64.
const KEY_CHARACTERS: usize = 48;

/// A run of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run<'a> {
    /// It is shown.
    Shown(&'a str),
    /// A mask is shown in its place.
    Masked(&'a str),
}

impl<'a> Run<'a> {
    /// Returns what it is in the text.
    pub(super) fn source(self) -> &'a str {
        match self {
            Self::Shown(text) | Self::Masked(text) => text,
        }
    }

    /// Returns what is shown of it.
    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Shown(text) => text,
            Self::Masked(_) => MASK,
        }
    }
}

/// Tells apart the runs of a line. `before` is the text before it.
pub(super) fn runs<'a>(format: Format, before: &str, line: &'a str) -> Vec<Run<'a>> {
    if begins_in_string(format, before, line) {
        return vec![Run::Masked(line)];
    }
    let mut scan = Scan { format, line, at: 0, runs: Vec::new() };
    let mut may_be_key = format == Format::Yaml || !waits_for_value(before);
    while scan.at < line.len() {
        may_be_key = scan.next(may_be_key);
    }
    scan.runs
}

/// Whether a line begins inside a string that began on an earlier one.
fn begins_in_string(format: Format, before: &str, line: &str) -> bool {
    match format {
        Format::Hocon => before.matches("\"\"\"").count() % 2 == 1,
        Format::Yaml => begins_in_block(before, line),
        Format::Json | Format::Json5 | Format::Properties => false,
    }
}

/// Whether a line belongs to a YAML block scalar: the nearest line that is indented less ends in
/// `|` or `>`, an indentation digit and a chomping sign aside.
fn begins_in_block(before: &str, line: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let own = indent(line);
    let above = before.lines().rev().filter(|above| !above.trim().is_empty());
    above.into_iter().find(|above| indent(above) < own).is_some_and(|above| {
        let above = above.trim_end().trim_end_matches(['+', '-', '1', '2', '3', '4']);
        above.ends_with(['|', '>'])
    })
}

/// Whether the text stops after a separator: the clients take the next line for the value.
fn waits_for_value(before: &str) -> bool {
    before.trim_end().ends_with([':', '='])
}

struct Scan<'a> {
    format: Format,
    line: &'a str,
    at: usize,
    runs: Vec<Run<'a>>,
}

impl<'a> Scan<'a> {
    /// Takes the next run or two; returns whether a key may follow.
    fn next(&mut self, may_be_key: bool) -> bool {
        let rest = self.rest();
        let blanks = rest.len() - rest.trim_start().len();
        if blanks > 0 {
            self.show(blanks);
            return may_be_key;
        }
        if may_be_key && let Some(length) = key_and_separator(self.format, rest) {
            self.show(length);
            return rest.get(..length).is_some_and(|key| key.ends_with('{'));
        }
        match rest.chars().next() {
            Some('{' | ',') => self.show_then(1, true),
            Some('[' | ']' | '}') => self.show_then(1, false),
            Some('-') if self.format == Format::Yaml && rest.starts_with("- ") => {
                self.show_then(2, true)
            }
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            _ => self.plain(),
        }
    }

    /// Shows the quotes and masks what is between them.
    fn quoted(&mut self, quote: char) -> bool {
        self.show(1);
        let rest = self.rest();
        let mut is_escaped = false;
        let end = rest.find(|character| {
            let is_end = character == quote && !is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            is_end
        });
        self.mask(end.unwrap_or(rest.len()));
        if end.is_some() {
            self.show(1);
        }
        false
    }

    /// Masks up to what ends an unquoted value.
    fn plain(&mut self) -> bool {
        let rest = self.rest();
        let end = rest.find([',', '{', '}', '[', ']', '"']).unwrap_or(rest.len());
        let value = rest.get(..end.max(1)).unwrap_or(rest).trim_end();
        self.mask(if value.is_empty() { rest.len() } else { value.len() });
        false
    }

    fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    fn show_then(&mut self, bytes: usize, may_be_key: bool) -> bool {
        self.show(bytes);
        may_be_key
    }

    fn show(&mut self, bytes: usize) {
        let (run, _) = self.rest().split_at(bytes);
        self.runs.push(Run::Shown(run));
        self.at += bytes;
    }

    fn mask(&mut self, bytes: usize) {
        let (run, _) = self.rest().split_at(bytes);
        if !run.is_empty() {
            self.runs.push(Run::Masked(run));
        }
        self.at += bytes;
    }
}

/// Returns the length of a key with the separator behind it, if the text begins with one.
fn key_and_separator(format: Format, text: &str) -> Option<usize> {
    let key = key_length(text)?;
    let behind = text.get(key..)?;
    let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    let separator = behind.get(blanks..)?;
    let length = separator_length(format, separator)?;
    Some(key + blanks + length)
}

/// Returns the length of a word that can be a key: quoted, or letters, digits and `_.-/`.
fn key_length(text: &str) -> Option<usize> {
    let length = match text.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.find(['"', '\'', '\\'])? + 2,
        None => text.find(|c: char| !c.is_alphanumeric() && !"_.-/".contains(c))?,
    };
    (1..=KEY_CHARACTERS).contains(&length).then_some(length)
}

/// Returns the length of the separator that a text begins with.
///
/// A sign that ends the line or is doubled may belong to an encoded secret (`c2VjcmV0==`).
fn separator_length(format: Format, text: &str) -> Option<usize> {
    if format == Format::Yaml {
        return (text == ":" || text.starts_with(": ")).then_some(1);
    }
    let length = match text.as_bytes() {
        [b'{', ..] => return Some(1),
        [b':' | b'=', ..] => 1,
        [b'+', b'=', ..] => 2,
        _ => return None,
    };
    let is_text_behind = !text.get(length..)?.trim_start().is_empty();
    let is_doubled = text.get(length..)?.starts_with('=');
    (is_text_behind && !is_doubled || text.starts_with(':')).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(format: Format, before: &str, line: &str) -> String {
        let runs = runs(format, before, line);
        assert_eq!(runs.iter().map(|run| run.source()).collect::<String>(), line);
        runs.iter().map(|run| run.text()).collect()
    }

    #[test]
    fn shows_keys_and_structure_only() {
        for (format, line, shown) in [
            (Format::Hocon, "  key = hunter2", "  key = ********"),
            (Format::Hocon, "key: \"hunter2\"", "key: \"********\""),
            (
                Format::Hocon,
                "a { b = 1, c: [x y, \"z\"] }",
                "a { b = ********, c: [********, \"********\"] }",
            ),
            (Format::Hocon, "l += hunter2", "l += ********"),
            (Format::Hocon, "\"a b\".c", "\"********\"********"),
            (Format::Hocon, "url = http://u:p@h/x=1", "url = ********"),
            (Format::Hocon, "# pass = hunter2", "********"),
            (Format::Hocon, "key = # hunter2", "key = ********"),
            (Format::Hocon, "hunter2", "********"),
            (Format::Hocon, "c2VjcmV0c2VjcmV0==", "********"),
            (Format::Hocon, "c2VjcmV0c2VjcmV0=", "********"),
            (Format::Hocon, "key = \"hunter2", "key = \"********"),
            (Format::Hocon, r#"key = "a\"hunter2", b = 1"#, r#"key = "********", b = ********"#),
            (
                Format::Json,
                r#"{"key": "hunter2", "n": [1, {"m": 2}]}"#,
                r#"{"key": "********", "n": [********, {"m": ********}]}"#,
            ),
            (Format::Yaml, "  - key: hunter2", "  - key: ********"),
            (Format::Yaml, "  - hunter2:x", "  - ********"),
            (Format::Yaml, "agent:", "agent:"),
            (Format::Json5, "{key: 'hunter2'}", "{key: '********'}"),
            (Format::Hocon, "", ""),
            (Format::Hocon, "é = é", "é = ********"),
        ] {
            assert_eq!(masked(format, "", line), shown, "{line}");
        }
    }

    #[test]
    fn masks_the_whole_of_a_line_that_begins_in_a_value() {
        for (format, before, line) in [
            (Format::Hocon, "a = \"\"\"\n", "user: hunter2"),
            (Format::Hocon, "secret =\n", "user:hunter2"),
            (Format::Yaml, "a:\n  b: |-\n    x\n", "    user: hunter2"),
            (Format::Yaml, "b: >2\n", "  user: hunter2"),
        ] {
            assert_eq!(masked(format, before, line).trim(), MASK, "{before}{line}");
        }
        assert_eq!(masked(Format::Hocon, "a = \"\"\"x\"\"\"\n", "b = 1"), "b = ********");
        assert_eq!(masked(Format::Yaml, "a: |\n  x\n", "b: 1"), "b: ********");
    }
}
