//! The dialect of the stock clients: what `pyhocon`, as `clearml` 2.1.12 vendors it, accepts.
//!
//! `clearml-agent` 3.0.3 vendors the same.
//! Where the clients stumble over what everybody else reads, this reads it: a byte order mark and
//! U+00A0 are blanks, `a."b.c"` and `"k\"ey"` are keys, a number before blanks at the end of the
//! text is a number, and a time span there is the string that it is everywhere else.

mod assign;
mod columns;
mod concat;
mod earlier;
mod history;
mod includes;
mod keys;
mod lines;
mod numbers;
mod references;
mod strings;
mod words;

use lean_string::LeanStr;

use self::{columns::Columns, history::Histories};
use super::{
    ParseText,
    reader::{Dialect, Reader, Taken},
    scanner::{Fault, Scanner},
    tree::{Kind, Operator, Tail},
};
use crate::value::{Spanned, Value};

/// What reading in this dialect has to remember.
pub(super) struct Clearml {
    columns: Columns,
    /// Where a triple quote opened that is never closed; none further on is closed either.
    unclosed_triple_quote: Option<usize>,
    histories: Histories,
    /// Values that were copied because what a section was laid over is kept.
    copied: u64,
}

pub(super) fn read(scanner: Scanner<'_, '_, '_>, parse_included: ParseText) -> Option<Spanned> {
    let dialect = Clearml {
        columns: Columns::new(),
        unclosed_triple_quote: None,
        histories: Histories::new(),
        copied: 0,
    };
    Reader::new(scanner, dialect, parse_included).read()
}

impl Dialect for Reader<'_, '_, '_, Clearml> {
    fn skip_blanks(&mut self) {
        self.scanner.skip_blanks();
    }

    #[inline]
    fn skip_lines(&mut self) {
        self.scanner.skip_blank_lines();
    }

    /// Commas separate like line ends, in any number.
    #[inline]
    fn skip_to_entry(&mut self) {
        self.scanner.skip_blank_lines();
        while self.scanner.take(b',') {
            self.scanner.skip_blank_lines();
        }
    }

    /// Nothing has to: `a {} b {}` is two assignments.
    #[inline]
    fn end_entry(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    fn take_include(&mut self) -> Result<bool, Fault> {
        self.take_included_members()
    }

    #[inline]
    fn take_key(&mut self) -> Result<(), Fault> {
        self.take_key_path()
    }

    #[inline]
    fn take_piece(&mut self) -> Result<Taken, Fault> {
        let Some(byte) = self.scanner.peek() else { return Ok(Taken::End) };
        match byte {
            b'\n' | b'\r' | b',' | b'}' | b']' | b'#' => Ok(Taken::End),
            b'{' => Ok(Taken::Bracket(Kind::Object)),
            b'[' => Ok(Taken::Bracket(Kind::List)),
            b'"' => self.take_string(),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.take_number_or_words(),
            b'$' => self.take_reference(),
            b'/' if self.scanner.is_at(b"//") => Ok(Taken::End),
            b'\\' if !self.scanner.is_at_escape() => self.continue_line(),
            b'i' | b'I' if self.is_at_include() => self.take_included_items(),
            b't' | b'T' | b'f' | b'F' | b'n' | b'N' => self.take_literal_or_words(),
            _ => self.take_words(),
        }
    }

    /// Adds a piece. The blanks behind unquoted text are part of it, unless it comes last; the
    /// blanks behind a string in quotes or a reference stand between it and the next piece.
    fn add_piece(&mut self, value: Spanned, tail: Tail) {
        let before = self.tree.top().map(|frame| std::mem::replace(&mut frame.tail, Tail::Bare));
        let space = match before {
            Some(Tail::Word(blanks)) => {
                if !blanks.is_empty() {
                    let blanks = self.expanded(blanks);
                    self.extend_last_word(&blanks);
                }
                LeanStr::default()
            }
            Some(Tail::Other(blanks)) => self.expanded(blanks),
            Some(Tail::Bare) | None => LeanStr::default(),
        };
        self.tree.add_piece(space, value, tail);
    }

    /// Takes the blanks off that an escape left at the end of unquoted text.
    #[inline]
    fn end_piece(value: &mut Spanned, tail: &Tail) {
        if let (Tail::Word(_), Value::String(text)) = (tail, &mut value.value)
            && let Some(b' ' | b'\t') = text.as_bytes().last()
        {
            *text = text.trim_end_matches([' ', '\t']).into();
        }
    }

    fn join_pieces(&mut self) -> Result<Spanned, Fault> {
        self.join_several()
    }

    /// A key without a value has the empty string.
    fn no_pieces(&mut self, at: usize) -> Result<Spanned, Fault> {
        Ok(Value::String(LeanStr::default()).spanned(self.scanner.origin_of(at..at)))
    }

    /// The clients leave empty strings out of lists.
    fn is_dropped(&self, item: &Spanned) -> bool {
        item.value.as_str() == Some("")
    }

    #[inline]
    fn assign(&mut self, value: Spanned) -> Result<(), Fault> {
        match self.tree.top().map(|frame| frame.operator) {
            Some(Operator::Append) => self.append(value),
            _ => self.set(value),
        }
    }

    fn place_entries(&mut self) -> Result<(), Fault> {
        self.put_entries()
    }
}
