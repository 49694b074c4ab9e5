//! The scanner: blanks, comments, keys and includes of the clients' dialect.

use memchr::memchr2;
use smol_str::SmolStr;

use super::Fault;
use crate::{
    context::IncludeForm,
    diagnostic::Diagnostic,
    origin::{Origin, SourceId, SourceText},
};

/// A place in a text, and what stands there.
pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    source: SourceId,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t SourceText) -> Self {
        Self { text: &text.text, at: 0, source: text.id }
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Returns the text before here.
    pub(super) fn before(&self) -> &'t str {
        self.text.get(..self.at).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Returns the place of so many bytes from here.
    pub(super) fn here(&self, bytes: usize) -> Origin {
        self.place(self.at, self.at + bytes)
    }

    /// Returns the place from a byte to here.
    pub(super) fn from(&self, start: usize) -> Origin {
        self.place(start, self.at)
    }

    fn place(&self, start: usize, end: usize) -> Origin {
        let byte = |at: usize| u32::try_from(at.min(self.text.len())).unwrap_or(u32::MAX);
        Origin { source: self.source, start: byte(start), end: byte(end) }
    }

    /// Skips blanks: space and tab, and, where the stock parser stops, a byte order mark and the
    /// no-break space.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(0xC2) if self.rest().starts_with('\u{a0}') => self.at += 2,
                Some(0xEF) if self.rest().starts_with('\u{feff}') => self.at += 3,
                _ => return,
            }
        }
    }

    /// Skips blanks, and line ends behind a backslash.
    pub(super) fn skip_blanks_continued(&mut self) {
        loop {
            self.skip_blanks();
            let continued = self.peek() == Some(b'\\')
                && self
                    .rest()
                    .trim_start_matches('\\')
                    .trim_start_matches([' ', '\t'])
                    .starts_with(['\n', '\r'])
                && !self.rest().starts_with("\\\\");
            if !continued {
                return;
            }
            self.at += 1;
            self.skip_blanks();
            while matches!(self.peek(), Some(b'\n' | b'\r')) {
                self.at += 1;
                self.skip_blanks();
            }
        }
    }

    pub(super) fn skip_blanks_lines_comments(&mut self) {
        self.skip(|byte| matches!(byte, b'\n' | b'\r'));
    }

    pub(super) fn skip_separators_comments(&mut self) {
        self.skip(|byte| matches!(byte, b'\n' | b'\r' | b','));
    }

    fn skip(&mut self, is_separator: impl Fn(u8) -> bool) {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(byte) if is_separator(byte) => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(b'/') if self.peek_at(1) == Some(b'/') => self.skip_line(),
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
    }

    /// Reads a key: names between dots, or one in quotes, which is taken whole.
    pub(super) fn key_path(&mut self) -> Result<Vec<SmolStr>, Fault> {
        let start = self.at;
        let mut keys = Vec::new();
        loop {
            if self.peek() == Some(b'"') {
                keys.push(self.quoted_key()?);
                self.skip_blanks();
                if self.peek() != Some(b'.') {
                    return Ok(keys);
                }
                continue;
            }
            let word = self.rest();
            let length = word.find(|c| !is_key_character(c)).unwrap_or(word.len());
            let word = word.get(..length).unwrap_or_default();
            self.at += length;
            let joined = self.peek() == Some(b'"') && word.ends_with('.');
            // The key as a whole is stripped, not each name of it (`ConfigTreeParser.postParse`).
            let word = if joined { word } else { word.trim_end_matches([' ', '\t']) };
            keys.extend(word.split('.').filter(|name| !name.is_empty()).map(SmolStr::new));
            if joined {
                continue;
            }
            if keys.is_empty() || length == 0 {
                return Err(no_key(self.here(1), self.from(start)));
            }
            return Ok(keys);
        }
    }

    fn quoted_key(&mut self) -> Result<SmolStr, Fault> {
        let start = self.at;
        match super::value::quoted(self.rest(), self.before()) {
            Some((text, length)) => {
                self.at += length;
                Ok(text)
            }
            None => Err(unclosed_quote(self.place(start, start + 1))),
        }
    }

    /// Reads `include …` if that is what stands here, not a key that begins so.
    pub(super) fn include(
        &mut self,
    ) -> Result<Option<(IncludeForm, SmolStr, bool, Origin)>, Fault> {
        const WORD: usize = "include".len();
        let rest = self.rest();
        let is_word = rest.get(..WORD).is_some_and(|word| word.eq_ignore_ascii_case("include"));
        let follows = rest.get(WORD..).unwrap_or_default();
        let target = follows.trim_start_matches([' ', '\t']);
        let is_include = is_word
            && ["\"", "url", "file", "required"].iter().any(|start| {
                target.strip_prefix(start).is_some_and(|after| {
                    *start == "\"" || after.trim_start_matches([' ', '\t']).starts_with('(')
                })
            });
        if !is_include {
            return Ok(None);
        }
        let start = self.at;
        self.at += rest.len() - target.len();
        let required = self.take_call("required");
        let form = if self.take_call("url") {
            IncludeForm::Url
        } else if self.take_call("file") {
            IncludeForm::File
        } else {
            IncludeForm::Plain
        };
        let target = self.quoted_key()?;
        let form = match form {
            IncludeForm::Plain
                if ["http://", "https://", "file://"]
                    .iter()
                    .any(|scheme| target.starts_with(scheme)) =>
            {
                IncludeForm::Url
            }
            other => other,
        };
        for _ in 0..(usize::from(required)
            + usize::from(
                self.text
                    .get(start..self.at)
                    .is_some_and(|text| text.contains("url") || text.contains("file(")),
            ))
        {
            self.skip_blanks();
            if self.peek() == Some(b')') {
                self.at += 1;
            }
        }
        Ok(Some((form, target, required, self.from(start))))
    }

    /// Takes `name (` if it stands here.
    fn take_call(&mut self, name: &str) -> bool {
        let Some(after) = self.rest().strip_prefix(name) else { return false };
        let inside = after.trim_start_matches([' ', '\t']).strip_prefix('(');
        let Some(inside) = inside else { return false };
        self.at = self.text.len() - inside.trim_start_matches([' ', '\t']).len();
        true
    }
}

/// ASCII and Latin-1 letters, digits and `._- /`, as pyhocon's `alphanums + alphas8bit + '._- /'`.
fn is_key_character(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(character, '.' | '_' | '-' | ' ' | '\t' | '/')
        || (matches!(character, 'À'..='ÿ') && !matches!(character, '×' | '÷'))
}

pub(super) fn no_value(origin: Origin) -> Fault {
    Diagnostic::error("hocon-no-value", "this key has no value", origin)
        .with_help("write `key: value`, `key = value` or `key { … }`")
        .into()
}

fn no_key(here: Origin, key: Origin) -> Fault {
    let origin = if key.start == key.end { here } else { key };
    Diagnostic::error("hocon-no-key", "expected a key", origin)
        .with_help("put a key with other characters than letters, digits, `_`, `-`, `/` in quotes")
        .into()
}

pub(super) fn unclosed_quote(origin: Origin) -> Fault {
    Diagnostic::error("hocon-unclosed-quote", "this quote is not closed on its line", origin)
        .with_help("close it, or use `\"\"\"` for text of several lines")
        .into()
}

pub(super) fn unexpected(origin: Origin, place: &str) -> Fault {
    Diagnostic::error("hocon-unexpected", format!("unexpected character {place}"), origin)
        .with_help("put a value with special characters in double quotes")
        .into()
}
