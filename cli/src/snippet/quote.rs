//! One line of a text as it may be shown, and the part of it that is marked.

use std::ops::Range;

use resolver::{Origin, Reveal, SourceText};

use super::mask::{self, Run};

/// Characters shown at most before and behind the start of the marked part; longer lines are cut.
const CONTEXT_CHARACTERS: usize = 80;

/// Bytes of a line that are looked at: beyond it, everything counts as a value.
const LINE_BYTES: usize = 64 << 10;

/// One line of a text as it may be shown.
pub(super) struct Quote {
    /// The line, without its end.
    pub(super) line: String,
    /// Which bytes of it are marked.
    pub(super) marked: Range<usize>,
}

impl Quote {
    /// Quotes the line that an origin begins on, masked unless there is a [`Reveal`].
    pub(super) fn of(text: &SourceText, origin: Origin, reveal: Option<Reveal>) -> Self {
        let whole = text.text.as_ref();
        let start = boundary(whole, origin.start);
        let end = boundary(whole, origin.end).max(start);
        let line_start =
            whole.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let rest = whole.get(line_start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let line = line.get(..boundary_of(line, LINE_BYTES)).unwrap_or_default();
        let marked = start - line_start..(end - line_start).min(line.len()).max(start - line_start);
        let runs = match reveal {
            Some(_) => vec![Run::Shown(line)],
            None => mask::runs(text.format, whole.get(..line_start).unwrap_or_default(), line),
        };
        cut(assemble(&runs, &marked))
    }
}

/// Joins the runs; the marked part moves with them.
fn assemble(runs: &[Run<'_>], marked: &Range<usize>) -> Quote {
    let mut line = String::new();
    let (mut at, mut start, mut end) = (0, None, None);
    for run in runs {
        let (length, shown) = (run.source().len(), run.text());
        let place = |byte: usize| match run {
            Run::Shown(_) => line.len() + byte - at,
            Run::Masked(_) => line.len(),
        };
        if start.is_none() && marked.start < at + length {
            start = Some(place(marked.start));
        }
        if end.is_none() && marked.end <= at + length {
            end = Some(match run {
                Run::Masked(_) if marked.end > at => line.len() + shown.len(),
                _ => place(marked.end),
            });
        }
        line.push_str(shown);
        at += length;
    }
    let start = start.unwrap_or(line.len());
    let marked = start..end.unwrap_or(line.len()).max(start);
    Quote { line, marked }
}

/// Cuts a long line around its marked part.
fn cut(quote: Quote) -> Quote {
    let Quote { line, marked } = quote;
    let before = line.get(..marked.start).unwrap_or_default();
    let from = before.char_indices().rev().nth(CONTEXT_CHARACTERS - 1).map_or(0, |(at, _)| at);
    let behind = line.get(marked.start..).unwrap_or_default();
    let to = behind
        .char_indices()
        .nth(CONTEXT_CHARACTERS)
        .map_or(line.len(), |(at, _)| marked.start + at);
    let (head, tail) = (if from > 0 { "…" } else { "" }, if to < line.len() { "…" } else { "" });
    let shift = |byte: usize| byte.min(to) - from + head.len();
    Quote {
        marked: shift(marked.start)..shift(marked.end),
        line: format!("{head}{}{tail}", line.get(from..to).unwrap_or_default()),
    }
}

/// Returns the byte that an origin names, moved down to where a character begins.
fn boundary(text: &str, byte: u32) -> usize {
    boundary_of(text, usize::try_from(byte).unwrap_or(usize::MAX))
}

fn boundary_of(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

#[cfg(test)]
mod tests {
    use resolver::{Format, SourceId, SourceName};

    use super::*;

    fn quote(text: &str, start: usize, end: usize, reveal: Option<Reveal>) -> (String, String) {
        let text = SourceText {
            id: SourceId(0),
            name: SourceName::Environment,
            format: Format::Hocon,
            text: text.into(),
        };
        let origin = Origin {
            source: SourceId(0),
            start: u32::try_from(start).unwrap(),
            end: u32::try_from(end).unwrap(),
        };
        let quote = Quote::of(&text, origin, reveal);
        (quote.line.clone(), quote.line[quote.marked].to_owned())
    }

    #[test]
    fn marks_what_the_origin_marks() {
        for (start, end, line, marked) in [
            (0, 1, "a = ********, b = ********", "a"),
            (4, 10, "a = ********, b = ********", "********"),
            (6, 7, "a = ********, b = ********", "********"),
            (0, 5, "a = ********, b = ********", "a = ********"),
            (10, 11, "a = ********, b = ********", ","),
            (16, 17, "a = ********, b = ********", "********"),
            (17, 18, "a = ********, b = ********", "********"),
            (19, 19, "a = ********, b = ********", ""),
            (20, 40, "c = ********", "c = ********"),
            (99, 99, "", ""),
        ] {
            let text = "a = hunter, b = xé\nc = 3\n";
            let shown = quote(text, start, end, None);
            assert_eq!(shown, (line.to_owned(), marked.to_owned()), "{start}..{end}");
        }
    }

    #[test]
    fn cuts_long_lines_around_the_mark() {
        let text = format!("{}!{}", "é".repeat(500), "b".repeat(500));
        let (line, marked) = quote(&text, 1000, 1001, Some(Reveal::grant("a test")));
        assert_eq!(marked, "!");
        assert_eq!(line, format!("…{}!{}…", "é".repeat(80), "b".repeat(79)));
    }
}
