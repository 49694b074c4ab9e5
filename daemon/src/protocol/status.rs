//! How the daemon fares, as it is said on the socket.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// How the vaults of a profile fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As young as the last poll.
    Fresh,
    /// The source fails; the last good vaults are served.
    Stale,
    /// Stale for longer than `max_stale`.
    Expired,
    /// The server has withdrawn our access.
    Revoked,
    /// The server has no vaults to give.
    Absent,
    /// No source of vaults is asked.
    Off,
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Absent => "absent",
            Self::Off => "off",
        })
    }
}

/// The answer of `GET /v1/status`: the profiles that the asker may read.
///
/// Moments are whole seconds since 1970-01-01 (UTC), spans are whole seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Status {
    /// The daemon's version.
    pub version: String,
    /// The daemon's process id.
    pub pid: u32,
    /// Since when it has been running.
    pub since: u64,
    /// Each profile by its name.
    pub profiles: BTreeMap<String, ProfileStatus>,
}

/// How one profile fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProfileStatus {
    /// How its vaults fare.
    pub state: State,
    /// Since when it has been in that state.
    pub since: u64,
    /// How long ago its vaults were last known to be right; `None` if they never were.
    pub age_seconds: Option<u64>,
    /// Why it is in that state.
    pub reason: Option<String>,
    /// Why there is no answer, or the one that is served is not the newest.
    #[serde(default)]
    pub fault: Option<String>,
    /// Whether an administrator pinned the answer that is served.
    #[serde(default)]
    pub pinned: bool,
    /// Counts the answers since the daemon's start; 0 before the first.
    pub revision: u64,
    /// Digest of the whole answer as the asker may see it; `None` before the first.
    pub digest: Option<String>,
    /// Whether the asker sees masks where secrets are.
    #[serde(default)]
    pub masked: bool,
    /// The API server that is asked for vaults, if one is.
    #[serde(default)]
    pub server: Option<String>,
    /// What stands for the access key that its vaults belong to: the beginning of its digest, as
    /// `plan::fingerprint` makes it.
    #[serde(default)]
    pub identity: Option<String>,
    /// The variables whose values an agent should hide in the command lines that it prints.
    #[serde(default)]
    pub hide_names: Vec<String>,
    /// The names that the user hides in the web application; `None` if nobody asked for them.
    #[serde(default)]
    pub user_names: Option<UserNamesStatus>,
    /// How many values the answer holds.
    pub keys: usize,
    /// The paths that only the environment of whoever asks can close.
    #[serde(default)]
    pub unresolved: Vec<String>,
    /// In how many seconds the vaults are asked for again; `None` if they are not.
    pub next_refresh_seconds: Option<u64>,
    /// How many times the server has been asked for vaults.
    pub fetches: u64,
    /// How many questions for the configuration have been answered.
    pub answers: u64,
    /// How many calls to the server that saved: two for each answer, less our own.
    pub calls_saved: u64,
    /// The vaults in use, lowest first.
    pub vaults: Vec<VaultStatus>,
    /// What is kept of the vaults on disk, for a start without their source; `None` if nothing is
    /// to be.
    #[serde(default)]
    pub kept: Option<KeptStatus>,
    /// The files read, lowest first.
    pub files: Vec<FileStatus>,
    /// What is kept out, each with its reason.
    pub quarantined: Vec<QuarantineStatus>,
}

/// What is kept of a profile's vaults on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct KeptStatus {
    /// When the vaults on disk were last known to be right; `None` if there are none.
    pub saved: Option<u64>,
    /// Why they are not kept as they should.
    pub fault: Option<String>,
}

/// The names whose values a profile's user hides in the web application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UserNamesStatus {
    /// Those that count: `*` stands for any run of characters, `?` for one.
    pub names: Vec<String>,
    /// Why they may not be what the user wants now.
    pub warning: Option<String>,
}

/// One vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VaultStatus {
    /// Its id.
    pub id: String,
    /// The name people know it by; may be empty.
    pub name: String,
    /// `user` or `group`.
    #[cfg_attr(test, schemars(extend("enum" = ["user", "group"])))]
    pub scope: String,
    /// `config` or `monitoring`.
    #[cfg_attr(test, schemars(extend("enum" = ["config", "monitoring"])))]
    pub kind: String,
    /// How it is spelled: `hocon`, `json` or `yaml`.
    pub format: String,
    /// Whether the stock clients, which read every vault as HOCON, find something else in it.
    #[serde(default)]
    pub spoiled: bool,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FileStatus {
    /// Its path.
    pub path: String,
    /// Its layer: `defaults`, `folder` or `file`.
    pub layer: String,
}

/// A text that is kept out; its last good version is served in its place, if there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct QuarantineStatus {
    /// The file's path, or `vault` and its id.
    pub source: String,
    /// The vault's id, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What is wrong with it.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Whether its last good version is served in its place.
    pub last_good_served: bool,
}
