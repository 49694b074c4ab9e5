//! What a command resolves from.

use std::path::PathBuf;

use clap::ValueEnum;

/// What to resolve from; any of these but `--mode` means: in this process, asking no daemon.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Sources")]
pub(crate) struct Sources {
    /// Asks neither daemon nor server
    #[arg(long)]
    pub(crate) offline: bool,
    /// A configuration file instead of the usual ones, lowest first; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// Vaults from a file: a JSON list of them, an answer of the API, or one text by its ending
    #[arg(long, value_name = "FILE", conflicts_with = "no_vaults")]
    pub(crate) vaults: Option<PathBuf>,
    /// Takes no vaults
    #[arg(long)]
    pub(crate) no_vaults: bool,
    /// Whose rules texts are read and merged by
    #[arg(long, value_enum)]
    pub(crate) mode: Option<Mode>,
}

/// Whose rules texts are read and merged by.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Mode {
    /// The stock ClearML clients': each text is closed alone
    Clearml,
    /// The Lightbend specification: texts are merged first
    Hocon,
}

impl Sources {
    /// Whether they say to resolve in this process.
    pub(crate) fn are_given(&self) -> bool {
        self.offline || self.no_vaults || self.vaults.is_some() || !self.config.is_empty()
    }
}
