//! What can be typed on the command line.

use std::{
    convert::Infallible,
    ffi::OsString,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use daemon::ambient::Ambient;
use resolver::KeyPath;

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

/// `watch`.
#[derive(Debug, clap::Args)]
pub(crate) struct Watch {
    /// The key path below which to watch; without it, everything
    #[arg(value_parser = KeyPath::parse)]
    pub(crate) key: Option<KeyPath>,
    /// Ends after the first change
    #[arg(long)]
    pub(crate) once: bool,
    /// Shows secrets; without it they are masked
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// `exec`.
#[derive(Debug, clap::Args)]
pub(crate) struct Exec {
    /// Sets the variables of the section `environment`, too
    #[arg(long)]
    pub(crate) env: bool,
    /// Masks secrets in what the command prints
    #[arg(long, conflicts_with = "replace")]
    pub(crate) redact: bool,
    /// Becomes the command: nothing is left to mask or restart it
    #[arg(long)]
    pub(crate) replace: bool,
    /// Restarts the command when something at or below this key changes; may be repeated
    #[arg(long, value_name = "KEY", value_parser = KeyPath::parse, conflicts_with = "replace")]
    pub(crate) restart_on: Vec<KeyPath>,
    /// How long no other change may come before a restart
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "2s")]
    pub(crate) debounce: Duration,
    /// A random part of this is waited besides, so that a fleet does not restart as one
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "0s")]
    pub(crate) splay: Duration,
    /// How many restarts there may be within an hour
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    pub(crate) restarts: usize,
    /// How long the command may take to end before it is killed for a restart
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration, default_value = "10s")]
    pub(crate) stop_timeout: Duration,
    /// What to resolve from.
    #[command(flatten)]
    pub(crate) sources: Sources,
    /// The command and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    pub(crate) command: Vec<OsString>,
}

/// `become`, which `exec` runs between itself and the command.
#[derive(Debug, clap::Args)]
pub(crate) struct Become {
    /// Makes standard input the controlling terminal of a new session first
    #[arg(long)]
    pub(crate) terminal: bool,
    /// The command and its arguments
    #[arg(required = true, last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// `redact`.
#[derive(Debug, clap::Args)]
#[command(after_help = REDACT_NOTES)]
pub(crate) struct Redact {
    /// Takes a JSON list of command-line arguments, and prints one
    #[arg(long)]
    pub(crate) argv: bool,
    /// What to resolve from.
    #[command(flatten)]
    pub(crate) sources: Sources,
}

const REDACT_NOTES: &str = "\
What is masked: the secrets of the configuration and of the environment, also in base64, in URLs \
and in quoted strings; values of names such as DB_PASSWORD, and of those that \
agent.hide_docker_command_env_vars.extra_keys and CLEARML_AGENT_DOCKER_ARGS_HIDE_ENV list; \
passwords in URLs; headers; private keys. A line is shown when it is complete; the beginning of \
one, such as a prompt, when nothing follows for a moment.";

/// `status`.
#[derive(Debug, clap::Args)]
pub(crate) struct Status {
    /// Prints the daemon's own answer, as JSON
    #[arg(long)]
    pub(crate) json: bool,
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

/// `man`.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Writes the pages of all commands to a folder, instead of one to standard output
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

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

/// `completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

impl Common {
    /// Returns the settings file that is named, if one is.
    pub(crate) fn settings_file<'a>(&'a self, ambient: &'a Ambient) -> Option<&'a Path> {
        let variable = || ambient.variable("CLEARML_RESOLVER_SETTINGS").map(Path::new);
        self.settings.as_deref().or_else(variable)
    }
}

impl Vault {
    /// Returns what the effect of a change is resolved from.
    pub(crate) fn sources(&self) -> Sources {
        Sources { config: self.config.clone(), ..Sources::default() }
    }
}

impl Sources {
    /// Whether they say to resolve in this process.
    pub(crate) fn are_given(&self) -> bool {
        self.offline || self.no_vaults || self.vaults.is_some() || !self.config.is_empty()
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
