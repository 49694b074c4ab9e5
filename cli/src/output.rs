//! The only place that prints: data on standard output, talk on standard error.

use std::{
    error::Error,
    io::{self, ErrorKind, IsTerminal, Write},
};

use anstyle::{AnsiColor, Style};
use daemon::ambient::Ambient;
use thiserror::Error as ThisError;

use crate::{
    args::{Common, When},
    failure::{Failure, Kind},
};

const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::BrightCyan.on_default().bold();

/// Standard output and standard error, as the person at the other end wants them. Data is never
/// coloured, pages for people are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// Whether standard error takes colours.
    pub(crate) talk_color: Color,
    /// Whether a page for people on standard output takes colours.
    pub(crate) page_color: Color,
    is_verbose: bool,
    /// Whether what is said is broken between words: on a terminal, not for programs.
    is_talk_wrapped: bool,
}

/// Columns of a line of talk on a terminal: the narrowest usual one.
const TALK_WIDTH: usize = 80;

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Color {
    Plain,
    Styled,
}

/// Whether whoever reads our output is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Listens,
    Gone,
}

#[derive(Debug, ThisError)]
#[error("cannot write to standard output")]
struct WriteError(#[source] io::Error);

#[expect(clippy::unused_self, reason = "whoever prints was handed an `Output`")]
impl Output {
    /// Decides what standard output and standard error take.
    pub(crate) fn new(common: &Common, ambient: &Ambient) -> Self {
        Self {
            talk_color: Color::wanted(common.color, ambient, io::stderr().is_terminal()),
            page_color: Color::wanted(common.color, ambient, io::stdout().is_terminal()),
            is_verbose: common.verbose > 0,
            is_talk_wrapped: io::stderr().is_terminal(),
        }
    }

    /// Writes data. A reader that has seen enough and closed the pipe is no failure.
    pub(crate) fn data(self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes()).map(|_| ())
    }

    /// Writes data that may be no text; says whether the reader is still there.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<Reader, Failure> {
        let mut output = io::stdout().lock();
        match output.write_all(bytes).and_then(|()| output.flush()) {
            Ok(()) => Ok(Reader::Listens),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
            Err(error) => Err(Failure::new(Kind::NoAnswer, WriteError(error))),
        }
    }

    /// Says something to whoever watches. If nobody can hear it, nothing can be done.
    pub(crate) fn talk(self, text: &str) {
        let mut error = io::stderr().lock();
        let _unheard = error.write_all(text.as_bytes()).and_then(|()| error.write_all(b"\n"));
    }

    /// Asks something; the answer is typed behind it.
    pub(crate) fn ask(self, question: &str) {
        let mut error = io::stderr().lock();
        let _unheard = error.write_all(question.as_bytes()).and_then(|()| error.flush());
    }

    /// Says something if they asked for more (`-v`).
    pub(crate) fn detail(self, text: &str) {
        if self.is_verbose {
            self.talk(text);
        }
    }

    /// Warns.
    pub(crate) fn warning(self, text: &str) {
        self.talk_about("warning", WARNING, text);
    }

    /// Says why a command failed: the error, what caused it, what to do next.
    pub(crate) fn failure(self, failure: &Failure) {
        self.talk_about("error", ERROR, &failure.error.to_string());
        let mut cause: Option<&dyn Error> = failure.error.source();
        while let Some(error) = cause {
            self.talk_about("caused by", Style::new(), &error.to_string());
            cause = error.source();
        }
        if let Some(hint) = &failure.hint {
            self.talk_about("hint", HINT, hint);
        }
    }

    /// Says something behind a word that says what it is.
    fn talk_about(self, word: &str, style: Style, text: &str) {
        let line = format!("{word}: {text}");
        let line = if self.is_talk_wrapped {
            textwrap::fill(&line, textwrap::Options::new(TALK_WIDTH).break_words(false))
        } else {
            line
        };
        let rest = line.get(word.len()..).unwrap_or_default();
        self.talk(&format!("{}{rest}", self.talk_color.paint(style, word)));
    }
}

impl Color {
    /// Decides by the flag, then `NO_COLOR` and `TERM`, then whether a terminal is there.
    fn wanted(when: When, ambient: &Ambient, is_terminal: bool) -> Self {
        let is_off = ambient.variable("NO_COLOR").is_some()
            || ambient.variable("TERM").is_some_and(|terminal| terminal == "dumb");
        match when {
            When::Always => Self::Styled,
            When::Auto if is_terminal && !is_off => Self::Styled,
            When::Auto | When::Never => Self::Plain,
        }
    }

    /// Returns a word in a style, if text is coloured.
    pub(crate) fn paint(self, style: Style, word: &str) -> String {
        match self {
            Self::Plain => word.to_owned(),
            Self::Styled => format!("{style}{word}{style:#}"),
        }
    }
}
