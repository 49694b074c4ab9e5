//! Commands that set a host up.

use std::path::PathBuf;

use clap::ValueEnum;
use clap_complete::Shell;

/// `daemon`: flags that win over settings, for a run by hand.
#[derive(Debug, clap::Args)]
pub(crate) struct Daemon {
    /// Tries it out: an API server and sample texts of our own, on loopback, in a private folder
    #[arg(long, conflicts_with_all = ["config", "vaults_folder", "no_vaults", "api_server"])]
    pub(crate) dev: bool,
    /// A configuration file, lowest first; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// Takes vaults from a folder with one text a file; no server is asked
    #[arg(long, value_name = "DIR", conflicts_with_all = ["no_vaults", "api_server"])]
    pub(crate) vaults_folder: Option<PathBuf>,
    /// Takes no vaults
    #[arg(long, conflicts_with = "api_server")]
    pub(crate) no_vaults: bool,
    /// The API server, such as <https://api.clear.ml>
    #[arg(long, value_name = "URL")]
    pub(crate) api_server: Option<String>,
    /// A second socket, for what changes something
    #[arg(long, value_name = "PATH")]
    pub(crate) admin_socket: Option<PathBuf>,
    /// How log lines are spelled
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(crate) foreground_log: Option<LogFormat>,
}

/// How log lines are spelled.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// `init`.
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// The file to write, instead of the one that the clients read
    #[arg(long, value_name = "PATH")]
    pub(crate) file: Option<PathBuf>,
    /// Replaces a file that is there; the old one is kept with the ending .old
    #[arg(long)]
    pub(crate) force: bool,
    /// Does not log in first
    #[arg(long)]
    pub(crate) no_login: bool,
}

/// `completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// `man`.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Writes the pages of all commands to a folder, instead of one to standard output
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}
