//! What we tell people about a text: message, place and help, never a value.

use std::fmt;

use crate::origin::Origin;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Probably not what the author meant; the text is used.
    Warning,
    /// The text is not used.
    Error,
}

/// One finding in a text.
///
/// Messages carry keys, names of variables and rules, never a value: a diagnostic that quoted
/// one could quote a secret. Quoting the line is the printer's, on the reader's own terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable name of the rule, such as `hocon-unclosed-object`; for `--json` and SARIF.
    pub code: &'static str,
    /// What is wrong, in lower case, without a full stop, names in backticks.
    pub message: String,
    /// Where; `None` when it concerns no single place.
    pub origin: Option<Origin>,
    /// Further places that explain it, each with a few words.
    pub related: Vec<(Origin, String)>,
    /// What to do next, as an imperative sentence without a full stop.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Returns an error at a place.
    pub fn error(code: &'static str, message: impl Into<String>, origin: Origin) -> Self {
        Self::new(Severity::Error, code, message, Some(origin))
    }

    /// Returns a warning at a place.
    pub fn warning(code: &'static str, message: impl Into<String>, origin: Origin) -> Self {
        Self::new(Severity::Warning, code, message, Some(origin))
    }

    /// Returns a note at a place.
    pub fn note(code: &'static str, message: impl Into<String>, origin: Origin) -> Self {
        Self::new(Severity::Note, code, message, Some(origin))
    }

    /// Returns a finding, at a place or about the text as a whole.
    pub fn new(
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        origin: Option<Origin>,
    ) -> Self {
        Self { severity, code, message: message.into(), origin, related: Vec::new(), help: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a further place with a few words about it.
    #[must_use]
    pub fn with_related(mut self, origin: Origin, words: impl Into<String>) -> Self {
        self.related.push((origin, words.into()));
        self
    }

    /// Whether the text it is about must not be used.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// A name out of a text as messages show it: in backticks, cut when it is long, and without
/// characters that a terminal would obey.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Longer names tell a reader no more, and a text may hold one of a megabyte.
        const MAX_CHARACTERS: usize = 80;
        formatter.write_str("`")?;
        for character in self.0.chars().take(MAX_CHARACTERS) {
            if character.is_control() || turns_direction(character) {
                write!(formatter, "{}", character.escape_default())?;
            } else {
                write!(formatter, "{character}")?;
            }
        }
        if self.0.chars().nth(MAX_CHARACTERS).is_some() {
            formatter.write_str("…")?;
        }
        formatter.write_str("`")
    }
}

/// Whether a character makes a terminal show what follows from right to left, or ends that: a name
/// with one could be read as another.
fn turns_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_names_so_that_a_terminal_is_safe() {
        for (name, shown) in [
            ("a.b", "`a.b`".to_owned()),
            ("\u{1b}[2J\n", "`\\u{1b}[2J\\n`".to_owned()),
            ("a\u{202e}b", "`a\\u{202e}b`".to_owned()),
            (&"k".repeat(81), format!("`{}…`", "k".repeat(80))),
            (&"é".repeat(80), format!("`{}`", "é".repeat(80))),
        ] {
            assert_eq!(Quoted(name).to_string(), shown);
        }
    }
}
