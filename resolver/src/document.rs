//! Documents: parsed texts whose references are still open, and what reading one gathers.

use std::fmt;

use crate::{
    context::{Context, IncludeError, IncludeForm, IncludeRequest, IncludedText},
    diagnostic::{Diagnostic, Quoted},
    key_path::KeyPath,
    origin::{Origin, SourceId, SourceIds, SourceName, SourceText},
    value::Spanned,
};

/// A text that was parsed, with the texts it includes; its references are still open.
pub(crate) struct Document {
    /// The root: an object.
    pub(crate) root: Spanned,
    /// How many open values it holds; 0 means that there is nothing to close.
    pub(crate) opens: usize,
    /// Values that a later one of the same text covers.
    pub(crate) covered: Vec<Covered>,
}

/// An assignment that a later one of the same text covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Covered {
    /// The one that is covered.
    pub(crate) origin: Origin,
    /// The one that covers it.
    pub(crate) by: Origin,
}

impl fmt::Debug for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Document").field("opens", &self.opens).finish_non_exhaustive()
    }
}

/// An assignment by `+=`.
#[derive(Clone, Debug)]
pub(crate) struct Append {
    /// The path from the root of the source.
    pub(crate) path: KeyPath,
    /// The place of what is added.
    pub(crate) origin: Origin,
    /// What kind of value that is.
    pub(crate) kind: &'static str,
    /// Whether it replaces the value in place of adding to it.
    pub(crate) is_replacing: bool,
}

/// An include as a text writes it.
#[derive(Clone, Debug)]
pub(crate) struct Include<'a> {
    pub(crate) form: IncludeForm,
    /// The name in the quotes.
    pub(crate) target: &'a str,
    /// Whether a missing text is an error.
    pub(crate) required: bool,
    /// The text that holds the include.
    pub(crate) from: &'a SourceName,
    /// Where it stands.
    pub(crate) origin: Origin,
    /// The keys above it, from the root of the source.
    pub(crate) below: KeyPath,
    /// How deep it stands: keys and lists above it.
    pub(crate) levels_above: usize,
}

