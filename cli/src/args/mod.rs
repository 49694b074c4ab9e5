//! What can be typed on the command line.

mod answer;
mod host;
mod question;
mod running;
mod sources;
mod vault;

use std::path::{Path, PathBuf};

use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use daemon::ambient::Ambient;

pub(crate) use self::{
    answer::{Format, Get, Resolve, View},
    host::{Completions, Daemon, Init, LogFormat, Man},
    question::{Against, Check, CheckFormat, CheckedAs, Diff, Doctor, Explain, Status},
    running::{Become, Exec, Redact, Watch},
    sources::{Mode, Sources},
    vault::{Push, Vault, VaultAction},
};

/// Merges ClearML's configuration vaults over clearml.conf and serves the result on this host.
#[derive(Debug, Parser)]
#[command(name = "clearml-resolver", version, max_term_width = 80)]
pub(crate) struct Args {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub(crate) common: Common,
}

/// The commands, one file of `commands` each.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the service: fetches, keeps and serves configurations
    Daemon(Daemon),
    /// Resolves once; prints the whole answer with --print
    Resolve(Resolve),
    /// Prints one value or subtree, a scalar without quotes
    Get(Get),
    /// Shows who sets a value, and what that hides
    Explain(Explain),
    /// Shows what the vaults change; exit code 1 if anything differs
    Diff(Diff),
    /// Says what is wrong with files and vault texts, or probably is
    Check(Check),
    /// Prints one JSON line whenever something changes
    Watch(Watch),
    /// Runs a command on the merged configuration
    Exec(Exec),
    /// Becomes a command: a step of `exec`
    #[command(hide = true)]
    Become(Become),
    /// Copies standard input to standard output with its secrets masked
    Redact(Redact),
    /// Says how the daemon and its sources fare
    Status(Status),
    /// Looks for what is wrong on this host, and says what to do
    Doctor(Doctor),
    /// Makes a clearml.conf of what the web application offers
    Init(Init),
    /// Lists, shows, edits, pushes, switches and deletes vaults
    Vault(Vault),
    /// Prints a completion script for a shell
    Completions(Completions),
    /// Prints the manual page, or writes one a command
    Man(Man),
}

/// What every command takes.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    /// The daemon's socket
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// The settings file, instead of /etc/clearml-resolver/settings.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// The profile to ask for, where there are several
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Whether to use colours; auto: on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: When,
    /// Says more about what is done, on standard error
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// When to do something that only people want.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    #[default]
    Auto,
    Always,
    Never,
}

impl Common {
    /// Returns the settings file that is named, if one is.
    pub(crate) fn settings_file<'a>(&'a self, ambient: &'a Ambient) -> Option<&'a Path> {
        let variable = || ambient.variable("CLEARML_RESOLVER_SETTINGS").map(Path::new);
        self.settings.as_deref().or_else(variable)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn what_makes_no_sense_together_is_refused() {
        for line in [
            "resolve --vaults v.json --no-vaults",
            "resolve --origins",
            "resolve --format yaml",
            "resolve --print --json",
            "resolve a..b",
            "get",
            "daemon --dev --config x",
            "daemon --vaults-folder d --api-server http://localhost",
        ] {
            let words = std::iter::once("clearml-resolver").chain(line.split(' '));
            assert!(Args::try_parse_from(words).is_err(), "{line}");
        }
    }
}
