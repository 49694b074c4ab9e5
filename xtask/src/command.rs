//! Running other programs: each is shown before it runs, and its failure says which it was.

use std::{
    ffi::OsStr,
    fmt, io,
    path::Path,
    process::{Command, ExitStatus},
};

use thiserror::Error;

use crate::{report::say, workspace::Workspace};

/// Why a step did not succeed.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A program ended with a code other than 0, or by a signal.
    #[error("`{program}` ended with {status}")]
    Ended {
        /// The command line.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A program cannot be started.
    #[error("cannot start `{program}`: {source}")]
    NotStarted {
        /// The command line.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A file or folder that the step makes cannot be written.
    #[error("cannot write `{path}`: {source}")]
    NotWritten {
        /// The file or folder.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Something the step needs is not here.
    #[error("{what}; {next}")]
    Missing {
        /// What is missing.
        what: String,
        /// What to do about it.
        next: String,
    },
}

/// A program about to run, with its arguments.
pub(crate) struct Run {
    command: Command,
}

/// Prepares cargo with arguments that stand between blanks, in the root of the workspace.
pub(crate) fn cargo(workspace: &Workspace, arguments: &str) -> Run {
    program("cargo", workspace).arguments(arguments.split_ascii_whitespace())
}

/// Prepares a program, in the root of the workspace.
pub(crate) fn program(name: impl AsRef<OsStr>, workspace: &Workspace) -> Run {
    let mut command = Command::new(name);
    command.current_dir(&workspace.root);
    Run { command }
}

impl Run {
    /// Adds arguments.
    pub(crate) fn arguments<A: AsRef<OsStr>>(
        mut self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn variable(&mut self, name: &str, value: impl AsRef<OsStr>) -> &mut Self {
        self.command.env(name, value);
        self
    }

    /// Runs it where it is not the workspace's root that matters.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it to its end; what it prints goes where ours goes.
    pub(crate) fn run(&mut self) -> Result<(), Failure> {
        say(&format!("$ {self}"));
        let status = self.command.status().map_err(|source| self.not_started(source))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::Ended { program: self.to_string(), status })
        }
    }

    /// Runs it to its end, and returns what it prints.
    pub(crate) fn output(&mut self) -> Result<String, Failure> {
        let output = self.command.output().map_err(|source| self.not_started(source))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(Failure::Ended { program: self.to_string(), status: output.status })
        }
    }

    /// Whether it can be started and ends well; nothing of it is shown.
    pub(crate) fn succeeds(&mut self) -> bool {
        self.command.output().is_ok_and(|output| output.status.success())
    }

    fn not_started(&self, source: io::Error) -> Failure {
        Failure::NotStarted { program: self.to_string(), source }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.command.get_envs() {
            let value = value.unwrap_or_default();
            write!(formatter, "{}={:?} ", name.display(), value.to_string_lossy())?;
        }
        write!(formatter, "{}", self.command.get_program().display())?;
        self.command
            .get_args()
            .try_for_each(|argument| write!(formatter, " {}", argument.display()))
    }
}

/// Writes a file below the build folder, with the folders above it.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failure = |source| Failure::NotWritten { path: path.display().to_string(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failure)?;
    }
    std::fs::write(path, text).map_err(failure)
}
