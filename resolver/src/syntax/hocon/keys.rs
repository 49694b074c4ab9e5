//! The keys that both dialects read alike: one word, and then what has to follow a key.

use super::{bytes::KEY_WORD, reader::Reader};

impl<D> Reader<'_, '_, '_, D> {
    /// Takes a key of one word without quotes that is the whole path, as most are; says whether
    /// there was one.
    #[inline]
    pub(super) fn take_plain_key(&mut self) -> bool {
        let start = self.scanner.at;
        self.scanner.skip_run(KEY_WORD);
        let end = self.scanner.at;
        while let Some(b' ') = self.scanner.peek() {
            self.scanner.at += 1;
        }
        let is_whole = end > start && matches!(self.scanner.peek(), Some(b'=' | b':' | b'{'));
        if is_whole {
            self.tree.add_key(self.scanner.slice(start..end).into());
        } else {
            self.scanner.at = start;
        }
        is_whole
    }
}
