//! How each source of a profile last fared.

use std::{
    fmt,
    path::PathBuf,
    time::{Duration, Instant, SystemTime},
};

use resolver::{Build, KeyPath, Precedence, SourceName};
use secrecy::ExposeSecret;

use crate::{
    api::{Endpoint, UserNames, Vault},
    plan::fingerprint,
};

/// A moment, by the clock that measures spans and by the one on the wall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// For spans; never goes back.
    pub(crate) instant: Instant,
    /// For people.
    pub(crate) wall: SystemTime,
}

impl Moment {
    /// Returns the present, by the runtime's clock, which tests can stop.
    pub(crate) fn now() -> Self {
        Self { instant: tokio::time::Instant::now().into_std(), wall: SystemTime::now() }
    }
}

/// How the vaults of a profile fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// As young as the last look at their source.
    Fresh,
    /// Their source fails; what is kept counts.
    Stale,
    /// Stale for longer than the profile's `max_stale`.
    Expired,
    /// The server refuses our credentials.
    Revoked,
    /// The server keeps no vaults for us.
    Absent,
    /// There is no source of vaults.
    Off,
}

impl State {
    /// Returns its name, as it is said everywhere.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Absent => "absent",
            Self::Off => "off",
        }
    }
}

/// The state of a profile's vaults, since when, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VaultHealth {
    /// The state.
    pub(crate) state: State,
    /// Since when.
    pub(crate) since: Moment,
    /// When they were last known to be right; `None` if they never were.
    pub(crate) confirmed: Option<Moment>,
    /// Why, in words for people; never a secret.
    pub(crate) reason: Option<String>,
    /// When their source is asked again, if it is.
    pub(crate) next: Option<Instant>,
    /// How many times their source has been asked.
    pub(crate) fetches: u64,
}

impl VaultHealth {
    /// Returns how long ago the vaults were last known to be right; `None` if they never were.
    ///
    /// Zero if there is no source of them, or if it lies on this host and is watched.
    pub(crate) fn age(&self, now: Instant) -> Option<Duration> {
        self.age_by(|| now)
    }

    /// Returns the same by a clock that is only read if the age depends on it.
    pub(crate) fn age_by(&self, now: impl FnOnce() -> Instant) -> Option<Duration> {
        match self.state {
            State::Off => Some(Duration::ZERO),
            State::Fresh if self.next.is_none() => Some(Duration::ZERO),
            _ => self.confirmed.map(|moment| now().saturating_duration_since(moment.instant)),
        }
    }
}

/// How all sources of a profile fare.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    /// Why there is no answer, or the one that is served is not the newest.
    pub(crate) fault: Option<String>,
    /// Whether an administrator pinned the answer that is served.
    pub(crate) is_pinned: bool,
    /// Whose vaults they are; `None` if no server is asked.
    pub(crate) account: Option<Account>,
    /// The vaults as a whole.
    pub(crate) vaults: VaultHealth,
    /// What is kept of them on disk; `None` if nothing is to be.
    pub(crate) kept: Option<Kept>,
    /// The names that the user hides; `None` if nobody asked for them.
    pub(crate) user_names: Option<NamesHealth>,
    /// The vaults in use, lowest first.
    pub(crate) vaults_in_use: Vec<VaultInUse>,
    /// The files in use, lowest first.
    pub(crate) files_in_use: Vec<(Precedence, PathBuf)>,
    /// The texts that are kept out.
    pub(crate) quarantined: Vec<Quarantined>,
    /// The paths that only the environment of whoever asks can close.
    pub(crate) unresolved: Vec<KeyPath>,
}

/// A vault that counts.
#[derive(Clone, Debug)]
pub(crate) struct VaultInUse {
    /// The vault.
    pub(crate) vault: Vault,
    /// Whether the stock clients, which read it as HOCON, find something else in it.
    pub(crate) is_spoiled: bool,
}

/// An account at an API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// The server's address.
    pub(crate) server: String,
    /// What stands for its access key; `None` if a token is used, which says nothing of keys.
    pub(crate) identity: Option<String>,
}

impl Account {
    /// Returns the account that an endpoint uses.
    pub(crate) fn of(endpoint: &Endpoint) -> Self {
        let identity = endpoint.access_key().map(|key| fingerprint(key.expose_secret()));
        Self { server: endpoint.url().to_string(), identity }
    }
}

/// What is kept of a profile's vaults on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// When they were last known to be right; `None` if none are kept.
    pub(crate) saved: Option<SystemTime>,
    /// Why they are not kept as they should; never a secret.
    pub(crate) fault: Option<String>,
}

/// The names that a profile's user hides in the web application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamesHealth {
    /// Those that count.
    pub(crate) names: UserNames,
    /// Why they may not be what the user wants now; never a secret.
    pub(crate) warning: Option<String>,
}

/// A text that is kept out because something is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quarantined {
    /// Which.
    pub(crate) source: SourceName,
    /// The text with the fault, if it is another one: what `source` includes.
    pub(crate) place: Option<Place>,
    /// What is wrong; never a value.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
    /// Whether its last good version is used in its place.
    pub(crate) last_good_used: bool,
}

impl Quarantined {
    /// Says why a text gave no layer: its first error.
    pub(crate) fn new(source: SourceName, build: &Build) -> Self {
        let error = build.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
        let place = error.and_then(|error| error.origin).and_then(|origin| {
            let text = build.texts.iter().find(|text| text.id == origin.source)?;
            let (line, column) = text.line_column(origin.start);
            Some(Place { text: text.name.clone(), line, column })
        });
        Self {
            source,
            place,
            message: error.map_or("its text has errors".into(), |error| error.message.clone()),
            help: error.and_then(|error| error.help.clone()),
            last_good_used: false,
        }
    }
}

/// A place in a text, as people count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The text: the source itself, or one that it includes.
    pub(crate) text: SourceName,
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
}

/// Says `file:line:column: message`.
impl fmt::Display for Quarantined {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(Place { text, line, column }) => write!(formatter, "{text}:{line}:{column}")?,
            None => write!(formatter, "{}", self.source)?,
        }
        write!(formatter, ": {}", self.message)
    }
}

/// Says an error with its causes on one line.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
