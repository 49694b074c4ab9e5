//! Masking a stream of bytes as it flows, in bounded memory.

use std::{fmt, mem};

use memchr::{memchr2, memrchr2};

use super::{
    Redactor,
    rules::{Carry, Memory, Reading, Style},
    spans::Spans,
    spellings::LONGEST,
};

/// The longest line that is looked at as a whole, in bytes; a longer one is looked at in parts, in
/// which a secret is found by itself, but no name farther off than this.
const LINE_BYTES: usize = 64 * 1024;

/// What is looked at behind a part of a long line, in bytes: a secret that begins in the part ends
/// there, and the value begins there of a name that does.
const LOOKAHEAD: usize = 8 * LONGEST;

/// How lines are looked at.
const MANNER: (Reading, Style) = (Reading::Lines, Style::Prose);

/// Masks a stream of bytes piece by piece: what comes out is what [`Redactor::mask_bytes`] gives
/// for the whole, however it is cut into pieces.
///
/// It holds back the line that is not complete yet, 64 KiB at most. Whoever reads the stream calls
/// [`flush`](Self::flush) when nothing has come for a moment, so that a prompt is seen: there is no
/// clock in here.
pub struct MaskingStream {
    redactor: Redactor,
    /// The line that is not complete.
    line: Vec<u8>,
    /// How much of it has been shown, be it as a mask.
    shown: usize,
    /// How much of it a flush has looked at.
    looked_at: usize,
    memory: Memory,
    spans: Spans,
}

impl fmt::Debug for MaskingStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MaskingStream({} bytes held back)", self.line.len() - self.shown)
    }
}

impl MaskingStream {
    pub(super) fn new(redactor: Redactor) -> Self {
        let (memory, spans) = (Memory::default(), Spans::default());
        Self { redactor, line: Vec::new(), shown: 0, looked_at: 0, memory, spans }
    }

    /// Takes a piece of the stream; appends what can be shown by now to `output`.
    pub fn push(&mut self, piece: &[u8], output: &mut Vec<u8>) {
        let mut rest = piece;
        if !self.line.is_empty() {
            let (end_of_line, behind) = rest.split_at(self.length_of_rest(rest));
            self.hold(end_of_line, output);
            rest = behind;
            if rest.is_empty() && self.line.last() != Some(&b'\n') {
                return;
            }
            self.show_held(output);
        }
        // Behind a last `\r` may come a `\n` that belongs to it.
        let sure = rest.strip_suffix(b"\r").unwrap_or(rest);
        let complete = memrchr2(b'\n', b'\r', sure).map_or(0, |end| end + 1);
        let (lines, begun) = rest.split_at(complete);
        self.show_lines(lines, output);
        self.hold(begun, output);
    }

    /// Appends what of the line held back is sure to begin no secret, such as a prompt.
    pub fn flush(&mut self, output: &mut Vec<u8>) {
        if !self.is_holding() {
            return;
        }
        self.looked_at = self.line.len();
        let rules = &self.redactor.rules;
        let mut spans = Spans::default();
        rules.find(&self.line, MANNER, &mut self.memory.clone(), &mut spans);
        let sure = rules.sure_length(&self.line, &spans, &self.memory);
        if sure > self.shown {
            spans.write_masked(self.line.get(..sure).unwrap_or_default(), self.shown, output);
            self.shown = sure;
        }
    }

    /// Whether something is held back that [`flush`](Self::flush) has not looked at.
    pub fn is_holding(&self) -> bool {
        self.line.len() > self.shown.max(self.looked_at)
    }

    /// Appends the rest: the stream has ended, and what comes next is another one.
    pub fn finish(&mut self, output: &mut Vec<u8>) {
        self.show_held(output);
        self.memory.carry = Carry::default();
    }

    /// Returns how many bytes of a piece belong to the line that is held.
    fn length_of_rest(&self, piece: &[u8]) -> usize {
        if self.line.last() == Some(&b'\r') {
            return usize::from(piece.first() == Some(&b'\n'));
        }
        let end = memchr2(b'\n', b'\r', piece).map_or(piece.len(), |end| end + 1);
        let is_pair = end > 0 && piece.get(end - 1..=end) == Some(b"\r\n");
        end + usize::from(is_pair)
    }

    /// Adds to the line that is held; shows a part of it if it is too long.
    fn hold(&mut self, mut piece: &[u8], output: &mut Vec<u8>) {
        while !piece.is_empty() {
            // A full line that ends in `\r` takes its `\n`.
            let room = (LINE_BYTES + LOOKAHEAD).saturating_sub(self.line.len()).max(1);
            let (taken, rest) = piece.split_at(room.min(piece.len()));
            self.line.extend_from_slice(taken);
            piece = rest;
            if self.line.len() == LINE_BYTES + LOOKAHEAD
                && !matches!(self.line.last(), Some(b'\n' | b'\r'))
            {
                self.show_part(output);
            }
        }
    }

    /// Shows the line that is held, as complete.
    fn show_held(&mut self, output: &mut Vec<u8>) {
        let mut line = mem::take(&mut self.line);
        self.show(&line, output);
        line.clear();
        self.line = line;
        self.shown = 0;
        self.looked_at = 0;
    }

    /// Shows lines that are complete, as many at once as one long line may be.
    fn show_lines(&mut self, mut lines: &[u8], output: &mut Vec<u8>) {
        while !lines.is_empty() {
            let window = lines.get(..LINE_BYTES).unwrap_or(lines);
            let end = match memrchr2(b'\n', b'\r', window) {
                Some(end) if lines.get(end..end + 2) == Some(b"\r\n") => end + 2,
                Some(end) => end + 1,
                None => {
                    let end = memchr2(b'\n', b'\r', lines).map_or(lines.len(), |end| end + 1);
                    let (line, rest) = lines.split_at(end);
                    self.hold(line, output);
                    self.show_held(output);
                    lines = rest;
                    continue;
                }
            };
            let (block, rest) = lines.split_at(end);
            self.show(block, output);
            lines = rest;
        }
    }

    /// Shows the first [`LINE_BYTES`] of a long line, and the rest of a secret that reaches beyond.
    fn show_part(&mut self, output: &mut Vec<u8>) {
        let line = mem::take(&mut self.line);
        self.spans.clear();
        self.redactor.rules.find(&line, MANNER, &mut self.memory, &mut self.spans);
        let across = self.spans.settled().iter().find(|span| span.end > LINE_BYTES);
        let end = across.map_or(LINE_BYTES, |span| span.end);
        let part = line.get(..end).unwrap_or_default();
        self.spans.write_masked(part, self.shown, output);
        if end == line.len() {
            self.memory.carry.is_in_secret = true;
        }
        // The last byte stays, so that a secret that goes on shows no second mask.
        self.line = line.get(end - 1..).unwrap_or_default().to_vec();
        self.shown = 1;
        self.looked_at = 0;
    }

    /// Shows a text of complete lines, of which [`Self::shown`] bytes have been shown.
    fn show(&mut self, text: &[u8], output: &mut Vec<u8>) {
        self.spans.clear();
        self.redactor.rules.find(text, MANNER, &mut self.memory, &mut self.spans);
        self.spans.write_masked(text, self.shown, output);
    }
}
