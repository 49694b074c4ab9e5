//! Which bracket was probably left open, by the indentation of the text.

/// A bracket, and the one that closes it where the indentation differs.
pub(super) struct Suspect {
    pub(super) open: usize,
    pub(super) close: usize,
}

struct Opened {
    at: usize,
    line: usize,
    indentation: usize,
}

/// Finds the first bracket that is closed at the start of a line that is not indented as its own.
///
/// One left open inside takes the closing bracket of the one around it, so that in the end the
/// outermost is missed; but authors and tools indent the two alike. (So does `rustc`.)
pub(super) fn find(text: &str) -> Option<Suspect> {
    let mut opened = Vec::new();
    for (line, start, line_text) in numbered_lines(text) {
        let indentation = line_text.len() - line_text.trim_start().len();
        for (column, bracket) in brackets(line_text) {
            let at = start + column;
            if matches!(bracket, '{' | '[') {
                opened.push(Opened { at, line, indentation });
                continue;
            }
            let Opened { at: open, line: open_line, indentation: open_indentation } =
                opened.pop()?;
            let is_first = column == indentation;
            if is_first && line != open_line && indentation != open_indentation {
                return Some(Suspect { open, close: at });
            }
        }
    }
    None
}

/// Returns the lines with their numbers and where they start.
fn numbered_lines(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').enumerate().map(move |(line, line_text)| {
        let this = start;
        start += line_text.len();
        (line, this, line_text)
    })
}

/// Returns the brackets of a line that stand outside of strings, which end on their line.
fn brackets(line: &str) -> impl Iterator<Item = (usize, char)> {
    let mut in_string = false;
    let mut escaped = false;
    line.char_indices().filter(move |(_, character)| {
        let is_escaped = std::mem::replace(&mut escaped, false);
        match character {
            '"' if !is_escaped => in_string = !in_string,
            '\\' => escaped = in_string && !is_escaped,
            '{' | '}' | '[' | ']' => return !in_string,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspects_the_bracket_that_the_indentation_betrays() {
        for (text, places) in [
            ("{\n  \"a\": {\n    \"b\": 1\n}\n", Some((9, 22))),
            ("{\n  \"a\": {\"b\": 1\n  }\n}\n", None),
            ("{\n  \"a\": {\"b\": {\n  }\n", None),
            ("{\n  \"}\": \"\\\"}\", \"a\": [\n    1\n}", Some((21, 29))),
            ("{\n  \"é\": [\n}", Some((10, 12))),
            ("}}}", None),
            ("", None),
        ] {
            let found = find(text).map(|suspect| (suspect.open, suspect.close));
            assert_eq!(found, places, "{text}");
        }
    }
}
