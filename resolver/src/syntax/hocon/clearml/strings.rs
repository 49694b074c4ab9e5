//! Quoted strings as the clients read them.

use std::ops::Range;

use lean_string::LeanStr;

use super::{Clearml, words::unescaped};
use crate::{
    diagnostic::Diagnostic,
    syntax::hocon::{
        reader::{Reader, Taken},
        scanner::{Fault, Scanner},
        strings::TRIPLE_QUOTE,
        tree::Tail,
    },
    value::Value,
};

/// A quoted string as it stands in the text.
pub(super) struct Quoted {
    /// What is between the quotes.
    pub(super) inside: Range<usize>,
    pub(super) has_escapes: bool,
    has_tabs: bool,
}

impl Scanner<'_, '_, '_> {
    /// Takes the string that opens here; nothing if it does not end on its line.
    pub(super) fn take_quoted(&mut self) -> Option<Quoted> {
        let start = self.at;
        let mut quoted =
            Quoted { inside: start + 1..start + 1, has_escapes: false, has_tabs: false };
        self.at += 1;
        loop {
            self.skip_plain();
            match self.peek() {
                Some(b'"') => {
                    quoted.inside.end = self.at;
                    self.at += 1;
                    return Some(quoted);
                }
                Some(b'\\') if self.is_at_escape() => {
                    quoted.has_escapes = true;
                    self.at += 1;
                    self.at += self.peek_character().map_or(0, char::len_utf8);
                }
                Some(b'\\' | b'\n') | None => {
                    self.at = start;
                    return None;
                }
                Some(control) => {
                    quoted.has_tabs |= control == b'\t';
                    self.at += 1;
                }
            }
        }
    }
}

impl Reader<'_, '_, '_, Clearml> {
    #[inline]
    pub(super) fn take_string(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        if let Some(text) = self.scanner.take_simple_quoted() {
            let value = Value::String(text.into()).spanned(self.scanner.origin(start));
            let blanks = self.scanner.take_blanks();
            return self.add_or_keep(value, Tail::Other(blanks));
        }
        self.take_other_string()
    }

    #[inline(never)]
    fn take_other_string(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        if let Some(text) = self.take_triple_quoted() {
            let value = Value::String(text).spanned(self.scanner.origin(start));
            self.scanner.skip_blanks();
            return self.add_or_keep(value, Tail::Bare);
        }
        let text = self.take_quoted_text()?;
        let value = Value::String(text).spanned(self.scanner.origin(start));
        let blanks = self.scanner.take_blanks();
        self.add_or_keep(value, Tail::Other(blanks))
    }

    /// Takes a string in quotes, its escapes replaced.
    #[inline]
    pub(super) fn take_quoted_text(&mut self) -> Result<LeanStr, Fault> {
        let Some(quoted) = self.scanner.take_quoted() else { return Err(self.unclosed_string()) };
        let text = self.quoted_text(&quoted);
        Ok(if quoted.has_escapes { unescaped(&text) } else { text })
    }

    /// Returns what is between quotes, tabs expanded, escapes as they are typed.
    pub(super) fn quoted_text(&mut self, quoted: &Quoted) -> LeanStr {
        if quoted.has_tabs {
            self.expanded(quoted.inside.clone())
        } else {
            self.scanner.slice(quoted.inside.clone()).into()
        }
    }

    /// Takes a string in triple quotes, if one opens here and is closed somewhere. One that is
    /// not is an empty string and then another, to the clients.
    fn take_triple_quoted(&mut self) -> Option<LeanStr> {
        if self.dialect.unclosed_triple_quote.is_some() || !self.scanner.is_at(TRIPLE_QUOTE) {
            return None;
        }
        let start = self.scanner.at;
        let Some(inside) = self.scanner.take_triple_quoted() else {
            self.dialect.unclosed_triple_quote = Some(start);
            return None;
        };
        let start = start + TRIPLE_QUOTE.len();
        Some(self.expanded(start..start + inside.len()))
    }

    pub(super) fn unclosed_string(&mut self) -> Fault {
        let open = self.scanner.at;
        let opened = self.scanner.origin_of(open..open + 1);
        let diagnostic = match self.dialect.unclosed_triple_quote {
            Some(triple) if (triple..triple + TRIPLE_QUOTE.len()).contains(&open) => {
                let origin = self.scanner.origin_of(triple..triple + TRIPLE_QUOTE.len());
                Diagnostic::error("hocon-unclosed-string", "this string is never closed", origin)
                    .with_help("close it with `\"\"\"`")
            }
            _ => Diagnostic::error(
                "hocon-unclosed-string",
                "this string does not end on its line",
                opened,
            )
            .with_help(r#"close it with `"`; text of several lines stands between `"""`"#),
        };
        self.scanner.fail(diagnostic)
    }
}
