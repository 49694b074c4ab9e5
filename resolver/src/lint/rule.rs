//! A rule of the linter, with the name that findings and reports know it by.

use crate::{
    diagnostic::{Diagnostic, Severity},
    origin::Origin,
};

/// One thing that the linter looks for.
#[derive(Debug)]
pub struct Rule {
    /// Stable name, which findings carry as their `code`; for `--json` and SARIF.
    pub id: &'static str,
    /// How bad a finding of it is.
    pub severity: Severity,
    /// What it finds and why that matters, as one sentence without a full stop.
    pub about: &'static str,
}

impl Rule {
    /// Returns a finding of it.
    pub fn at(&self, origin: Origin, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.severity, self.id, message, Some(origin))
    }
}
