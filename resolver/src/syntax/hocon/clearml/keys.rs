//! Keys and paths of keys as the clients read them.

use std::ops::Range;

use lean_string::LeanStr;
use memchr::memmem;

use super::{Clearml, strings::Quoted};
use crate::{
    diagnostic::Diagnostic,
    number::Number,
    syntax::hocon::{
        bytes::KEY,
        reader::Reader,
        scanner::{Fault, Scanner},
    },
};

/// A run of the text that an unquoted key may hold.
struct KeyText {
    /// Where it is, blanks around it left out.
    place: Range<usize>,
    has_dots: bool,
    has_tabs: bool,
}

impl Scanner<'_, '_, '_> {
    /// Takes ASCII letters and digits, the letters of Latin-1, `.`, `_`, `-`, `/` and blanks.
    #[inline]
    fn take_key_text(&mut self) -> KeyText {
        while let Some(b' ') = self.peek() {
            self.at += 1;
        }
        let mut text = KeyText { place: self.at..self.at, has_dots: false, has_tabs: false };
        loop {
            let run = self.at;
            self.skip_run(KEY);
            if self.at > run {
                text.place.end = self.at;
            }
            match self.peek() {
                Some(b' ') => self.at += 1,
                Some(b'\t') => {
                    text.has_tabs = true;
                    self.at += 1;
                }
                Some(0xc3) if !matches!(self.peek_character(), Some('×' | '÷')) => {
                    self.at += 2;
                    text.place.end = self.at;
                }
                _ => break,
            }
        }
        text.has_dots = self.slice(text.place.clone()).as_bytes().contains(&b'.');
        text
    }
}

impl Reader<'_, '_, '_, Clearml> {
    /// Takes a path of keys. The most usual ones, a single key with or without quotes, are taken
    /// as they stand.
    pub(super) fn take_key_path(&mut self) -> Result<(), Fault> {
        let start = self.scanner.at;
        if self.scanner.peek() == Some(b'"') {
            if !self.take_quoted_key() {
                self.take_quoted_path()?;
            }
            return self.check_keys(start);
        }
        if self.take_number_key() {
            return self.check_keys(start);
        }
        if self.take_plain_key() {
            return self.check_path(start);
        }
        let text = self.scanner.take_key_text();
        if self.scanner.peek() == Some(b'"') {
            self.scanner.at = start;
            self.take_quoted_path()?;
        } else if text.place.is_empty() {
            return Err(self.reserved_character("key"));
        } else {
            let key = if text.has_tabs {
                self.expanded(text.place)
            } else {
                self.scanner.slice(text.place).into()
            };
            if text.has_dots {
                let keys = key.split('.').filter(|key| !key.is_empty());
                keys.for_each(|key| self.tree.add_key(key.into()));
            } else {
                self.tree.add_key(key);
            }
        }
        self.check_keys(start)
    }

    /// Takes a quoted key that is the whole path, and not long enough to need a look at the rest.
    fn take_quoted_key(&mut self) -> bool {
        let start = self.scanner.at;
        if let Some(key) = self.scanner.take_simple_quoted()
            && let Some(b':' | b'=' | b' ') = self.scanner.peek()
        {
            self.scanner.skip_blanks();
            if let Some(b':' | b'=' | b'{' | b'+') = self.scanner.peek() {
                self.tree.add_key(key.into());
                return true;
            }
        }
        self.scanner.at = start;
        false
    }

    /// Takes a number as a key, dots and all, where the clients see a number: at a line's end.
    fn take_number_key(&mut self) -> bool {
        if !matches!(self.scanner.peek(), Some(b'0'..=b'9' | b'+' | b'-' | b'.')) {
            return false;
        }
        let Some(spelling) = self.scanner.take_number() else { return false };
        self.tree.add_key(Number::from_checked(spelling).canonical());
        true
    }

    /// Takes a path in which a key is quoted. The clients know only paths of one quoted key and
    /// nothing else; the rest is as the HOCON specification says.
    fn take_quoted_path(&mut self) -> Result<(), Fault> {
        let mut key = String::new();
        let mut is_quoted = false;
        loop {
            let start = self.scanner.at;
            self.scanner.take_key_text();
            let comment =
                memmem::find(self.scanner.slice(start..self.scanner.at).as_bytes(), b"//");
            if let Some(comment) = comment {
                self.scanner.at = start + comment;
            }
            let text = self.expanded(start..self.scanner.at);
            let is_last = self.scanner.peek() != Some(b'"');
            let text = if is_last { text.trim_end_matches(' ') } else { text.as_str() };
            for (index, part) in text.split('.').enumerate() {
                if index > 0 {
                    self.end_key(&mut key, &mut is_quoted, start)?;
                }
                key.push_str(part);
            }
            if is_last {
                return self.end_key(&mut key, &mut is_quoted, start);
            }
            let Some(quoted) = self.scanner.take_quoted() else {
                return Err(self.unclosed_string());
            };
            key.push_str(&self.quoted_key(&quoted));
            is_quoted = true;
        }
    }

    fn end_key(
        &mut self,
        key: &mut String,
        is_quoted: &mut bool,
        start: usize,
    ) -> Result<(), Fault> {
        if !std::mem::take(is_quoted) && key.is_empty() {
            return Err(self.empty_key(start));
        }
        self.tree.add_key(std::mem::take(key).into());
        Ok(())
    }

    /// Returns a quoted key. The clients keep escapes in it as they are typed, but for `\"`, on
    /// which they stumble.
    fn quoted_key(&mut self, quoted: &Quoted) -> LeanStr {
        let text = self.quoted_text(quoted);
        if !quoted.has_escapes {
            return text;
        }
        let mut key = String::with_capacity(text.len());
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match (character, character == '\\') {
                (_, true) => match characters.next() {
                    Some('"') => key.push('"'),
                    escaped => key.extend(['\\'].into_iter().chain(escaped)),
                },
                (plain, false) => key.push(plain),
            }
        }
        key.into()
    }

    fn check_keys(&mut self, start: usize) -> Result<(), Fault> {
        let keys = self.tree.keys().len();
        if keys == 0 {
            let message = "this key consists of dots only";
            let diagnostic =
                Diagnostic::error("hocon-bad-key", message, self.scanner.origin(start))
                    .with_help("put it in double quotes if the dots are meant");
            return Err(self.scanner.fail(diagnostic));
        }
        self.check_path(start)
    }
}
