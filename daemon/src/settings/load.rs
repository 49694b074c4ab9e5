//! Settings from their file, from `CLEARML_RESOLVER_…` variables, and from flags, in this order.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use config::{Config, ConfigError, Environment, File, FileFormat, Map};
use resolver::{Limits, Mode};
use thiserror::Error;

use super::{
    Credentials, LogFormat, Profile, ServerUrl, Settings, StateSettings, VaultChoice,
    profile::Draft,
    raw::{Group, RawSettings},
    socket::default_socket,
};
use crate::{ambient::Ambient, text_file::read_text};

/// Where the settings are if nothing names another place.
pub const DEFAULT_FILE: &str = "/etc/clearml-resolver/settings.toml";

/// The name of the profile where settings name none.
pub const DEFAULT_PROFILE: &str = "default";

/// Who may wait for changes at once: at 13 KiB each, they take 130 MiB.
const MAX_WATCHERS: usize = 10_000;
/// Bytes of a settings file: far more than all settings of a hundred profiles.
const FILE_BYTES: usize = 1 << 20;

/// Begins the names of variables that are settings.
pub(super) const VARIABLE_PREFIX: &str = "CLEARML_RESOLVER";

/// Variables that begin alike and are not settings of the daemon but of the command line and of
/// the Python plugin.
const OTHER_VARIABLES: [&str; 6] = [
    "CLEARML_RESOLVER_APPLIED",
    "CLEARML_RESOLVER_DEBUG",
    "CLEARML_RESOLVER_K8S_IMAGE",
    "CLEARML_RESOLVER_PROFILE",
    "CLEARML_RESOLVER_SET",
    "CLEARML_RESOLVER_SETTINGS",
];

/// What flags say; it wins over all else, in every profile.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The configuration files, lowest first; each must be there.
    pub config: Vec<PathBuf>,
    /// Where vaults come from.
    pub vaults: Option<VaultChoice>,
    /// The API server, which is then also where vaults come from unless `vaults` says otherwise.
    pub api_server: Option<ServerUrl>,
    /// The credentials there.
    pub credentials: Option<Credentials>,
    /// Where readers ask.
    pub socket: Option<PathBuf>,
    /// Where administrators change things.
    pub admin_socket: Option<PathBuf>,
    /// Whose rules texts are read and merged by.
    pub mode: Option<Mode>,
    /// How log lines are spelled.
    pub log: Option<LogFormat>,
}

/// Why there are no settings.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The settings file cannot be read.
    #[error("cannot read the settings file `{}`", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Its ending is none we know.
    #[error("cannot tell the format of `{}`; let its name end in .toml, .json or .yaml", path.display())]
    Ending {
        /// Which.
        path: PathBuf,
    },
    /// It breaks the rules of its format. The message quotes nothing of it.
    #[error("cannot understand the settings: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// There is no such setting.
    #[error("there is no setting `{name}` ({place}){}", did_you_mean(alike.as_deref()))]
    Unknown {
        /// Its dotted name.
        name: String,
        /// Where it was found.
        place: String,
        /// The known name most like it.
        alike: Option<String>,
    },
    /// A value makes no sense.
    #[error("the setting `{name}` ({place}) must be {expected}")]
    Value {
        /// Its dotted name.
        name: String,
        /// Where it was found.
        place: String,
        /// What would make sense.
        expected: String,
    },
    /// A variable that the clients know holds what makes no sense.
    #[error("the variable {name} must be {expected}")]
    Variable {
        /// Which.
        name: &'static str,
        /// What would make sense.
        expected: String,
    },
    /// One setting makes no sense without another.
    #[error("the setting `{name}` is missing; {because}")]
    Missing {
        /// Its dotted name.
        name: &'static str,
        /// What asks for it.
        because: &'static str,
    },
    /// A file that holds a secret key cannot be read.
    #[error("cannot read the secret in `{}`", path.display())]
    SecretKey {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no user or group of this name.
    #[error("the setting `{name}` names `{subject}`, and there is no such user or group here")]
    Subject {
        /// The setting.
        name: String,
        /// The user or group.
        subject: String,
    },
}

fn did_you_mean(alike: Option<&str>) -> String {
    alike.map(|alike| format!("; did you mean `{alike}`?")).unwrap_or_default()
}

impl Settings {
    /// Reads the settings: the file (if `path` is `None`, the usual one if it is there), then the
    /// environment, then `overrides`.
    ///
    /// What none of them says, the variables of the stock clients say: `CLEARML_CONFIG_FILE`,
    /// `CLEARML_API_HOST` and so on; what those leave open is the clients' default.
    ///
    /// # Errors
    /// The file cannot be read, a setting is unknown, or a value makes no sense.
    pub fn load(
        path: Option<&Path>,
        overrides: Overrides,
        ambient: &Ambient,
    ) -> Result<Self, SettingsError> {
        let named = path.or_else(|| ambient.variable("CLEARML_RESOLVER_SETTINGS").map(Path::new));
        let raw = read_raw(named, ambient)?;
        let mut settings = read_settings(&raw, &overrides, ambient)?;
        raw.refuse_unknown()?;
        settings.apply(overrides);
        Ok(settings)
    }

    fn apply(&mut self, overrides: Overrides) {
        self.socket = overrides.socket.unwrap_or_else(|| std::mem::take(&mut self.socket));
        self.admin_socket = overrides.admin_socket.or(self.admin_socket.take());
        self.mode = overrides.mode.unwrap_or(self.mode);
        self.log = overrides.log.unwrap_or(self.log);
    }
}

