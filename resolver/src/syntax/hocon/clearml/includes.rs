//! Includes as the clients write them.

use lean_string::LeanStr;

use super::{Clearml, assign::Laying, words::is_identifier_byte};
use crate::{
    context::IncludeForm,
    diagnostic::Diagnostic,
    syntax::hocon::{
        reader::{Reader, Taken},
        scanner::Fault,
        tree::Kind,
    },
    value::{Spanned, Value},
};

/// An include as it is written.
struct Include {
    form: IncludeForm,
    target: LeanStr,
    required: bool,
    start: usize,
}

impl Reader<'_, '_, '_, Clearml> {
    /// Takes an include in place of a key: the keys of what it brings are assigned here.
    pub(super) fn take_included_members(&mut self) -> Result<bool, Fault> {
        if !matches!(self.scanner.peek(), Some(b'i' | b'I')) || !self.is_at_include() {
            return Ok(false);
        }
        let include = self.take_include_statement()?;
        let start = include.start;
        for root in self.included(&include) {
            let Value::Object(members) = &root.value else {
                return Err(self.wrong_kind_included(start, &root, "an object"));
            };
            for (key, value) in members.iter() {
                // As the clients, which take each key again as if it were written here.
                let key = LeanStr::from(key.trim_matches(' '));
                self.put(&[key], value.clone(), Laying::Join)?;
            }
        }
        Ok(true)
    }

    /// Takes an include in a list: the items of what it brings are put here.
    pub(super) fn take_included_items(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        let include = self.take_include_statement()?;
        self.scanner.skip_blanks();
        let is_alone = !self.tree.has_pieces()
            && matches!(self.scanner.peek(), None | Some(b'\n' | b'\r' | b',' | b']' | b'#'));
        if self.tree.kind() == Kind::Object || !is_alone {
            let message = "an include stands for keys or for items of a list, not for a value";
            let diagnostic =
                Diagnostic::error("hocon-include-in-value", message, self.scanner.origin(start))
                    .with_help("write `key { include \"…\" }`");
            return Err(self.scanner.fail(diagnostic));
        }
        for root in self.included(&include) {
            let Value::Array(items) = &root.value else {
                return Err(self.wrong_kind_included(start, &root, "a list"));
            };
            items.iter().cloned().for_each(|item| self.tree.add_item(item));
        }
        Ok(Taken::End)
    }

    /// Whether an include begins here: the word in any case, then a string or a form of include.
    /// Otherwise the word is a key or a value like any other.
    pub(super) fn is_at_include(&self) -> bool {
        const WORD: &[u8] = b"include";
        let bytes = self.scanner.rest_bytes();
        let Some((word, rest)) = bytes.split_at_checked(WORD.len()) else { return false };
        let begins_identifier = rest.first().copied().is_some_and(is_identifier_byte);
        if !word.eq_ignore_ascii_case(WORD) || begins_identifier {
            return false;
        }
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let rest = rest.get(blanks..).unwrap_or_default();
        let is_form = |form: &[u8]| {
            rest.strip_prefix(form)
                .is_some_and(|after| !after.first().copied().is_some_and(is_identifier_byte))
        };
        rest.first() == Some(&b'"') || is_form(b"url") || is_form(b"file") || is_form(b"required")
    }

    fn take_include_statement(&mut self) -> Result<Include, Fault> {
        let start = self.scanner.at;
        self.scanner.at += b"include".len();
        self.scanner.skip_blanks();
        let required = self.take_form(b"required")?;
        let form = if self.take_form(b"file")? {
            Some(IncludeForm::File)
        } else if self.take_form(b"url")? {
            Some(IncludeForm::Url)
        } else {
            None
        };
        if self.scanner.peek() != Some(b'"') {
            return Err(self.broken_include(start));
        }
        let target = self.take_quoted_text()?;
        for _ in 0..usize::from(required) + usize::from(form.is_some()) {
            self.scanner.skip_blanks();
            if !self.scanner.take(b')') {
                return Err(self.broken_include(start));
            }
        }
        let is_url = ["http://", "https://", "file://"].iter().any(|url| target.starts_with(url));
        let form = form.unwrap_or(if is_url { IncludeForm::Url } else { IncludeForm::Plain });
        Ok(Include { form, target, required, start })
    }

    /// Takes a word and its opening parenthesis, if the word is the next.
    fn take_form(&mut self, word: &[u8]) -> Result<bool, Fault> {
        let start = self.scanner.at;
        if !self.scanner.is_at(word) {
            return Ok(false);
        }
        self.scanner.at += word.len();
        self.scanner.skip_blanks();
        if !self.scanner.take(b'(') {
            return Err(self.broken_include(start));
        }
        self.scanner.skip_blanks();
        Ok(true)
    }

    fn included(&mut self, include: &Include) -> Vec<Spanned> {
        let origin = self.scanner.origin(include.start);
        self.read_included((include.form, &include.target, include.required), origin)
    }

    fn broken_include(&mut self, start: usize) -> Fault {
        let message = "this is no include that can be read";
        let diagnostic =
            Diagnostic::error("hocon-bad-include", message, self.scanner.origin(start))
                .with_help("write `include \"name\"`, `include required(\"name\")`, or `file(…)` or `url(…)` around the name; a key called `include` stands in double quotes");
        self.scanner.fail(diagnostic)
    }
}
