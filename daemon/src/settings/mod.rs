//! The daemon's own settings, typed.

mod access;
mod credentials;
mod etcd;
mod load;
mod profile;
mod raw;
mod readers;
mod server;
mod socket;
mod state;
mod unit_pattern;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use resolver::{Limits, Mode, Snapshot};

pub(crate) use self::access::{READERS_GROUP, group_id};
pub use self::{
    access::{Access, AccessRules, Subject},
    credentials::Credentials,
    etcd::{ClientCertificate, Etcd},
    load::{DEFAULT_FILE, DEFAULT_PROFILE, Overrides, SettingsError},
    profile::VaultChoice,
    server::{Method, Proxies, Server, ServerUrl, ServerUrlError, UnknownMethod, Verify},
    socket::sockets_to_ask,
    state::{KeyPlace, StateSettings},
    unit_pattern::UnitPattern,
};

/// All settings of one daemon.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The profiles by name; there is at least one.
    pub profiles: BTreeMap<String, Profile>,
    /// Where readers ask.
    pub socket: PathBuf,
    /// Where administrators change things; `None` for no such socket.
    pub admin_socket: Option<PathBuf>,
    /// Where last good vaults are kept on disk; `None` for nowhere.
    pub state: Option<StateSettings>,
    /// Where systemd loads the configuration of units as a credential; `None` for no such socket.
    pub credential_socket: Option<PathBuf>,
    /// Whose rules texts are read and merged by.
    pub mode: Mode,
    /// What texts may cost.
    pub limits: Limits,
    /// How long open requests may take after the order to stop.
    pub drain_timeout: Duration,
    /// How many may wait for changes at once, watchers and long polls together.
    pub max_watchers: usize,
    /// How log lines are spelled.
    pub log: LogFormat,
}

/// One configuration that is kept and served: its sources and how they are watched.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What it is made of.
    pub sources: Sources,
    /// How long after one look at the server the next one comes, before jitter.
    pub poll_interval: Duration,
    /// The first fetch, and the first after an outage, waits for a random part of this.
    pub splay: Duration,
    /// How old the last good answer of the server may grow before it counts as expired; `None` for
    /// any age.
    pub max_stale: Option<Duration>,
    /// What happens when the server refuses our credentials.
    pub on_revoked: OnRevoked,
    /// What is served while there is no answer that counts.
    pub fail: Fail,
    /// How many empty answers in a row take vaults away that were there before; at least 1.
    pub empty_answers: u32,
    /// The variables of the daemon's own environment that may close references.
    pub environment_allow: Vec<String>,
    /// Who may read what of it.
    pub access: AccessRules,
    /// The units that are given it as a credential.
    pub units: Vec<UnitPattern>,
    /// What is done so that secrets are masked.
    pub redaction: Redaction,
}

/// What is done so that secrets are masked, by us and by the clients; all of it by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// Whether the names that the user hides in the web application count.
    pub user_names: bool,
    /// Whether docker's arguments are given the form that a stock agent masks.
    pub normal_arguments: bool,
}

impl Redaction {
    /// Gives docker's arguments of an answer the form that a stock agent masks, if that is wanted.
    pub(crate) fn arguments_of(self, answer: Snapshot) -> Snapshot {
        if self.normal_arguments { answer.with_normal_arguments() } else { answer }
    }
}

impl Default for Redaction {
    fn default() -> Self {
        Self { user_names: true, normal_arguments: true }
    }
}

/// What a configuration is made of.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A folder of packaged defaults.
    pub defaults: Option<PathBuf>,
    /// The clients' configuration folder (`CLEARML_CONFIG_PATH`).
    pub folder: Option<ConfigFolder>,
    /// The files, lowest first.
    pub files: Vec<ConfigFile>,
    /// Whether `include url("file://…")` may be followed in files; other schemes never are.
    pub include_urls: IncludeUrls,
    /// Where vaults come from.
    pub vaults: VaultSource,
}

/// The clients' configuration folder: `PATH/default/**.conf`, then `PATH/ENV_NAME/**.conf` over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFolder {
    /// The folder.
    pub path: PathBuf,
    /// `CLEARML_ENV`, `TRAINS_ENV` or `default`.
    pub env_name: String,
}

/// One configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it must be there.
    pub presence: Presence,
}

/// Whether a file must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Its absence is an error: somebody named it.
    Required,
    /// Its absence means nothing, as with the clients' `~/clearml.conf` and `CLEARML_CONFIG_FILE`.
    Optional,
}

/// Whether files may include by URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IncludeUrls {
    /// Never.
    #[default]
    Refuse,
    /// `file://` URLs, which name files of this host.
    Files,
}

/// Where vaults come from.
#[derive(Clone, Debug, Default)]
pub enum VaultSource {
    /// From nowhere.
    #[default]
    Off,
    /// From the API server.
    Server(Box<Server>),
    /// From a folder with one text a file.
    Folder(PathBuf),
    /// From one file: a list of vaults, an answer of the API, or one text.
    File(PathBuf),
    /// From etcd, one key a vault.
    Etcd(Arc<Etcd>),
}

/// What happens when the server refuses our credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRevoked {
    /// The vaults are withdrawn, the files are served.
    #[default]
    FileOnly,
    /// Nothing is served.
    Closed,
}

/// What is served while there is no answer of the server that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fail {
    /// The last good answer.
    #[default]
    LastGood,
    /// Nothing.
    Closed,
    /// The files alone, as the stock clients do.
    Open,
}

/// How log lines are spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            sources: Sources::default(),
            poll_interval: Duration::from_secs(60),
            splay: Duration::from_secs(5),
            max_stale: None,
            on_revoked: OnRevoked::default(),
            fail: Fail::default(),
            empty_answers: 3,
            environment_allow: Vec::new(),
            access: AccessRules::default(),
            units: Vec::new(),
            redaction: Redaction::default(),
        }
    }
}

#[cfg(test)]
mod tests;
