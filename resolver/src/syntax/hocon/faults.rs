//! What is said about brackets, keys and limits that are not as they should be.

use super::{reader::Reader, scanner::Fault, tree::Kind};
use crate::{
    diagnostic::{Diagnostic, Quoted},
    origin::Origin,
};

impl<D> Reader<'_, '_, '_, D> {
    /// Says that a closing bracket fits no open one, or none but an outer one: then the inner
    /// ones count as ended.
    pub(super) fn mismatched_bracket(&mut self, kind: Kind) -> Result<(), Fault> {
        let closing = kind.closing();
        let here = self.scanner.origin_here();
        let innermost = self.tree.brackets().next();
        let has_outer = self.tree.brackets().any(|(open, _)| open == kind);
        let (Some((open, bracket)), true) = (innermost, has_outer) else {
            self.scanner.at += 1;
            return Err(self.scanner.fail(
                Diagnostic::error(
                    "hocon-stray-bracket",
                    format!("this `{closing}` closes nothing"),
                    here,
                )
                .with_help(format!(
                    "take it out, or put a value that holds `{closing}` in double quotes"
                )),
            ));
        };
        let opened = self.scanner.origin_of(bracket..bracket + 1);
        let fault = self.scanner.fail(
            Diagnostic::error(
                "hocon-mismatched-bracket",
                format!("`{closing}` stands here while a {} is open", open.noun()),
                here,
            )
            .with_related(opened, format!("this `{}` is not closed", open.opening()))
            .with_help(format!("write `{}` before it", open.closing())),
        );
        if fault == Fault::Text { Err(fault) } else { Ok(()) }
    }

    pub(super) fn unclosed_bracket(&mut self) -> Fault {
        let Some((kind, bracket)) = self.tree.brackets().next() else { return Fault::Text };
        let code = match kind {
            Kind::List => "hocon-unclosed-list",
            Kind::Object => "hocon-unclosed-object",
        };
        let message = format!("this {} is never closed", kind.noun());
        let opened = self.scanner.origin_of(bracket..bracket + 1);
        let end = self.scanner.text.len();
        let diagnostic = Diagnostic::error(code, message, opened)
            .with_related(self.scanner.origin_of(end..end), "the text ends here")
            .with_help(format!("close it with `{}`", kind.closing()));
        self.scanner.give_up(diagnostic)
    }

    pub(super) fn text_after_end(&mut self, root: Origin) {
        let message = "the text goes on after its root is closed";
        let diagnostic =
            Diagnostic::error("hocon-text-after-end", message, self.scanner.origin_here())
                .with_related(root, "this is the root")
                .with_help("leave the outermost braces out, or put the rest inside them");
        self.scanner.give_up(diagnostic);
    }

    /// Says that no `=` or the like follows a key. What stands there may as well be a secret that
    /// was pasted alone: the message does not repeat it.
    pub(super) fn no_operator(&mut self, key_start: usize) -> Fault {
        let message = "`=`, `:` or `{` has to follow a key";
        let help = match self.scanner.peek_character() {
            None | Some('\n' | '\r' | ',' | '}' | ']') => {
                "give the key a value, as in `key: value`"
            }
            _ => "put a key or value that holds special characters in double quotes",
        };
        let key = self.scanner.origin(key_start);
        let diagnostic =
            Diagnostic::error("hocon-no-separator", message, self.scanner.origin_here())
                .with_related(key, "this is read as a key")
                .with_help(help);
        self.scanner.fail(diagnostic)
    }

    /// Says that a character cannot stand here outside quotes.
    pub(super) fn reserved_character(&mut self, part: &str) -> Fault {
        let character = self.scanner.peek_character().unwrap_or_default();
        let mut shown = [0; 4];
        let message = format!(
            "{} cannot stand in a {part} outside quotes",
            Quoted(character.encode_utf8(&mut shown))
        );
        let diagnostic =
            Diagnostic::error("hocon-reserved-character", message, self.scanner.origin_here())
                .with_help(format!("put the {part} in double quotes"));
        self.scanner.fail(diagnostic)
    }

    pub(super) fn too_deep(&mut self, limit: &str, levels: usize) -> Fault {
        let message = match limit {
            "depth" => format!("more than {levels} brackets are open at once"),
            _ => format!("this lies more than {levels} levels deep"),
        };
        let diagnostic = Diagnostic::error("hocon-too-deep", message, self.scanner.origin_here())
            .with_help(format!("nest less, or raise `limits.{limit}`"));
        self.scanner.give_up(diagnostic)
    }

    /// Holds the path that is being assigned, which begins at `start`, against the limits.
    pub(super) fn check_path(&mut self, start: usize) -> Result<(), Fault> {
        if self.tree.keys().len() > self.scanner.reading.context.limits.path_keys {
            return Err(self.too_many_keys(start));
        }
        if self.tree.levels() > self.max_levels {
            return Err(self.too_deep("tree_depth", self.max_levels));
        }
        Ok(())
    }

    pub(super) fn empty_key(&mut self, start: usize) -> Fault {
        let message = "a path has an empty key: a dot begins or ends it, or two dots meet";
        let diagnostic = Diagnostic::error("hocon-bad-key", message, self.scanner.origin(start))
            .with_help("take the dot out, or write `\"\"` for a key without a name");
        self.scanner.fail(diagnostic)
    }

    pub(super) fn too_many_keys(&mut self, start: usize) -> Fault {
        let limit = self.scanner.reading.context.limits.path_keys;
        let message = format!("a path holds more than {limit} keys");
        let diagnostic = Diagnostic::error("hocon-long-path", message, self.scanner.origin(start))
            .with_help("write fewer keys, or raise `limits.path_keys`");
        self.scanner.give_up(diagnostic)
    }

    /// Counts a reference of the source, which an included text may be a part of.
    pub(super) fn count_reference(&mut self, origin: Origin) -> Result<(), Fault> {
        let limit = self.scanner.reading.context.limits.substitutions;
        self.scanner.reading.opens += 1;
        if self.scanner.reading.opens <= limit {
            return Ok(());
        }
        let message = format!("the text holds more than {limit} references");
        let diagnostic = Diagnostic::error("hocon-too-many-references", message, origin)
            .with_help("use fewer, or raise `limits.substitutions`");
        Err(self.scanner.give_up(diagnostic))
    }

    pub(super) fn too_many_values(&mut self, origin: Origin) -> Fault {
        let limit = self.scanner.reading.context.limits.nodes;
        let message = format!("the text holds more than {limit} values");
        let diagnostic = Diagnostic::error("hocon-too-many-values", message, origin)
            .with_help("split it, or raise `limits.nodes`");
        self.scanner.give_up(diagnostic)
    }
}

impl Kind {
    const fn noun(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Object => "object",
        }
    }

    const fn opening(self) -> char {
        match self {
            Self::List => '[',
            Self::Object => '{',
        }
    }

    const fn closing(self) -> char {
        match self {
            Self::List => ']',
            Self::Object => '}',
        }
    }
}
