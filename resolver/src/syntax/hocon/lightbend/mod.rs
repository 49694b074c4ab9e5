//! The dialect of the HOCON specification, as Lightbend's own implementation (`config` 1.4) reads
//! it where the specification leaves a choice.
//!
//! Unlike that implementation, text beside a list or object is an error, as the specification has
//! it, and `${NAME[]}` is the list of the variables `NAME_0`, `NAME_1`, ….

mod assign;
mod blanks;
mod escapes;
mod includes;
mod numbers;
mod paths;
mod references;
mod text;

use lean_string::LeanStr;

use super::{
    ParseText,
    reader::{Dialect, Reader, Taken},
    scanner::{Fault, Scanner},
    tree::{Kind, Tail},
};
use crate::value::{Piece, Spanned};

/// What reading in this dialect has to remember: nothing.
pub(super) struct Lightbend;

pub(super) fn read(scanner: Scanner<'_, '_, '_>, parse_included: ParseText) -> Option<Spanned> {
    Reader::new(scanner, Lightbend, parse_included).read()
}

impl Dialect for Reader<'_, '_, '_, Lightbend> {
    fn skip_blanks(&mut self) {
        self.scanner.skip_white();
    }

    #[inline]
    fn skip_lines(&mut self) {
        self.scanner.skip_white_lines();
    }

    #[inline]
    fn skip_to_entry(&mut self) {
        self.scanner.skip_white_lines();
    }

    /// One comma, or the end of a line, or both, or the end of the list or object.
    #[inline]
    fn end_entry(&mut self) -> Result<(), Fault> {
        let has_line_end = self.scanner.skip_white_lines();
        let is_ended = |byte| matches!(byte, None | Some(b'}' | b']'));
        if self.scanner.take(b',') || has_line_end || is_ended(self.scanner.peek()) {
            return Ok(());
        }
        Err(self.no_comma())
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
            b'\n' | b',' | b'}' | b']' | b'#' => Ok(Taken::End),
            b'{' => Ok(Taken::Bracket(Kind::Object)),
            b'[' => Ok(Taken::Bracket(Kind::List)),
            b'"' => self.take_string(),
            b'$' => self.take_reference(),
            b'/' if self.scanner.is_at(b"//") => Ok(Taken::End),
            _ => self.take_text(),
        }
    }

    /// Adds a piece. White space counts between two pieces that are neither list nor object.
    fn add_piece(&mut self, value: Spanned, tail: Tail) {
        let before = self.tree.top().map(|frame| std::mem::replace(&mut frame.tail, Tail::Bare));
        let space = match (before, &tail) {
            (Some(Tail::Word(blanks) | Tail::Other(blanks)), Tail::Word(_) | Tail::Other(_)) => {
                self.scanner.slice(blanks).into()
            }
            _ => LeanStr::default(),
        };
        self.tree.add_piece(space, value, tail);
    }

    #[inline]
    fn end_piece(_value: &mut Spanned, _tail: &Tail) {}

    fn join_pieces(&mut self) -> Result<Spanned, Fault> {
        let pieces: Vec<Piece> = self.tree.take_pieces().collect();
        self.join_closed(pieces)
    }

    fn no_pieces(&mut self, _at: usize) -> Result<Spanned, Fault> {
        Err(self.no_value())
    }

    fn is_dropped(&self, _item: &Spanned) -> bool {
        false
    }

    #[inline]
    fn assign(&mut self, value: Spanned) -> Result<(), Fault> {
        self.assign_value(value)
    }

    fn place_entries(&mut self) -> Result<(), Fault> {
        self.set_entries();
        Ok(())
    }
}
