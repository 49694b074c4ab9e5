//! SIGHUP: read and ask everything again.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::{event::Event, systemd::Notifier};

/// How long a reload may take before systemd is told that it is over: longer than one call to a
/// server that hangs, shorter than systemd's own patience (90 s).
const LONGEST_RELOAD: Duration = Duration::from_secs(40);

/// Sends an event for each SIGHUP, and tells systemd when it has been obeyed.
///
/// # Errors
/// The system does not let us wait for signals.
pub(crate) async fn watch_signals(
    events: mpsc::Sender<Event>,
    notifier: Notifier,
    stop: CancellationToken,
) -> io::Result<()> {
    let mut hangups = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            Some(()) = hangups.recv() => {}
            () = stop.cancelled() => return Ok(()),
        }
        info!("everything is read again, as SIGHUP asks");
        notifier.reloading();
        let (done, is_done) = oneshot::channel();
        if events.send(Event::ReloadAsked { done }).await.is_err() {
            return Ok(());
        }
        tokio::select! {
            _ = timeout(LONGEST_RELOAD, is_done) => notifier.ready(),
            () = stop.cancelled() => return Ok(()),
        }
    }
}