/// Reads file and environment into one tree; a variable covers the file's value.
fn read_raw(named: Option<&Path>, ambient: &Ambient) -> Result<RawSettings, SettingsError> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    let mut builder = Config::builder();
    match read_text(path, FILE_BYTES) {
        Ok(text) => builder = builder.add_source(File::from_str(&text, format_of(path)?)),
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => {}
        // The system's settings may hold a key, and then only the system's daemon reads them;
        // a user's own daemon or command has its own.
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::PermissionDenied => {
            tracing::warn!(path = %path.display(), "these settings are not ours to read");
        }
        Err(source) => return Err(SettingsError::Read { path: path.to_owned(), source }),
    }
    let variables = Environment::with_prefix(VARIABLE_PREFIX)
        .prefix_separator("_")
        .separator("__")
        .ignore_empty(true)
        .source(Some(setting_variables(ambient)));
    let tree = builder.add_source(variables).build().map_err(|error| syntax(&error))?;
    let tables = tree.cache.into_table().map_err(|error| syntax(&error))?;
    Ok(RawSettings::new(path.display().to_string(), tables))
}

fn setting_variables(ambient: &Ambient) -> Map<String, String> {
    let variables = ambient.environment.iter();
    variables
        .filter(|(name, _)| !OTHER_VARIABLES.contains(&name.as_str()))
        .map(|(name, text)| (name.clone(), text.trim().to_owned()))
        .collect()
}

fn format_of(path: &Path) -> Result<FileFormat, SettingsError> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("toml") => Ok(FileFormat::Toml),
        Some("json") => Ok(FileFormat::Json),
        Some("yaml" | "yml") => Ok(FileFormat::Yaml),
        _ => Err(SettingsError::Ending { path: path.to_owned() }),
    }
}

/// Takes a parser's message without the lines that quote the text: one of them may hold a key.
fn syntax(error: &ConfigError) -> SettingsError {
    let message = error.to_string();
    let is_quote = |line: &str| line.contains('|');
    let lines: Vec<&str> = message.lines().map(str::trim).filter(|line| !is_quote(line)).collect();
    SettingsError::Syntax { message: lines.join(": ") }
}

pub(super) fn read_settings(
    raw: &RawSettings,
    overrides: &Overrides,
    ambient: &Ambient,
) -> Result<Settings, SettingsError> {
    let all = raw.group("");
    Ok(Settings {
        profiles: read_profiles(raw, overrides, ambient)?,
        socket: all.path("socket")?.unwrap_or_else(|| default_socket(ambient)),
        admin_socket: all.path("admin_socket")?,
        state: StateSettings::read(&all, ambient)?,
        credential_socket: all.path("credential_socket")?,
        mode: all
            .word("config.mode", &[("clearml", Mode::Clearml), ("hocon", Mode::Hocon)])?
            .unwrap_or_default(),
        limits: read_limits(&all)?,
        drain_timeout: all.duration("drain_timeout")?.unwrap_or(Duration::from_secs(5)),
        max_watchers: all.number("max_watchers")?.unwrap_or(MAX_WATCHERS),
        log: all
            .word("log", &[("text", LogFormat::Text), ("json", LogFormat::Json)])?
            .unwrap_or_default(),
    })
}

/// Reads the profiles; settings outside of all `profile.NAME` tables count for each.
fn read_profiles(
    raw: &RawSettings,
    overrides: &Overrides,
    ambient: &Ambient,
) -> Result<BTreeMap<String, Profile>, SettingsError> {
    let common = Draft::of_clients(ambient)?.covered_by(&raw.group(""), ambient)?;
    let finish = |draft: Draft| draft.override_with(overrides).finish();
    let names = raw.keys_below("profile.");
    if names.is_empty() {
        return Ok(BTreeMap::from([(DEFAULT_PROFILE.to_owned(), finish(common)?)]));
    }
    let read = |name: &str| {
        let prefix = format!("profile.{name}.");
        Ok((name.to_owned(), finish(common.covered_by(&raw.group(&prefix), ambient)?)?))
    };
    names.into_iter().map(read).collect()
}

fn read_limits(all: &Group<'_>) -> Result<Limits, SettingsError> {
    let default = Limits::default();
    Ok(Limits {
        text_bytes: all.number("limits.text_bytes")?.unwrap_or(default.text_bytes),
        depth: all.number("limits.depth")?.unwrap_or(default.depth),
        path_keys: all.number("limits.path_keys")?.unwrap_or(default.path_keys),
        tree_depth: all
            .number("limits.tree_depth")?
            .unwrap_or(default.tree_depth)
            .min(Limits::TREE_DEPTH_CEILING),
        includes: all.number("limits.includes")?.unwrap_or(default.includes),
        include_depth: all.number("limits.include_depth")?.unwrap_or(default.include_depth),
        substitutions: all.number("limits.substitutions")?.unwrap_or(default.substitutions),
        nodes: all.number("limits.nodes")?.unwrap_or(default.nodes),
        output_bytes: all.number("limits.output_bytes")?.unwrap_or(default.output_bytes),
        aliases: all.number("limits.aliases")?.unwrap_or(default.aliases),
        diagnostics: all.number("limits.diagnostics")?.unwrap_or(default.diagnostics),
    })
}
