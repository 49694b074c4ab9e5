//! Slots for those who wait for changes: as many as settings say.

use std::sync::Arc;

use hyper::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Refusal;

/// The slots of all profiles together. Cloning shares.
#[derive(Clone, Debug)]
pub(super) struct WatcherSlots(Arc<Semaphore>);

/// One slot, taken for as long as this lives.
#[derive(Debug)]
pub(super) struct WatcherSlot {
    _permit: OwnedSemaphorePermit,
}

impl WatcherSlots {
    pub(super) fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS))))
    }

    /// Takes a slot.
    ///
    /// # Errors
    /// All are taken.
    pub(super) fn take(&self) -> Result<WatcherSlot, Refusal> {
        let permit = self.0.clone().try_acquire_owned();
        permit.map(|permit| WatcherSlot { _permit: permit }).map_err(|_| {
            let detail = "as many wait for changes as may";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, detail).with_hint(
                "ask without waiting, wait a moment, or raise `max_watchers` in the settings",
            )
        })
    }
}