/// What the reading of one source gathers, over its own text and all that it includes.
pub(crate) struct Reading<'a> {
    /// What the build depends on.
    pub(crate) context: &'a Context<'a>,
    /// Where numbers of included texts come from.
    ids: &'a mut SourceIds,
    /// All texts read, the source's own first.
    pub(crate) texts: Vec<SourceText>,
    /// What there is to say.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Diagnostics that were not kept.
    pub(crate) more_diagnostics: usize,
    /// Whether one of them, kept or not, is an error.
    pub(crate) has_error: bool,
    /// Open values made so far.
    pub(crate) opens: usize,
    /// Assignments covered so far.
    pub(crate) covered: Vec<Covered>,
    /// The first assignments by `+=`, as many as diagnostics are kept: for the linter.
    pub(crate) appends: Vec<Append>,
    /// Where the include stands that is being read: the keys above it. Empty at the top.
    pub(crate) included_below: KeyPath,
    /// How deep that place is: keys and lists above it, which count towards `Limits::tree_depth`.
    pub(crate) levels_above: usize,
    /// The texts whose includes are being read, outermost first.
    open_texts: Vec<SourceName>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(context: &'a Context<'a>, ids: &'a mut SourceIds) -> Self {
        Self {
            context,
            ids,
            texts: Vec::new(),
            diagnostics: Vec::new(),
            more_diagnostics: 0,
            has_error: false,
            opens: 0,
            covered: Vec::new(),
            appends: Vec::new(),
            included_below: KeyPath::root(),
            levels_above: 0,
            open_texts: Vec::new(),
        }
    }

    /// Keeps a diagnostic, or counts it when there are too many. An error then takes the place of
    /// the last one that is none: why a text is not used must not drown in warnings.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.has_error |= diagnostic.is_error();
        if self.diagnostics.len() < self.context.limits.diagnostics {
            self.diagnostics.push(diagnostic);
            return;
        }
        self.more_diagnostics += 1;
        let least = self.diagnostics.iter().rposition(|kept| !kept.is_error());
        if let Some(least) = least.filter(|_| diagnostic.is_error()) {
            self.diagnostics.remove(least);
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether as many errors are kept as there is room for: no later finding would be shown, and
    /// the text cannot be used, so that reading on is of no use.
    pub(crate) fn has_enough(&self) -> bool {
        self.has_error
            && self.more_diagnostics > 0
            && self.diagnostics.iter().all(Diagnostic::is_error)
    }

    /// Keeps a warning, or counts it when there are too many: then it is not even made, as a text
    /// of 16 MB can give millions of them.
    pub(crate) fn warn(&mut self, warning: impl FnOnce() -> Diagnostic) {
        if self.diagnostics.len() < self.context.limits.diagnostics {
            self.report(warning());
        } else {
            self.more_diagnostics += 1;
        }
    }

    /// Takes the limit of a text's size; says so if it is too large.
    pub(crate) fn fits(&mut self, text: &SourceText) -> bool {
        let limit = self.context.limits.text_bytes;
        if text.text.len() <= limit {
            return true;
        }
        let origin = Origin { source: text.id, start: 0, end: 0 };
        self.report(
            Diagnostic::error(
                "text-too-large",
                format!("text is larger than {limit} bytes"),
                origin,
            )
            .with_help("split it, or raise `limits.text_bytes`"),
        );
        false
    }

    /// Reads the texts that an include asks for; `parse` is called for each, lowest first, and
    /// what it returns is given back in that order.
    ///
    /// Says what is wrong itself: a cycle, a limit, a required text that is missing, a refusal.
    pub(crate) fn include<T>(
        &mut self,
        include: Include<'_>,
        mut parse: impl FnMut(&mut Self, &SourceText) -> Option<T>,
    ) -> Vec<T> {
        let Some(texts) = self.included_texts(&include) else { return Vec::new() };
        self.open_texts.push(include.from.clone());
        let keys_above = std::mem::replace(&mut self.included_below, include.below);
        let levels_above = std::mem::replace(&mut self.levels_above, include.levels_above);
        let mut parsed = Vec::new();
        for text in texts {
            if self.open_texts.contains(&text.name) {
                self.report(
                    Diagnostic::error(
                        "include-cycle",
                        format!("{} includes itself", Quoted(include.target)),
                        include.origin,
                    )
                    .with_help("take one of the includes out"),
                );
                continue;
            }
            let text = SourceText {
                id: self.next_id(),
                name: text.name,
                format: text.format,
                text: text.text,
            };
            self.texts.push(text.clone());
            if self.fits(&text) {
                parsed.extend(parse(self, &text));
            }
        }
        self.included_below = keys_above;
        self.levels_above = levels_above;
        self.open_texts.pop();
        parsed
    }

    fn included_texts(&mut self, include: &Include<'_>) -> Option<Vec<IncludedText>> {
        let limits = &self.context.limits;
        if self.open_texts.len() >= limits.include_depth || self.texts.len() > limits.includes {
            self.report(
                Diagnostic::error("include-limit", "too many includes", include.origin).with_help(
                    "raise `limits.include_depth` or `limits.includes` if they are meant",
                ),
            );
            return None;
        }
        let Include { form, target, from, .. } = *include;
        match self.context.includer.include(&IncludeRequest { form, target, from }) {
            Ok(texts) => Some(texts),
            Err(error) => {
                self.report_include(error, target, include.required, include.origin);
                None
            }
        }
    }

    /// Returns the number of a text that is about to be read.
    pub(crate) fn next_id(&mut self) -> SourceId {
        self.ids.next_id()
    }

    fn report_include(
        &mut self,
        error: IncludeError,
        target: &str,
        required: bool,
        origin: Origin,
    ) {
        let diagnostic = match error {
            IncludeError::Missing if required => Diagnostic::error(
                "include-missing",
                format!("cannot find {}", Quoted(target)),
                origin,
            )
            .with_help("create it, or include it without `required`"),
            IncludeError::Missing => Diagnostic::note(
                "include-missing",
                format!("{} is not there", Quoted(target)),
                origin,
            ),
            IncludeError::Refused { why, help } => Diagnostic::error(
                "include-refused",
                format!("cannot include {}: {why}", Quoted(target)),
                origin,
            )
            .with_help(help),
            IncludeError::Failed(why) => Diagnostic::error(
                "include-failed",
                format!("cannot include {}: {why}", Quoted(target)),
                origin,
            )
            .with_help("make it readable, or take the include out"),
        };
        self.report(diagnostic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Limits, Mode};

    #[test]
    fn errors_push_out_warnings_when_there_is_no_room() {
        let limits = Limits { diagnostics: 2, ..Limits::default() };
        let context = Context { limits, ..Context::alone(Mode::Clearml) };
        let mut ids = SourceIds::default();
        let mut reading = Reading::new(&context, &mut ids);
        let place = Origin::default();
        for (diagnostic, kept, has_enough) in [
            (Diagnostic::error("first", "", place), vec!["first"], false),
            (Diagnostic::warning("second", "", place), vec!["first", "second"], false),
            (Diagnostic::warning("third", "", place), vec!["first", "second"], false),
            (Diagnostic::error("fourth", "", place), vec!["first", "fourth"], true),
            (Diagnostic::error("fifth", "", place), vec!["first", "fourth"], true),
        ] {
            reading.report(diagnostic);
            let codes: Vec<_> = reading.diagnostics.iter().map(|kept| kept.code).collect();
            assert_eq!((codes, reading.has_enough()), (kept, has_enough));
        }
        assert_eq!(reading.more_diagnostics, 3);
    }
}
