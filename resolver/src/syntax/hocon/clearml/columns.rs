//! Tabs as the clients' parser sees them: it expands them to blanks before it reads.

use std::ops::Range;

use memchr::memrchr2;

/// Columns between two stops (Python's `str.expandtabs`).
const TAB_STOP: usize = 8;

/// The column of the last place that was asked for, so that a text is counted through once.
pub(super) struct Columns {
    at: usize,
    column: usize,
}

impl Columns {
    pub(super) const fn new() -> Self {
        Self { at: 0, column: 0 }
    }

    /// Returns a stretch of a text with its tabs expanded. Stretches are asked for in their order.
    pub(super) fn expand(&mut self, text: &str, stretch: Range<usize>) -> String {
        self.move_to(text, stretch.start);
        let characters = text.get(stretch.clone()).unwrap_or_default();
        let mut expanded = String::with_capacity(characters.len() + TAB_STOP);
        for character in characters.chars() {
            let before = self.column;
            self.pass(character);
            if character == '\t' {
                expanded.extend(std::iter::repeat_n(' ', self.column - before));
            } else {
                expanded.push(character);
            }
        }
        self.at = stretch.end;
        expanded
    }

    fn move_to(&mut self, text: &str, at: usize) {
        if at < self.at {
            *self = Self::new();
        }
        let between = text.get(self.at..at).unwrap_or_default();
        let on_line = match memrchr2(b'\n', b'\r', between.as_bytes()) {
            Some(line_end) => {
                self.column = 0;
                between.get(line_end + 1..).unwrap_or_default()
            }
            None => between,
        };
        on_line.chars().for_each(|character| self.pass(character));
        self.at = at;
    }

    fn pass(&mut self, character: char) {
        self.column = match character {
            '\n' | '\r' => 0,
            '\t' => self.column - self.column % TAB_STOP + TAB_STOP,
            _ => self.column + 1,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expands_tabs_to_the_next_stop() {
        let text = "a\tb\n\tcé\td\r\t\tx";
        let mut columns = Columns::new();
        assert_eq!(columns.expand(text, 1..3), "       b");
        assert_eq!(columns.expand(text, 6..9), "é      ");
        assert_eq!(columns.expand(text, 8..14), "      d\r                x");
        assert_eq!(columns.expand(text, 0..2), "a       ");
    }
}
