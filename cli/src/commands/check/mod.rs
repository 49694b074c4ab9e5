//! `check`: says what is wrong with configuration files and vault texts, or probably is.

mod json;
mod keys;
mod rules;
mod sarif;
mod texts;

use resolver::{Diagnostic, Reveal, Severity, SourceText};

use self::texts::Checked;
use super::{answer::reveal_if, asking::Asking};
use crate::{
    args::{Check, CheckFormat},
    failure::{Failure, Kind},
    output::Output,
    page, snippet,
};

pub(super) use self::texts::findings;

/// All findings, in the order of their texts.
pub(super) struct Report {
    checked: Vec<Checked>,
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) notes: usize,
}

/// Checks, and prints what was found.
///
/// # Errors
/// There is an error, or a warning if warnings count as errors.
pub(super) fn run(check: &Check, asking: Asking<'_>) -> Result<(), Failure> {
    let report = Report { checked: texts::checked(check, asking)? };
    let text = match check.format {
        CheckFormat::Text => report.drawn(asking.output, reveal_if(check.reveal)),
        CheckFormat::Json => json::spell(&report),
        CheckFormat::Sarif => sarif::spell(&report),
    };
    asking.output.data(&text)?;
    report.verdict(check.strict, asking.output)
}

impl Report {
    /// Returns each finding with the texts that its places are in.
    pub(super) fn findings(&self) -> impl Iterator<Item = (&Diagnostic, &[SourceText])> {
        self.checked.iter().flat_map(|checked| {
            checked.findings.iter().map(|finding| (finding, checked.texts.as_slice()))
        })
    }

    /// Draws each finding with the line it is about.
    fn drawn(&self, output: Output, reveal: Option<Reveal>) -> String {
        let drawn = self
            .findings()
            .map(|(finding, texts)| snippet::draw(finding, texts, output.page_color, reveal));
        drawn.map(|text| text + "\n\n").collect()
    }

    /// Counts the findings; those that a broken text has too many of count as errors.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (finding, _) in self.findings() {
            match finding.severity {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
                Severity::Note => tally.notes += 1,
            }
        }
        tally.errors += self.checked.iter().map(|checked| checked.more).sum::<usize>();
        tally
    }

    fn verdict(&self, is_strict: bool, output: Output) -> Result<(), Failure> {
        let tally = self.tally();
        let texts = page::counted(self.checked.len(), "text");
        let found = [(tally.errors, "error"), (tally.warnings, "warning"), (tally.notes, "note")];
        let found = found.iter().filter(|(count, _)| *count > 0);
        let found: Vec<_> = found.map(|(count, word)| page::counted(*count, word)).collect();
        if tally.errors == 0 && (tally.warnings == 0 || !is_strict) {
            let found = if found.is_empty() { "nothing to say".into() } else { found.join(", ") };
            output.talk(&format!("ok: {texts}, {found}"));
            return Ok(());
        }
        Err(Failure::new(Kind::NoAnswer, format!("{} in {texts}", found.join(", "))))
    }
}
