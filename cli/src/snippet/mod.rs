//! Draws a diagnostic for people: the message, the place, the line with its values masked.

mod mask;
mod quote;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use resolver::{Diagnostic, Reveal, Severity, SourceText};

use self::quote::Quote;
use crate::{output::Color, page::WIDTH};

/// Columns for what is to be done: what stands before it takes the others.
const HELP_WIDTH: usize = WIDTH - "1000 | = help: ".len();

/// Draws a diagnostic. `texts` are those that its origins may point into.
///
/// Keys and structure of a quoted line are shown; its values only with a [`Reveal`].
pub(crate) fn draw(
    diagnostic: &Diagnostic,
    texts: &[SourceText],
    color: Color,
    reveal: Option<Reveal>,
) -> String {
    let place = |origin: &Option<resolver::Origin>| Place::find((*origin)?, texts, reveal);
    let main = place(&diagnostic.origin);
    let related: Vec<_> = diagnostic
        .related
        .iter()
        .filter_map(|(origin, words)| Some((place(&Some(*origin))?, words.as_str())))
        .collect();
    let mut report = vec![main_group(diagnostic, main.as_ref())];
    report.extend(related.iter().map(|(place, words)| {
        Group::with_title(Level::NOTE.secondary_title(*words)).elements(place.elements())
    }));
    let renderer = match color {
        Color::Plain => Renderer::plain(),
        Color::Styled => Renderer::styled().hyperlink(false),
    };
    let renderer = renderer.term_width(WIDTH);
    let drawn = renderer.render(&report);
    drawn.lines().filter(|line| !is_nameless_place(line)).collect::<Vec<_>>().join("\n")
}

/// Whether a drawn line is the place of a text without a name: `annotate-snippets` 0.12 draws one
/// for every snippet that the place above it already names.
fn is_nameless_place(line: &str) -> bool {
    let pieces = line.split('\x1b').enumerate().map(|(index, piece)| match index {
        0 => piece,
        _ => piece.split_once('m').map_or("", |(_, text)| text),
    });
    pieces.collect::<String>().trim() == ":::"
}

fn main_group<'a>(diagnostic: &'a Diagnostic, place: Option<&'a Place>) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let first_line = WIDTH.saturating_sub("warning[]: ".len() + diagnostic.code.len());
    let title = level.primary_title(broken(&diagnostic.message, first_line)).id(diagnostic.code);
    let place = place.map(Place::elements).unwrap_or_default();
    let help = diagnostic.help.as_deref().map(|help| Level::HELP.message(broken(help, HELP_WIDTH)));
    title.elements(place).elements(help)
}

/// Breaks a text between words so that no line is wider.
fn broken(text: &str, width: usize) -> String {
    textwrap::fill(text, textwrap::Options::new(width).break_words(false))
}

/// A place in a text, ready to be shown.
struct Place {
    source: String,
    line: usize,
    column: usize,
    quote: Quote,
}

impl Place {
    /// Finds the text that an origin points into; `None` if it is not among them.
    fn find(
        origin: resolver::Origin,
        texts: &[SourceText],
        reveal: Option<Reveal>,
    ) -> Option<Self> {
        let text = texts.iter().find(|text| text.id == origin.source)?;
        let (line, column) = text.line_column(origin.start);
        let quote = Quote::of(text, origin, reveal);
        Some(Self { source: text.name.to_string(), line, column, quote })
    }

    /// Returns where it is, and the line. The place is told apart from the line, since a masked
    /// line has other columns than the text.
    fn elements(&self) -> Vec<Element<'_>> {
        let place = Origin::path(self.source.as_str()).line(self.line).char_column(self.column);
        let marked = AnnotationKind::Primary.span(self.quote.marked.clone());
        let line = Snippet::source(self.quote.line.as_str())
            .line_start(self.line)
            .fold(false)
            .annotation(marked);
        vec![place.into(), line.into()]
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use resolver::{Format, Origin, SourceId, SourceName};

    use super::*;

    fn check(text: &str, marked: &str, reveal: Option<Reveal>, expected: &Expect) {
        let start = u32::try_from(text.find(marked).unwrap()).unwrap();
        let end = start + u32::try_from(marked.len()).unwrap();
        let origin = Origin { source: SourceId(3), start, end };
        let text = SourceText {
            id: SourceId(3),
            name: SourceName::File("/etc/clearml.conf".into()),
            format: Format::Hocon,
            text: text.into(),
        };
        let diagnostic = Diagnostic::error("hocon-unquoted-symbol", "`@` needs quotes", origin)
            .with_related(Origin { source: SourceId(3), start: 0, end: 1 }, "it began here")
            .with_help("put the value in double quotes");
        expected.assert_eq(&draw(&diagnostic, &[text], Color::Plain, reveal));
    }

    const TEXT: &str = "agent {\n  user: ada, pass = hunter2@x, port: 1\n}\n";

    #[test]
    fn quotes_the_line_with_its_values_masked() {
        check(
            TEXT,
            "@",
            None,
            &expect![[r#"
            error[hocon-unquoted-symbol]: `@` needs quotes
             --> /etc/clearml.conf:2:28
              |
            2 |   user: ********, pass = ********, port: ********
              |                          ^^^^^^^^
              |
              = help: put the value in double quotes
            note: it began here
             --> /etc/clearml.conf:1:1
              |
            1 | agent {
              | ^"#]],
        );
    }

    #[test]
    fn shows_the_line_whole_to_who_may_see_it() {
        check(
            TEXT,
            "@",
            Some(Reveal::grant("a test")),
            &expect![[r#"
            error[hocon-unquoted-symbol]: `@` needs quotes
             --> /etc/clearml.conf:2:28
              |
            2 |   user: ada, pass = hunter2@x, port: 1
              |                            ^
              |
              = help: put the value in double quotes
            note: it began here
             --> /etc/clearml.conf:1:1
              |
            1 | agent {
              | ^"#]],
        );
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let text = Diagnostic::note("a-rule", "words", Origin::default());
        let source = SourceText {
            id: SourceId(0),
            name: SourceName::Environment,
            format: Format::Hocon,
            text: "a = 1".into(),
        };
        let styled = draw(&text, std::slice::from_ref(&source), Color::Styled, None);
        let plain = draw(&text, &[source], Color::Plain, None);
        assert!(styled.contains('\x1b'));
        assert_eq!(styled.lines().count(), plain.lines().count());
    }

    #[test]
    fn a_finding_without_a_place_has_no_line() {
        let diagnostic =
            Diagnostic::new(Severity::Warning, "too-many", "there are more findings", None);
        expect!["warning[too-many]: there are more findings"].assert_eq(&draw(
            &diagnostic,
            &[],
            Color::Plain,
            None,
        ));
    }
}
