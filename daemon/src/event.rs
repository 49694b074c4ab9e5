//! The closed list of all that makes us look again.

use std::{sync::Arc, time::Instant};

use resolver::Reveal;
use tokio::sync::oneshot;

use crate::api::{FetchError, UserNames, VaultAnswer};

/// Something happened that an answer may depend on.
#[derive(Debug)]
pub(crate) enum Event {
    /// A file or folder that an answer is made of changed, appeared or went.
    FilesChanged,
    /// The API server of a profile was asked for its vaults.
    VaultsAsked {
        /// Whose server.
        profile: Arc<str>,
        /// What came of it.
        answer: Result<VaultAnswer, FetchError>,
        /// When it is asked again.
        next: Instant,
        /// The last order to ask at once that this obeys; see [`Event::ReloadAsked`].
        order: u64,
    },
    /// The API server of a profile was asked for the names that its user hides.
    NamesAsked {
        /// Whose server.
        profile: Arc<str>,
        /// What came of it.
        answer: Result<UserNames, FetchError>,
    },
    /// Everything is to be read and asked again at once.
    ReloadAsked {
        /// Told `true` when all of it has been, well or badly.
        done: oneshot::Sender<bool>,
    },
    /// An administrator says that the server's empty answer is meant.
    EmptyAcknowledged {
        /// Whose server.
        profile: Arc<str>,
        /// Told whether there was an empty answer in doubt.
        done: oneshot::Sender<bool>,
    },
    /// An administrator wants one of the last answers served, whatever comes.
    PinAsked {
        /// Whose answer.
        profile: Arc<str>,
        /// The digest of the whole answer with its secrets.
        digest: String,
        /// What lets the administrator know that digest.
        reveal: Reveal,
        /// Told whether there is such an answer.
        done: oneshot::Sender<bool>,
    },
    /// An administrator wants the newest answer served again.
    UnpinAsked {
        /// Whose answer.
        profile: Arc<str>,
        /// Told whether one was pinned.
        done: oneshot::Sender<bool>,
    },
}
