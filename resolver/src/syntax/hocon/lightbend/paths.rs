//! Path expressions: keys, and what references name.

use lean_string::LeanStr;

use super::Lightbend;
use crate::syntax::hocon::{reader::Reader, scanner::Fault};

/// A path that is being read, and the key that is being read of it.
#[derive(Default)]
struct PathSoFar {
    keys: Vec<LeanStr>,
    key: String,
    /// Whether that key may be empty: it holds an empty string in quotes.
    has_quotes: bool,
    has_empty_key: bool,
}

impl Reader<'_, '_, '_, Lightbend> {
    /// Takes the path of a key. The most usual ones, a single key with or without quotes, are
    /// taken as they stand.
    pub(super) fn take_key_path(&mut self) -> Result<(), Fault> {
        let start = self.scanner.at;
        if self.take_plain_key() {
            return self.check_path(start);
        }
        if self.scanner.peek() == Some(b'"') {
            let key = self.take_quoted_text()?;
            self.scanner.skip_white();
            if let Some(b':' | b'=' | b'{') = self.scanner.peek() {
                self.tree.add_key(key);
                return self.check_path(start);
            }
            self.scanner.at = start;
        }
        let end = self.scanner.skip_text();
        if self.scanner.peek() == Some(b'"') {
            self.scanner.at = start;
            for key in self.take_path()? {
                self.tree.add_key(key);
            }
            return self.check_path(start);
        }
        if end == start {
            return Err(self.reserved_character("key"));
        }
        for key in self.scanner.slice(start..end).split('.') {
            if key.is_empty() {
                return Err(self.empty_key(start));
            }
            self.tree.add_key(key.into());
        }
        self.check_path(start)
    }

    /// Takes a path expression; one of no keys where none begins here.
    ///
    /// Quoted strings count whole, elsewhere a dot separates keys; white space counts between
    /// two parts of a path ("Paths as keys" and "Path expressions" of the specification).
    pub(super) fn take_path(&mut self) -> Result<Vec<LeanStr>, Fault> {
        let start = self.scanner.at;
        let mut path = PathSoFar::default();
        let mut blanks = start..start;
        let mut is_empty = true;
        loop {
            let part = self.scanner.at;
            if self.scanner.peek() == Some(b'"') {
                path.key.push_str(self.scanner.slice(blanks));
                path.key.push_str(&self.take_quoted_text()?);
                path.has_quotes = true;
                blanks = self.scanner.take_white();
            } else {
                let end = self.scanner.skip_text();
                if end == part {
                    break;
                }
                path.key.push_str(self.scanner.slice(blanks));
                path.add_text(self.scanner.slice(part..end));
                blanks = end..self.scanner.at;
            }
            is_empty = false;
        }
        if is_empty {
            return Ok(Vec::new());
        }
        path.end_key();
        if path.has_empty_key {
            return Err(self.empty_key(start));
        }
        Ok(path.keys)
    }
}

impl PathSoFar {
    fn add_text(&mut self, text: &str) {
        for (index, part) in text.split('.').enumerate() {
            if index > 0 {
                self.end_key();
            }
            self.key.push_str(part);
        }
    }

    fn end_key(&mut self) {
        self.has_empty_key |= self.key.is_empty() && !self.has_quotes;
        self.has_quotes = false;
        self.keys.push(std::mem::take(&mut self.key).into());
    }
}
