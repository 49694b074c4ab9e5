//! Why a command did not do what it was asked, and the exit code that says so.

use std::{error::Error, process::ExitCode};

use daemon::{app::RunError, client::AskError, load::LoadError, settings::SettingsError};

/// What the exit code tells; its number is a promise to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The configuration has no answer: a broken text, an unknown key.
    NoAnswer = 1,
    /// The command line or the settings make no sense.
    Usage = 2,
    /// The daemon or the API server cannot be reached.
    Unavailable = 3,
    /// Credentials or permissions do not suffice.
    Refused = 4,
}

const START_A_DAEMON: &str = "start it with `clearml-resolver daemon`, or name its `--socket`";

/// A command that failed: what could not be done, and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What the exit code tells.
    pub(crate) kind: Kind,
    /// What could not be done; its sources say why.
    pub(crate) error: Box<dyn Error>,
    /// What to do next, as an imperative sentence without a full stop.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// Returns a failure without a hint.
    pub(crate) fn new(kind: Kind, error: impl Into<Box<dyn Error>>) -> Self {
        Self { kind, error: error.into(), hint: None }
    }

    /// Returns the failure of asking for vaults, with all that caused it.
    pub(crate) fn of_vaults(kind: Kind, error: &(dyn Error + 'static)) -> Self {
        let causes = std::iter::successors(Some(error), |error| Error::source(*error));
        let message = causes.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        Self::new(kind, message).with_hint("to resolve the files alone, add `--no-vaults`")
    }

    /// Returns the failure of a question that only a daemon can answer, where none is.
    pub(crate) fn no_daemon() -> Self {
        Self::new(Kind::Unavailable, "no daemon answers").with_hint(START_A_DAEMON)
    }

    /// Adds what to do next.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns the code that the process ends with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused { .. } => Self::new(Kind::Refused, error)
                .with_hint("ask its owner to add you to the group `clearml-resolver`"),
            AskError::NoDaemon { .. } => {
                Self::new(Kind::Unavailable, error).with_hint(START_A_DAEMON)
            }
            AskError::TimedOut { .. } | AskError::Garbage { .. } => {
                Self::new(Kind::Unavailable, error)
            }
        }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::new(Kind::NoAnswer, error)
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::new(Kind::Usage, error)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::new(Kind::Unavailable, error)
    }
}
