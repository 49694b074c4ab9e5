//! A supply of choices, made of bytes: a fuzzer's own, or random ones.

/// Hands out choices, one a byte; the first of the alternatives once no byte is left.
pub struct Choices<'b> {
    bytes: std::slice::Iter<'b, u8>,
}

impl<'b> Choices<'b> {
    /// Returns the choices that bytes make.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    /// Whether only first alternatives follow.
    pub fn is_spent(&self) -> bool {
        self.bytes.len() == 0
    }

    /// Returns a number below `count`, which is at most 256.
    pub fn below(&mut self, count: usize) -> usize {
        self.bytes.next().map_or(0, |byte| usize::from(*byte) % count.max(1))
    }

    /// Whether a thing of which one in so many happens does so now; never once no byte is left.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) + 1 == count
    }

    /// Returns one of several.
    pub fn pick<'x>(&mut self, texts: &[&'x str]) -> &'x str {
        texts.get(self.below(texts.len())).copied().unwrap_or_default()
    }
}
