//! What the test command says: each step as it runs, and the table at the end.

use std::{
    fmt,
    io::{self, Write},
    time::{Duration, Instant},
};

use crate::{debian, steps::Step, workspace::Workspace};

/// How a step came out.
pub(crate) enum Outcome {
    /// It did what it should.
    Passed,
    /// It did not, for this reason; also when it could not be run at all.
    Failed(String),
    /// It was not asked for.
    LeftOut,
}

/// The outcomes so far.
#[derive(Default)]
pub(crate) struct Report {
    lines: Vec<(&'static str, Outcome, Duration)>,
}

impl Report {
    /// Runs a step and keeps how it came out.
    pub(crate) fn run(&mut self, step: &Step, workspace: &Workspace, without: &[String]) {
        say(&format!("\n== {}: {}", step.name, step.about));
        let start = Instant::now();
        let result =
            debian::install(workspace, step.programs).and_then(|()| (step.run)(workspace, without));
        let outcome = match result {
            Ok(()) => Outcome::Passed,
            Err(failure) => Outcome::Failed(failure.to_string()),
        };
        let took = start.elapsed();
        say(&format!("== {}: {outcome} ({:.1} s)", step.name, took.as_secs_f64()));
        self.lines.push((step.name, outcome, took));
    }

    /// Keeps how a step came out that was not run.
    pub(crate) fn add(&mut self, name: &'static str, outcome: Outcome) {
        self.lines.push((name, outcome, Duration::ZERO));
    }

    /// Whether no step failed.
    pub(crate) fn is_success(&self) -> bool {
        self.failed() == 0
    }

    /// Prints one line a step, then the sum.
    pub(crate) fn print(&self) {
        say("");
        for (name, outcome, took) in &self.lines {
            say(&format!("{name:<14} {:>7.1} s  {outcome}", took.as_secs_f64()));
        }
        let left_out = self.count(|outcome| matches!(outcome, Outcome::LeftOut));
        let passed = self.count(|outcome| matches!(outcome, Outcome::Passed));
        say(&format!("steps: {passed} passed, {} failed, {left_out} skipped", self.failed()));
    }

    fn failed(&self) -> usize {
        self.count(|outcome| matches!(outcome, Outcome::Failed(_)))
    }

    fn count(&self, is_counted: fn(&Outcome) -> bool) -> usize {
        self.lines.iter().filter(|(_, outcome, _)| is_counted(outcome)).count()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => formatter.write_str("passed"),
            Self::Failed(reason) => write!(formatter, "FAILED: {reason}"),
            Self::LeftOut => formatter.write_str("left out"),
        }
    }
}

/// Prints the steps, what each does and which Debian packages it wants.
pub(crate) fn list(steps: &[Step]) {
    for Step { name, about, programs, .. } in steps {
        say(&format!("{name:<14} {about}"));
        for program in *programs {
            say(&format!("{:<14} wants `{}` (Debian: {})", "", program.name, program.package));
        }
    }
}

/// Prints a line at once, so that it stands before what the next program prints.
///
/// Whoever reads may have gone away; the exit code still tells them.
pub(crate) fn say(line: &str) {
    let mut output = io::stdout().lock();
    let _gone = writeln!(output, "{line}").and_then(|()| output.flush());
}
