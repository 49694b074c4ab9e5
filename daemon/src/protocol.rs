//! What is said on the socket: the only serialized types between the daemon and who asks.
//!
//! A field that is here is a promise: it is added to, never taken away, within `/v1`.

use std::{borrow::Cow, collections::BTreeMap, fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// The merged configuration.
pub const CONFIG: &str = "/v1/config";
/// An event whenever a part of it changes; see [`ChangeEvent`].
pub const WATCH: &str = "/v1/watch";
/// How each profile fares; the answer is a [`Status`].
pub const STATUS: &str = "/v1/status";
/// Whether the process serves at all.
pub const LIVE: &str = "/livez";
/// Whether every profile has an answer, young enough if `max_stale` is given.
pub const READY: &str = "/readyz";

/// The response header that says the [`State`] of the profile.
pub const STATE_HEADER: &str = "resolver-state";
/// The media type of a [`Problem`] (RFC 9457).
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// How a configuration is spelled in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BodyFormat {
    /// JSON on one line: the plain merged object.
    #[default]
    Json,
    /// HOCON that the stock clients read back to the same tree.
    Hocon,
    /// YAML.
    Yaml,
    /// Lines `NAME='value'` for a shell.
    Env,
}

impl BodyFormat {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Json, Self::Hocon, Self::Yaml, Self::Env];

    /// Returns the format that goes by this name in `format=`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Returns its name in `format=`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Hocon => "hocon",
            Self::Yaml => "yaml",
            Self::Env => "env",
        }
    }

    /// Returns its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Hocon => "application/hocon",
            Self::Yaml => "application/yaml",
            Self::Env => "text/plain; charset=utf-8",
        }
    }
}

/// What `GET /v1/config` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigQuery<'a> {
    /// The key path as people type it; empty for everything.
    pub path: Cow<'a, str>,
    /// The spelling; `None` for what `Accept` says, or else JSON.
    pub format: Option<BodyFormat>,
    /// The profile; `None` for the only or default one.
    pub profile: Option<Cow<'a, str>>,
    /// How long to wait for an answer that differs from the one named by `If-None-Match`.
    pub wait: Option<Duration>,
}

/// Why a query string was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A name that means nothing here.
    #[error("the query parameter `{0}` is not known")]
    Unknown(String),
    /// A name that comes twice.
    #[error("the query parameter `{0}` comes twice")]
    Twice(&'static str),
    /// A format that does not exist.
    #[error("`{0}` is no format; there are json, hocon, yaml and env")]
    Format(String),
    /// A duration that is none.
    #[error("`{text}` is no duration for `{name}`; write a whole number of seconds, such as 30s")]
    Duration {
        /// The parameter.
        name: &'static str,
        /// What was written.
        text: String,
    },
}

impl<'a> ConfigQuery<'a> {
    /// Reads a query string; unknown and repeated parameters are errors, so that a slip of the
    /// pen never selects something else than was meant.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn parse(query: &'a str) -> Result<Self, QueryError> {
        let (mut path, mut format, mut profile, mut wait) = (None, None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "path" => set_once(&mut path, value, "path")?,
                "format" => set_once(&mut format, named_format(&value)?, "format")?,
                "profile" => set_once(&mut profile, value, "profile")?,
                "wait" => set_once(&mut wait, seconds("wait", &value)?, "wait")?,
                other => return Err(QueryError::Unknown(other.to_owned())),
            }
        }
        Ok(Self { path: path.unwrap_or_default(), format, profile, wait })
    }
}

/// Spells the request target, query included.
impl fmt::Display for ConfigQuery<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.path.is_empty() {
            query.append_pair("path", &self.path);
        }
        if let Some(format) = self.format {
            query.append_pair("format", format.name());
        }
        if let Some(profile) = &self.profile {
            query.append_pair("profile", profile);
        }
        if let Some(wait) = self.wait {
            query.append_pair("wait", &format!("{}s", wait.as_secs()));
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        write!(formatter, "{CONFIG}{mark}{query}")
    }
}

/// Reads the query string of `GET /readyz`: the oldest age that still counts as ready.
///
/// # Errors
/// An unknown or repeated parameter, or a duration that is none.
pub fn parse_ready_query(query: &str) -> Result<Option<Duration>, QueryError> {
    let mut max_stale = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "max_stale" => {
                set_once(&mut max_stale, seconds("max_stale", &value)?, "max_stale")?;
            }
            other => return Err(QueryError::Unknown(other.to_owned())),
        }
    }
    Ok(max_stale)
}

