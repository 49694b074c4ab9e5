//! Waiting for what another process does, with a bound.

use std::{
    io, thread,
    time::{Duration, Instant},
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long to wait before a condition is looked at again.
const BETWEEN_LOOKS: Duration = Duration::from_micros(200);

/// Waits until `look` sees something.
///
/// # Errors
/// It does not within a minute.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> io::Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return Ok(seen);
        }
        if Instant::now() > deadline {
            return Err(io::Error::other(format!("{what} did not come about")));
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}
