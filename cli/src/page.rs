//! What pages for people are made of: styles, widths, texts that a terminal may show.

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that no line of ours goes beyond, if it can be helped: the narrowest usual terminal.
pub(crate) const WIDTH: usize = 80;

/// A name that a page is about.
pub(crate) const TITLE: Style = Style::new().bold();
/// What counts, what is well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What wants a look.
pub(crate) const CAUTION: Style = AnsiColor::Yellow.on_default().bold();
/// What is wrong, what goes.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What one reads last.
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Returns a text without characters that a terminal would obey: names and values come from files
/// and servers.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || turns_direction(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Returns a text, printable, that takes at most `width` columns; what is too long ends in `…`.
pub(crate) fn cut(text: &str, width: usize) -> String {
    let text = printable(text);
    if text.width() <= width {
        return text;
    }
    let mut left = width.saturating_sub(1);
    let fits = |character: &char| match left.checked_sub(character.width().unwrap_or(0)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Breaks a text between words, with `first` before the first line and as many blanks before the
/// others.
pub(crate) fn wrapped(first: &str, text: &str) -> String {
    let rest = " ".repeat(first.width());
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(&rest)
        .break_words(false);
    textwrap::fill(&printable(text), options)
}

/// Spells a count with its word: `1 fetch`, `2 fetches`.
pub(crate) fn counted(count: impl TryInto<u64>, word: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let plural = match (count, word.ends_with("ch")) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{count} {word}{plural}")
}

/// Whether a character makes a terminal show what follows from right to left, or ends that.
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\u{9b}é"), "a\\u{1b}[2Jb\\u{202e}c\\u{9b}é");
    }

    #[test]
    fn cuts_by_columns_not_by_characters() {
        for (text, width, shown) in
            [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("日本語日本", 6, "日本…")]
        {
            assert_eq!(cut(text, width), shown);
        }
    }

    #[test]
    fn wraps_between_words_and_leaves_long_words_whole() {
        let long = "/".repeat(90);
        let text = wrapped("  ! ", &format!("{} {long} end", "word ".repeat(15).trim_end()));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], format!("  ! {}", "word ".repeat(15).trim_end()));
        assert_eq!(lines[1..], [format!("    {long}"), "    end".to_owned()]);
    }
}
