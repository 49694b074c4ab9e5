//! How long to wait before the next try.

use std::time::Duration;

/// Pauses between tries: a random part of a limit that doubles with each failure ("full jitter"),
/// so that a fleet does not come back in step.
///
/// A `Retry-After` of the server is a floor. All pauses end at the ceiling.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    ceiling: Duration,
    failures: u32,
    random: fastrand::Rng,
}

impl Backoff {
    /// Returns a backoff whose first pause lies below `first` and none above `ceiling`.
    pub fn new(first: Duration, ceiling: Duration) -> Self {
        Self { first, ceiling, failures: 0, random: fastrand::Rng::new() }
    }

    /// Counts a failure and returns how long to wait before the next try.
    pub fn failed(&mut self, retry_after: Option<Duration>) -> Duration {
        let limit = self.first.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        let jittered = limit.min(self.ceiling).mul_f64(self.random.f64());
        jittered.max(retry_after.unwrap_or_default()).min(self.ceiling)
    }

    /// Forgets the failures: a try went well.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Returns how many failures there were since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_secs(1);
    const CEILING: Duration = Duration::from_secs(60);

    #[test]
    fn pauses_stay_below_a_doubling_limit_and_the_ceiling() {
        let mut backoff = Backoff::new(FIRST, CEILING);
        for failure in 0..200 {
            let limit = FIRST.saturating_mul(2_u32.saturating_pow(failure)).min(CEILING);
            let pause = backoff.failed(None);
            assert!(pause <= limit, "{failure}: {pause:?} > {limit:?}");
        }
        backoff.succeeded();
        assert!(backoff.failed(None) <= FIRST);
        assert_eq!(backoff.failures(), 1);
    }

    #[test]
    fn pauses_differ() {
        let mut backoff = Backoff::new(CEILING, CEILING);
        let first = backoff.failed(None);
        assert!((0..20).any(|_| backoff.failed(None) != first));
    }

    #[test]
    fn what_the_server_asks_for_is_a_floor_below_the_ceiling() {
        let mut backoff = Backoff::new(FIRST, CEILING);
        let asked = Duration::from_secs(30);
        assert!(backoff.failed(Some(asked)) >= asked);
        assert_eq!(backoff.failed(Some(CEILING * 10)), CEILING);
    }
}
