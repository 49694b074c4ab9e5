//! The names that a user hides in the web application: the last good list counts.

use tracing::{info, warn};

use crate::{
    api::{FetchError, UserNames},
    health::{NamesHealth, describe},
};

/// The names of one profile's user. Cloning shares.
#[derive(Clone, Debug, Default)]
pub(super) struct LastNames {
    /// `None` until they were asked for, or found on disk.
    list: Option<UserNames>,
    /// Why they may not be what the user wants now.
    warning: Option<String>,
}

impl LastNames {
    /// Takes what came of asking the server. A failure takes no name away, and stops nothing.
    pub(super) fn asked(&mut self, answer: Result<UserNames, FetchError>, profile: &str) {
        let warning = match answer {
            Ok(names) => {
                if self.list.as_ref() != Some(&names) {
                    let count = names.names().len();
                    info!(profile, count, "the user hides names in the web application");
                }
                self.list.insert(names).warning()
            }
            Err(error) => Some(describe(&error)),
        };
        if let Some(reason) = warning.as_ref().filter(|_| warning != self.warning) {
            warn!(profile, reason, "names that the user hides may be missing");
        }
        self.warning = warning;
    }

    /// Takes the names that an earlier process kept, unless the server was quicker.
    pub(super) fn restore(&mut self, names: UserNames) {
        self.list.get_or_insert(names);
    }

    /// Returns the names that count.
    pub(super) fn list(&self) -> UserNames {
        self.list.clone().unwrap_or_default()
    }

    /// Returns how they fare; `None` if nobody asked for them.
    pub(super) fn health(&self) -> Option<NamesHealth> {
        let is_known = self.list.is_some() || self.warning.is_some();
        is_known.then(|| NamesHealth { names: self.list(), warning: self.warning.clone() })
    }
}
