//! Masking a stream of bytes as it flows, in bounded memory.

use std::mem;

use memchr::memrchr2;

use super::Redactor;

/// The longest line that is looked at as a whole, in bytes; a longer one is looked at in parts.
const LINE_BYTES: usize = 64 * 1024;

/// Masks a stream of bytes piece by piece: what comes out is what [`Redactor::mask_bytes`] gives
/// for the whole, however it is cut into pieces.
///
/// It holds back the line that is not complete yet. Whoever reads the stream calls
/// [`flush`](Self::flush) when nothing has come for a moment, so that a prompt is seen: there is no
/// clock in here.
#[derive(Debug)]
pub struct MaskingStream {
    redactor: Redactor,
    held: Vec<u8>,
}

impl MaskingStream {
    pub(super) fn new(redactor: Redactor) -> Self {
        Self { redactor, held: Vec::new() }
    }

    /// Takes a piece of the stream; appends what can be shown by now to `shown`.
    pub fn push(&mut self, piece: &[u8], shown: &mut Vec<u8>) {
        self.held.extend_from_slice(piece);
        let end = memrchr2(b'\n', b'\r', &self.held).map_or(0, |at| at + 1);
        let end = if self.held.len() - end > LINE_BYTES { self.held.len() } else { end };
        let rest = self.held.split_off(end);
        let complete = mem::replace(&mut self.held, rest);
        shown.extend_from_slice(&self.redactor.mask_bytes(&complete));
    }

    /// Appends what is held back and holds no beginning of a secret, such as a prompt.
    pub fn flush(&mut self, shown: &mut Vec<u8>) {
        shown.extend_from_slice(&self.redactor.mask_bytes(&mem::take(&mut self.held)));
    }

    /// Whether something is held back that [`flush`](Self::flush) may show.
    pub fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Appends the rest: the stream has ended.
    pub fn finish(mut self, shown: &mut Vec<u8>) {
        self.flush(shown);
    }
}
