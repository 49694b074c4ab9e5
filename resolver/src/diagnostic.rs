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

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}
