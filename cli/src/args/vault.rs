//! What is done with vaults.

use std::path::PathBuf;

use clap::Subcommand;

use super::sources::Sources;

/// `vault`.
#[derive(Debug, clap::Args)]
pub(crate) struct Vault {
    /// What to do.
    #[command(subcommand)]
    pub(crate) action: VaultAction,
    /// A folder of vaults, instead of what the settings say
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// A configuration file of this host instead of the usual ones, lowest first; may be repeated
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
}

impl Vault {
    /// Returns what the effect of a change is resolved from.
    pub(crate) fn sources(&self) -> Sources {
        Sources { config: self.config.clone(), ..Sources::default() }
    }
}

/// What is done with vaults.
#[derive(Debug, Subcommand)]
pub(crate) enum VaultAction {
    /// Lists all vaults, in the order in which they merge
    List {
        /// Prints the list as JSON
        #[arg(long)]
        json: bool,
    },
    /// Prints what a vault says
    Show {
        /// Its id
        id: String,
        /// Prints its text as it is, secrets included
        #[arg(long)]
        reveal: bool,
    },
    /// Opens a vault in $EDITOR; checks it, shows the effect on this host, asks, stores
    Edit {
        /// Its id
        id: String,
        /// Stores without a question
        #[arg(long)]
        yes: bool,
    },
    /// Switches a vault on
    Enable {
        /// Its id
        id: String,
        /// Does it without a question
        #[arg(long)]
        yes: bool,
    },
    /// Switches a vault off
    Disable {
        /// Its id
        id: String,
        /// Does it without a question
        #[arg(long)]
        yes: bool,
    },
    /// Stores a file as a vault: checks it, shows the effect on this host, asks
    Push(Push),
    /// Deletes vaults for good
    Delete {
        /// Their ids
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Does it without a question
        #[arg(long)]
        yes: bool,
    },
}

/// `vault push`.
#[derive(Debug, clap::Args)]
pub(crate) struct Push {
    /// The file; its ending says how it is spelled
    pub(crate) file: PathBuf,
    /// The id of the vault to change; without it, the one of the name, or a new one
    #[arg(long)]
    pub(crate) id: Option<String>,
    /// The name of the vault, instead of the file's without its ending
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The id of the group that the vault is for (administrators)
    #[arg(long, value_name = "ID")]
    pub(crate) group: Option<String>,
    /// Makes a new one a monitoring vault, which outranks all else
    #[arg(long)]
    pub(crate) monitoring: bool,
    /// Shows what would be done, and does nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Stores without a question
    #[arg(long)]
    pub(crate) yes: bool,
}
