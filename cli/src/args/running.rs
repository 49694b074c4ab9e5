//! Commands that run until something ends them.

use std::{ffi::OsString, time::Duration};

use resolver::KeyPath;

use super::sources::Sources;

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
