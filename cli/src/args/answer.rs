//! Commands that print the configuration itself.

use clap::ValueEnum;
use resolver::KeyPath;

use super::sources::Sources;

/// `resolve`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that is typed or not")]
#[derive(Debug, clap::Args)]
pub(crate) struct Resolve {
    /// The key path to resolve, such as sdk.aws.s3 or sdk."a.b"; without it, everything
    #[arg(value_parser = KeyPath::parse)]
    pub(crate) key: Option<KeyPath>,
    /// Prints the answer instead of a summary
    #[arg(long)]
    pub(crate) print: bool,
    /// How the answer is spelled
    #[arg(long, value_enum, default_value_t, requires = "print")]
    pub(crate) format: Format,
    /// Shows secrets; without it they are masked
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Prints where each value came from beside the values (JSON only)
    #[arg(long, requires = "print")]
    pub(crate) origins: bool,
    /// Whose view of the configuration
    #[arg(long, value_enum, default_value_t)]
    pub(crate) view: View,
    /// Leaves references to environment variables open
    #[arg(long)]
    pub(crate) keep_references: bool,
    /// Prints the summary as JSON
    #[arg(long, conflicts_with = "print")]
    pub(crate) json: bool,
    /// What to resolve from.
    #[command(flatten)]
    pub(crate) sources: Sources,
}

/// How an answer is spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The plain merged object and nothing else
    #[default]
    Json,
    /// HOCON that the stock clients read back
    Hocon,
    /// YAML
    Yaml,
    /// Lines NAME='value' for a shell
    Env,
}

/// Whose view of the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum View {
    /// Files and vaults
    #[default]
    Merged,
    /// What a stock agent sees on top: its environment variables, the whitelist union
    Agent,
    /// What a stock SDK process sees on top
    Sdk,
}

/// `get`.
#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    /// The key path, such as sdk.aws.s3.region or sdk."a.b"
    #[arg(value_parser = KeyPath::parse)]
    pub(crate) key: KeyPath,
    /// Shows a secret; without it it is masked
    #[arg(long)]
    pub(crate) reveal: bool,
    /// What to resolve from.
    #[command(flatten)]
    pub(crate) sources: Sources,
}
