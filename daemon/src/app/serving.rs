//! All that answers, each on its socket.

use std::{io, sync::Arc, time::Duration};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::openings::Openings;
use crate::serve::{self, ConfigService, ConnectionLimits, CredentialService, SweepClock};

/// All that answers.
pub(super) struct Services {
    pub(super) readers: ConfigService,
    pub(super) administrators: ConfigService,
    pub(super) credentials: CredentialService,
    /// One for the readers, one for the administrators.
    pub(super) clocks: [Arc<SweepClock>; 2],
    pub(super) drain_timeout: Duration,
}

impl Services {
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
            let (service, limits) = (Arc::new(self.administrators), ConnectionLimits::FEW);
            parts.spawn(serve::serve(listener, service, limits, administrators_clock, drain));
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
