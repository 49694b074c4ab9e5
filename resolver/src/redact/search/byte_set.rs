//! Sets of bytes that are asked at every turn.

/// A set of bytes that answers by one look into a table.
#[derive(Debug)]
pub(in crate::redact) struct ByteSet([bool; 256]);

impl ByteSet {
    /// All bytes.
    pub(in crate::redact) const ALL: Self = Self([true; 256]);

    /// Returns the set of some bytes.
    pub(in crate::redact) const fn of(bytes: &[u8]) -> Self {
        Self([false; 256]).and(bytes)
    }

    /// Returns the set of all bytes up to one.
    #[expect(clippy::indexing_slicing, reason = "every byte is a place of the table")]
    pub(in crate::redact) const fn up_to(last: u8) -> Self {
        let mut set = Self::of(&[last]);
        let mut byte = last as usize;
        while byte > 0 {
            byte -= 1;
            set.0[byte] = true;
        }
        set
    }

    /// Returns the set with some bytes more.
    #[expect(clippy::indexing_slicing, reason = "every byte is a place of the table")]
    pub(in crate::redact) const fn and(mut self, mut bytes: &[u8]) -> Self {
        while let [byte, rest @ ..] = bytes {
            self.0[*byte as usize] = true;
            bytes = rest;
        }
        self
    }

    /// Returns the set with all letters and digits of ASCII.
    pub(in crate::redact) const fn and_alphanumeric(self) -> Self {
        self.and(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    }

    /// Whether a byte is in the set.
    #[inline]
    pub(in crate::redact) fn holds(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or_default()
    }

    /// Returns its bytes in order.
    pub(in crate::redact) fn bytes(&self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(|byte| self.holds(*byte))
    }
}