fn set_once<T>(place: &mut Option<T>, value: T, name: &'static str) -> Result<(), QueryError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(QueryError::Twice(name)),
    }
}

fn named_format(name: &str) -> Result<BodyFormat, QueryError> {
    BodyFormat::named(name).ok_or_else(|| QueryError::Format(name.to_owned()))
}

/// Reads whole seconds with or without their `s`, and whole minutes or hours with `m` or `h`.
fn seconds(name: &'static str, text: &str) -> Result<Duration, QueryError> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 's')) => (text.get(..at), 1),
        Some((at, 'm')) => (text.get(..at), 60),
        Some((at, 'h')) => (text.get(..at), 3600),
        _ => (Some(text), 1),
    };
    digits
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse::<u64>().ok()?.checked_mul(unit))
        .map(Duration::from_secs)
        .ok_or_else(|| QueryError::Duration { name, text: text.to_owned() })
}

/// An error answer (RFC 9457), of type `about:blank`: the status code is the class of the problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A short name of the status code.
    pub title: Cow<'static, str>,
    /// The status code.
    pub status: u16,
    /// What could not be done, and why.
    pub detail: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// How the vaults of a profile fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// The data of one event of `GET /v1/watch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeEvent {
    /// Counts the answers since the daemon's start; 0 if there is none.
    pub revision: u64,
    /// The digest of the part that is watched, which its entity tag shows in quotes; `None` if
    /// there is nothing at the path.
    pub digest: Option<String>,
    /// How the vaults fare.
    pub state: State,
}

/// The answer of `GET /v1/status`: the profiles that the asker may read.
///
/// Moments are whole seconds since 1970-01-01 (UTC), spans are whole seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Counts the answers since the daemon's start; 0 before the first.
    pub revision: u64,
    /// Digest of the whole answer as the asker may see it; `None` before the first.
    pub digest: Option<String>,
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
    /// The files read, lowest first.
    pub files: Vec<FileStatus>,
    /// What is kept out, each with its reason.
    pub quarantined: Vec<QuarantineStatus>,
}

/// One vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultStatus {
    /// Its id.
    pub id: String,
    /// The name people know it by; may be empty.
    pub name: String,
    /// `user` or `group`.
    pub scope: String,
    /// `config` or `monitoring`.
    pub kind: String,
    /// How it is spelled: `hocon`, `json` or `yaml`.
    pub format: String,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStatus {
    /// Its path.
    pub path: String,
    /// Its layer: `defaults`, `folder` or `file`.
    pub layer: String,
}

/// A text that is kept out; its last good version is served in its place, if there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_and_reads_a_config_query() {
        let query = ConfigQuery {
            path: r#"sdk."a b".c&d"#.into(),
            format: Some(BodyFormat::Yaml),
            profile: Some("é".into()),
            wait: Some(Duration::from_secs(30)),
        };
        let target = query.to_string();
        assert_eq!(
            target,
            "/v1/config?path=sdk.%22a+b%22.c%26d&format=yaml&profile=%C3%A9&wait=30s"
        );
        let (_, text) = target.split_once('?').unwrap();
        assert_eq!(ConfigQuery::parse(text), Ok(query));
        assert_eq!(ConfigQuery::default().to_string(), CONFIG);
    }

    #[test]
    fn says_what_is_wrong_with_a_query() {
        for (query, message) in [
            ("pth=a", "the query parameter `pth` is not known"),
            ("path=a&path=b", "the query parameter `path` comes twice"),
            ("format=xml", "`xml` is no format; there are json, hocon, yaml and env"),
            (
                "wait=soon",
                "`soon` is no duration for `wait`; write a whole number of seconds, such as 30s",
            ),
        ] {
            assert_eq!(ConfigQuery::parse(query).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn reads_durations() {
        for (text, expected) in [
            ("0", Some(0)),
            ("30", Some(30)),
            ("30s", Some(30)),
            ("2m", Some(120)),
            ("1h", Some(3600)),
            ("", None),
            ("s", None),
            ("-1", None),
            ("+1", None),
            ("1.5s", None),
            ("99999999999999999999", None),
            ("9999999999999999999h", None),
            ("1é", None),
        ] {
            let read = parse_ready_query(&format!("max_stale={}", text.replace('+', "%2B")));
            assert_eq!(read.ok(), expected.map(|s| Some(Duration::from_secs(s))), "{text}");
        }
    }
}
