//! Settings from their file, from `CLEARML_RESOLVER_…` variables and from flags, in this order.

use std::path::{Path, PathBuf};

use resolver::Mode;
use thiserror::Error;

use super::{Credentials, LogFormat, ServerUrl, Settings, VaultSource};
use crate::ambient::Ambient;

/// What flags say; it wins over all else, in every profile.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The configuration files, lowest first; each must be there.
    pub config: Vec<PathBuf>,
    /// Where vaults come from; [`VaultSource::Server`] is said by `api_server`.
    pub vaults: Option<VaultSource>,
    /// The API server.
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
    /// The settings file that was named is not there.
    #[error("cannot find the settings file `{}`", path.display())]
    Missing {
        /// Which.
        path: PathBuf,
    },
}

impl Settings {
    /// Reads the settings: the file (if `path` is `None`, the usual one if it is there), then the
    /// environment, then `overrides`.
    ///
    /// # Errors
    /// The file cannot be read, a key is unknown, or a value makes no sense.
    pub fn load(
        path: Option<&Path>,
        _overrides: Overrides,
        _ambient: &Ambient,
    ) -> Result<Self, SettingsError> {
        Err(SettingsError::Missing { path: path.unwrap_or(Path::new("")).to_owned() })
    }
}
