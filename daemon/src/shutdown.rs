//! Ending in order: the signals that ask for it.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::info;

/// Cancels the token at SIGTERM or SIGINT.
///
/// # Errors
/// The system does not let us wait for signals.
pub(crate) async fn stop_at_signal(stop: CancellationToken) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let name = tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
        () = stop.cancelled() => return Ok(()),
    };
    info!(signal = name, "ending");
    stop.cancel();
    Ok(())
}
