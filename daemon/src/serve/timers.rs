//! Waiting for a time without having the time.

use std::time::Duration;

use tokio::{
    runtime::Handle,
    time::{self, Instant, Sleep, Timeout},
};

/// The timers of another runtime, for one that has none. Cloning shares.
///
/// # Why
/// A runtime with timers looks at the clock and at its timers before and after each sleep, which is
/// for nearly every answer: it was seen to take an eighth of our instructions. So those who answer
/// have none, and what they wait for is counted on the thread that waits anyway.
#[derive(Clone, Debug)]
pub(super) struct Timers(Handle);

impl Timers {
    /// Returns those of the runtime that we are called on.
    ///
    /// # Panics
    /// Outside a runtime.
    pub(super) fn of_this_runtime() -> Self {
        Self(Handle::current())
    }

    pub(super) fn sleep(&self, duration: Duration) -> Sleep {
        let _there = self.0.enter();
        time::sleep(duration)
    }

    pub(super) fn timeout<F: Future>(&self, duration: Duration, future: F) -> Timeout<F> {
        let _there = self.0.enter();
        time::timeout(duration, future)
    }

    pub(super) fn timeout_at<F: Future>(&self, deadline: Instant, future: F) -> Timeout<F> {
        let _there = self.0.enter();
        time::timeout_at(deadline, future)
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, thread};

    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn who_has_no_time_waits_by_anothers() {
        let moment = Duration::from_millis(1);
        let clock = Builder::new_current_thread().enable_time().build().unwrap();
        let timers = clock.block_on(async { Timers::of_this_runtime() });
        let serving = thread::spawn(move || {
            let timeless = Builder::new_current_thread().build().unwrap();
            timeless.block_on(async {
                timers.sleep(moment).await;
                timers.timeout(moment, pending::<()>()).await.unwrap_err();
                timers.timeout_at(Instant::now(), pending::<()>()).await.unwrap_err();
            });
        });
        clock.block_on(async {
            while !serving.is_finished() {
                time::sleep(moment).await;
            }
        });
        serving.join().unwrap();
    }
}
