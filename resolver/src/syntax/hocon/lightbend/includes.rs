//! Includes.

use lean_string::LeanStr;

use super::Lightbend;
use crate::{
    context::IncludeForm,
    diagnostic::Diagnostic,
    overlay::{Beneath, overlay_object},
    syntax::hocon::{
        reader::Reader,
        scanner::{Fault, Scanner},
    },
    value::Value,
};

/// The forms of an include that name the kind of place; no white space may stand before the
/// parenthesis.
const FORMS: [(&[u8], IncludeForm); 3] = [
    (b"file(", IncludeForm::File),
    (b"url(", IncludeForm::Url),
    (b"classpath(", IncludeForm::Classpath),
];

impl Reader<'_, '_, '_, Lightbend> {
    /// Takes an include: what it brings joins the innermost object.
    pub(super) fn take_included_members(&mut self) -> Result<bool, Fault> {
        let start = self.scanner.at;
        if !self.scanner.take_include_word() {
            return Ok(false);
        }
        let (form, target, required) = self.take_include_target(start)?;
        let origin = self.scanner.origin(start);
        let opens_before = self.scanner.reading.opens;
        for root in self.read_included((form, &target, required), origin) {
            let Value::Object(members) = &root.value else {
                return Err(self.wrong_kind_included(start, &root, "an object"));
            };
            self.set_entries();
            if let Some((object, _)) = self.tree.assignment() {
                overlay_object(object, members, Beneath::Kept);
            }
        }
        if self.tree.is_in_list() && self.scanner.reading.opens > opens_before {
            return Err(self.include_in_list(start));
        }
        Ok(true)
    }

    fn take_include_target(&mut self, start: usize) -> Result<(IncludeForm, LeanStr, bool), Fault> {
        self.scanner.skip_white_lines();
        let required = self.take_bytes(b"required(");
        self.scanner.skip_white_lines();
        let form = FORMS.into_iter().find(|(opening, _)| self.take_bytes(opening));
        self.scanner.skip_white_lines();
        if self.scanner.peek() != Some(b'"') {
            return Err(self.broken_include(start));
        }
        let target = self.take_quoted_text()?;
        for _ in 0..usize::from(required) + usize::from(form.is_some()) {
            self.scanner.skip_white_lines();
            if !self.scanner.take(b')') {
                return Err(self.broken_include(start));
            }
        }
        Ok((form.map_or(IncludeForm::Plain, |(_, form)| form), target, required))
    }

    fn take_bytes(&mut self, bytes: &[u8]) -> bool {
        let is_next = self.scanner.is_at(bytes);
        self.scanner.at += if is_next { bytes.len() } else { 0 };
        is_next
    }

    fn broken_include(&mut self, start: usize) -> Fault {
        let message = "this is no include that can be read";
        let diagnostic =
            Diagnostic::error("hocon-bad-include", message, self.scanner.origin(start))
                .with_help("write `include \"name\"`, with `required(…)`, `file(…)`, `url(…)` or `classpath(…)` around the name; a key called `include` stands in double quotes");
        self.scanner.fail(diagnostic)
    }

    fn include_in_list(&mut self, start: usize) -> Fault {
        let message = "a text with references cannot be included inside a list";
        let diagnostic =
            Diagnostic::error("hocon-include-in-list", message, self.scanner.origin(start))
                .with_help("include it outside and refer to it from the list by `${…}`");
        self.scanner.fail(diagnostic)
    }
}

impl Scanner<'_, '_, '_> {
    /// Takes the word `include` where it stands for itself.
    fn take_include_word(&mut self) -> bool {
        const WORD: &[u8] = b"include";
        let start = self.at;
        if !self.is_at(WORD) {
            return false;
        }
        self.skip_unquoted();
        let is_include = self.at == start + WORD.len();
        if !is_include {
            self.at = start;
        }
        is_include
    }
}
