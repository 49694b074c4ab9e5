//! References, `${path}` and `${?path}`.

use memchr::memchr2;

use super::Lightbend;
use crate::{
    diagnostic::Diagnostic,
    key_path::KeyPath,
    origin::Origin,
    syntax::hocon::{
        reader::{Reader, Taken},
        scanner::Fault,
        tree::Tail,
    },
    value::{Open, Reference, Value},
};

impl Reader<'_, '_, '_, Lightbend> {
    pub(super) fn take_reference(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        if !self.scanner.is_at(b"${") {
            return Err(self.reserved_character("value"));
        }
        self.scanner.at += 2;
        let optional = self.scanner.take(b'?');
        self.scanner.skip_white();
        let path = self.take_path()?;
        let is_list = self.scanner.is_at(b"[]");
        self.scanner.at += if is_list { 2 } else { 0 };
        self.scanner.skip_white();
        if !self.scanner.take(b'}') || path.is_empty() {
            return Err(self.bad_reference(start, path.is_empty()));
        }
        if path.len() > self.scanner.reading.context.limits.path_keys {
            return Err(self.too_many_keys(start));
        }
        let path: KeyPath = path.into_iter().collect();
        let name = if is_list { format!("{path}[]") } else { path.to_string() };
        let origin = self.scanner.origin(start);
        let value = self.reference(&path, name, (optional, origin))?;
        let blanks = self.scanner.take_white();
        self.add_or_keep(value.spanned(origin), Tail::Other(blanks))
    }

    /// Makes a reference to a path of this text, which may be included into another.
    pub(super) fn reference(
        &mut self,
        path: &KeyPath,
        name: String,
        (optional, origin): (bool, Origin),
    ) -> Result<Value, Fault> {
        self.count_reference(origin)?;
        let prefix = &self.scanner.reading.included_below;
        let reference = Reference {
            path: prefix.keys().iter().chain(path.keys()).cloned().collect(),
            name: name.into(),
            optional,
            included_below: prefix.len(),
        };
        Ok(Value::Open(Open::Reference(reference).into()))
    }

    /// Says what is wrong with a reference. Reading goes on behind its brace, if that is on the
    /// same line.
    fn bad_reference(&mut self, start: usize, is_empty: bool) -> Fault {
        let rest = self.scanner.rest_bytes();
        let is_behind = self.scanner.byte_at(self.scanner.at - 1) == Some(b'}');
        let end = if is_behind { None } else { memchr2(b'}', b'\n', rest) };
        let closes = is_behind || end.is_some_and(|end| rest.get(end) == Some(&b'}'));
        let diagnostic = if !closes {
            let origin = self.scanner.origin_of(start..start + 2);
            Diagnostic::error("hocon-unclosed-reference", "this reference is not closed", origin)
                .with_help("close it with `}` on its line, or put the value in double quotes")
        } else if is_empty && is_behind {
            let origin = self.scanner.origin(start);
            Diagnostic::error("hocon-bad-reference", "this reference names no key", origin)
                .with_help("write a path of keys between the braces, as in `${a.b}`")
        } else {
            let message = "this character cannot stand in a reference outside quotes";
            Diagnostic::error("hocon-bad-reference", message, self.scanner.origin_here())
                .with_help("put the key that it belongs to in double quotes")
        };
        if let Some(end) = end {
            self.scanner.at += end + usize::from(closes);
        }
        self.scanner.fail(diagnostic)
    }
}
