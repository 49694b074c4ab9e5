//! References, `${path}` and `${?path}`, as the clients read them.

use lean_string::LeanStr;
use memchr::memchr;

use super::Clearml;
use crate::{
    diagnostic::Diagnostic,
    key_path::KeyPath,
    syntax::hocon::{
        reader::{Reader, Taken},
        scanner::Fault,
        tree::Tail,
    },
    value::{Open, Reference, Value},
};

/// What separates keys inside the braces; all but the dot only because the clients' look-up
/// splits there (`ConfigTree.parse_key` of `clearml` 2.1.12).
const SEPARATORS: &[char] =
    &['$', '}', '[', ']', ':', '=', '+', '#', '`', '^', '?', '!', '@', '*', '&', '.'];

impl Reader<'_, '_, '_, Clearml> {
    pub(super) fn take_reference(&mut self) -> Result<Taken, Fault> {
        let start = self.scanner.at;
        if !self.scanner.is_at(b"${") {
            return Err(self.reserved_character("value"));
        }
        let inside = start + 2;
        let rest = self.scanner.text.as_bytes().get(inside..).unwrap_or_default();
        let Some(length) = memchr(b'}', rest) else { return Err(self.unclosed_reference()) };
        let text = self.expanded(inside..inside + length);
        self.scanner.at = inside + length + 1;
        let (optional, name) = match text.strip_prefix('?') {
            Some(name) if !name.is_empty() => (true, LeanStr::from(name)),
            _ => (false, text),
        };
        let path = looked_up(&name);
        if path.is_empty() {
            return Err(self.empty_reference(start));
        }
        if path.len() > self.scanner.reading.context.limits.path_keys {
            return Err(self.too_many_keys(start));
        }
        let reference = Reference { path, name, optional, included_below: 0 };
        let value = Value::Open(Open::Reference(reference).into());
        let origin = self.scanner.origin(start);
        self.count_reference(origin)?;
        let blanks = self.scanner.take_blanks();
        self.add_or_keep(value.spanned(origin), Tail::Other(blanks))
    }

    fn unclosed_reference(&mut self) -> Fault {
        let start = self.scanner.at;
        let origin = self.scanner.origin_of(start..start + 2);
        let diagnostic =
            Diagnostic::error("hocon-unclosed-reference", "this reference is never closed", origin)
                .with_help("close it with `}`, or put the value in double quotes");
        // Every further one is unclosed, too, and looking for its brace would read the rest again.
        self.scanner.give_up(diagnostic)
    }

    fn empty_reference(&mut self, start: usize) -> Fault {
        let message = "this reference names no key";
        let diagnostic =
            Diagnostic::error("hocon-bad-reference", message, self.scanner.origin(start))
                .with_help("write a path of keys between the braces, as in `${a.b}`");
        self.scanner.fail(diagnostic)
    }
}

/// Splits a name as the clients do before they look it up: keys in quotes whole, others between
/// separators. Blanks count, and what is empty does not.
fn looked_up(name: &str) -> KeyPath {
    let mut path = KeyPath::root();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let quoted = rest.strip_prefix('"').and_then(|inside| inside.split_once('"'));
        if let Some((key, after)) = quoted.filter(|(key, _)| !key.is_empty()) {
            path.push(key);
            rest = after;
        } else if SEPARATORS.contains(&first) {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        } else {
            let end = rest.find(SEPARATORS).unwrap_or(rest.len());
            let (key, after) = rest.split_at(end);
            path.push(key.trim_matches('"'));
            rest = after;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_names_as_the_clients_do() {
        for (name, keys) in [
            ("a.b", vec!["a", "b"]),
            (" a . b ", vec![" a ", " b "]),
            (r#"a."b.c".d"#, vec!["a", "b.c", "d"]),
            ("..a..", vec!["a"]),
            ("?", vec![]),
            ("A[]", vec!["A"]),
            (r#"a"b"#, vec![r#"a"b"#]),
            (r#""a.b"#, vec!["a", "b"]),
            (r#""""#, vec![""]),
        ] {
            assert_eq!(looked_up(name).keys(), keys, "{name}");
        }
    }
}
