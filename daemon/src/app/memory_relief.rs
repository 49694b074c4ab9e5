//! Giving memory back once it is no longer needed.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use tracing::debug;

/// How long after news memory is given back: more of the kind comes soon or not at all.
const SOON: Duration = Duration::from_secs(1);

/// Gives back what was needed to start, to make an answer, or for a rush of connections.
///
/// # Why
/// The allocator keeps what a rush took for the next one, which may never come: 25 MB after bad
/// clients, of which 2 were in use. And what only a start needs of the program's file, more than
/// half of it, would stay for as long as the daemon runs.
pub(super) async fn give_memory_back(
    told: watch::Receiver<()>,
    rush_over: Arc<Notify>,
    stop: CancellationToken,
) {
    stop.run_until_cancelled(follow(told, rush_over)).await;
}

async fn follow(mut told: watch::Receiver<()>, rush_over: Arc<Notify>) {
    loop {
        sleep(SOON).await;
        told.mark_unchanged();
        // A millisecond, on the thread that answers nobody.
        if let Err(error) = memory::give_back() {
            debug!(%error, "memory that is not needed stays");
        }
        tokio::select! {
            changed = told.changed() => if changed.is_err() { return },
            () = rush_over.notified() => {}
        }
    }
}
