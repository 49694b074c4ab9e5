//! The benchmarks: each compares several ways in one run and prints a table of ratios.

use clap::ValueEnum;

use crate::{
    command::{Failure, cargo},
    debian, plugin, python,
    workspace::Workspace,
};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Selection {
    /// Which benchmark
    #[arg(value_enum)]
    name: Name,
    /// Arguments of its own
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// The benchmarks, one member of `benches/` each.
#[derive(Clone, Copy, ValueEnum)]
enum Name {
    /// Time to configuration for a Python process
    Client,
    /// Reading, closing, merging and rendering against other crates
    Formats,
    /// Masking a log against a plain copy, sed, perl and the regex crate
    Redact,
    /// The daemon against a bare hyper server, nginx and redis
    Serve,
}

impl Name {
    const fn member(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Formats => "formats",
            Self::Redact => "redact",
            Self::Serve => "serve",
        }
    }

    /// The programs that are measured beside ours, or that run what is measured.
    const fn programs(self) -> &'static [debian::Program] {
        match self {
            Self::Client => &[debian::Program { name: "python3", package: "python3-venv" }],
            Self::Formats => &[],
            Self::Redact => &[debian::Program { name: "perl", package: "perl" }],
            Self::Serve => &[
                debian::Program { name: "curl", package: "curl" },
                debian::Program { name: "nginx", package: "nginx" },
                debian::Program { name: "redis-server", package: "redis-server" },
            ],
        }
    }
}

/// Builds the program and what it measures, and runs it.
pub(crate) fn run(workspace: &Workspace, selection: &Selection) -> Result<(), Failure> {
    debian::install(workspace, selection.name.programs())?;
    if matches!(selection.name, Name::Client) {
        python::prepare(workspace)?;
        plugin::install(workspace)?;
    }
    if matches!(selection.name, Name::Client | Name::Serve) {
        cargo(workspace, "build --release --locked").run()?;
    }
    cargo(workspace, "run --release --locked --manifest-path benches/Cargo.toml --package")
        .arguments([selection.name.member(), "--"])
        .arguments(&selection.arguments)
        .run()
}
