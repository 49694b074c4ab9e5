//! Commands that say something about the configuration or the service.

use std::{convert::Infallible, path::PathBuf, str::FromStr};

use clap::ValueEnum;
use resolver::KeyPath;

use super::{answer::View, sources::Sources};

/// `explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// The key path, such as sdk.aws.s3.region or sdk."a.b"
    #[arg(value_parser = KeyPath::parse)]
    pub(crate) key: KeyPath,
    /// Shows secrets; without it they are masked
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Prints a report for programs, as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Whose view of the configuration
    #[arg(long, value_enum, default_value_t)]
    pub(crate) view: View,
    /// What to resolve from.
    #[command(flatten)]
    pub(crate) sources: Sources,
}

/// `diff`.
#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The key path below which to compare; without it, everything
    #[arg(value_parser = KeyPath::parse)]
    pub(crate) key: Option<KeyPath>,
    /// What to compare with: `file`, a digest of `status`, a file, `profile:NAME`
    #[arg(long, value_name = "WHAT", default_value = "file")]
    pub(crate) against: Against,
    /// Shows secrets; without it they are masked
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Prints a report for programs, as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// What to resolve from.
    #[command(flatten)]
    pub(crate) sources: Sources,
}

/// What an answer is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Against {
    /// The files alone: what the vaults change.
    File,
    /// An earlier answer of the daemon.
    Digest(String),
    /// An answer that was printed to a file, on this host or another.
    Path(PathBuf),
    /// The answer of another profile.
    Profile(String),
}

impl FromStr for Against {
    type Err = Infallible;

    /// A digest is a long run of hexadecimal digits; whatever is none of the other names a file.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        /// Digits that a file's name seldom consists of.
        const DIGEST_DIGITS: usize = 16;
        let is_digest =
            text.len() >= DIGEST_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        Ok(match text.strip_prefix("profile:") {
            Some(name) => Self::Profile(name.into()),
            None if text == "file" => Self::File,
            None if is_digest => Self::Digest(text.into()),
            None => Self::Path(text.into()),
        })
    }
}

/// `check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Files, or folders of vault texts; without any, what this host uses
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// What the files are; a folder's are vaults
    #[arg(long = "as", value_name = "WHAT", value_enum, default_value_t)]
    pub(crate) checked_as: CheckedAs,
    /// How findings are spelled
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
    /// Takes warnings for errors
    #[arg(long)]
    pub(crate) strict: bool,
    /// Quotes lines with their values; without it they are masked
    #[arg(long)]
    pub(crate) reveal: bool,
    /// What the files lie over, or what this host uses.
    #[command(flatten)]
    pub(crate) sources: Sources,
}

/// What a checked file is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckedAs {
    /// A configuration file, such as clearml.conf
    #[default]
    File,
    /// The text of a vault, or a JSON list of vaults
    Vault,
}

/// How findings are spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people, with the lines they are about
    #[default]
    Text,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning services
    Sarif,
}

/// `status`.
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// Prints the daemon's own answer, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// Does not ask the API server
    #[arg(long)]
    pub(crate) offline: bool,
    /// Prints a report for programs, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
