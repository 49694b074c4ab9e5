//! Telling the one writer of answers what has happened.

use tokio::sync::mpsc;

use crate::event::Event;

/// Says that the other end is gone: the daemon ends.
pub(super) struct Closed;

/// Tells the writer of an event; waits while it has many to deal with.
pub(super) async fn tell(events: &mpsc::Sender<Event>, event: Event) -> Result<(), Closed> {
    events.send(event).await.map_err(|_| Closed)
}
