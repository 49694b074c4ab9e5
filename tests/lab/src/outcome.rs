//! What a command left that ran inside.

use std::{fmt, process::Output};

/// What a finished command left.
#[must_use = "an outcome that nobody looks at hides a failure"]
pub struct Outcome {
    command: String,
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Outcome {
    pub(crate) fn new(command: &str, output: &Output) -> Self {
        Self {
            command: command.into(),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).trim_end().into(),
            stderr: String::from_utf8_lossy(&output.stderr).trim_end().into(),
        }
    }

    /// Whether it ended with 0.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.code == Some(0)
    }

    /// Returns what it printed, without the last line's end.
    ///
    /// # Panics
    /// It did not end with 0.
    #[track_caller]
    pub fn success(self) -> String {
        assert!(self.succeeded(), "it should succeed: {self}");
        self.stdout
    }

    /// Returns what it said on both streams.
    ///
    /// # Panics
    /// It ended with 0.
    #[track_caller]
    pub fn failure(self) -> String {
        assert!(!self.succeeded(), "it should fail: {self}");
        self.stdout + &self.stderr
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, code, stdout, stderr } = self;
        write!(formatter, "`{command}` ended with {code:?}\n{stdout}\n{stderr}")
    }
}
