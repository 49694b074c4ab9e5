//! The thread of all who ask.

use std::{io, sync::Arc, thread, time::Duration};

use tokio::{runtime, sync::oneshot, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{BLOCKING_THREADS, openings::Openings};
use crate::serve::{self, ConnectionLimits, Counter, Desk, SweepClock};

/// All that answers.
pub(super) struct Counters {
    pub(super) readers: Desk,
    pub(super) administrators: Desk,
    pub(super) credentials: Counter,
    /// One for the readers, one for the administrators.
    pub(super) clocks: [Arc<SweepClock>; 2],
    pub(super) drain_timeout: Duration,
}

impl Counters {
    /// Answers until told to stop, or until one part of it breaks.
    ///
    /// # Errors
    /// The system does not let us listen.
    pub(super) async fn serve(self, openings: Openings, stop: CancellationToken) -> io::Result<()> {
        let (listeners, _files) = openings.listen()?;
        let [readers_clock, administrators_clock] = self.clocks;
        let mut parts = JoinSet::new();
        let (readers, limits) = (Arc::new(self.readers), ConnectionLimits::of_this_process());
        let drain = self.drain_timeout;
        parts.spawn(serve::serve(listeners.readers, readers, limits, readers_clock, drain));
        if let Some(listener) = listeners.administrators {
            let (desk, limits) = (Arc::new(self.administrators), ConnectionLimits::FEW);
            parts.spawn(serve::serve(listener, desk, limits, administrators_clock, drain));
        }
        if let Some(listener) = listeners.credentials {
            parts.spawn(serve::give_credentials(listener, Arc::new(self.credentials)));
        }
        // The first end is the order to stop, or else a fault that ends us all.
        parts.join_next().await;
        while stop.is_cancelled() && parts.join_next().await.is_some() {}
        Ok(())
    }
}

/// Runs a part of the daemon on a thread of its own. Returns what waits for its end.
///
/// # Errors
/// The system gives no thread, or not what a runtime needs.
pub(super) fn on_a_thread_of_its_own(
    part: impl Future<Output = io::Result<()>> + Send + 'static,
) -> io::Result<impl Future<Output = io::Result<()>>> {
    let mut builder = runtime::Builder::new_current_thread();
    // Without timers, which would be looked at for every answer.
    let runtime = builder.enable_io().max_blocking_threads(BLOCKING_THREADS).build()?;
    let (ended, end) = oneshot::channel();
    thread::Builder::new().name("serve".into()).spawn(move || {
        let outcome = runtime.block_on(part);
        // What blocks must not keep us from ending.
        runtime.shutdown_background();
        // Nobody waits any more if the end took too long.
        let _ = ended.send(outcome);
    })?;
    Ok(async { end.await.unwrap_or_else(|_| Err(io::Error::other("a thread broke off"))) })
}
