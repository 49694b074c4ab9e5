//! How long to wait before the next try.

use std::time::Duration;

/// Failures in a row after which a server counts as down and not as stumbling: at the usual
/// interval of a minute, after two minutes or so.
const BREAKS_AFTER: u32 = 8;

/// The longest time that a server's `Retry-After` is obeyed; one that asks for more has a wrong
/// clock, or an operator who forgot it.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Pauses between tries: a random part of a limit that doubles with each failure ("full jitter"),
/// so that a fleet does not come back in step.
///
/// After some failures in a row the circuit breaks: from then on a single try, once each one to
/// two ceilings, finds out whether the server is back. A `Retry-After` of the server comes on top.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    ceiling: Duration,
    failures: u32,
    random: fastrand::Rng,
}

impl Backoff {
    /// Returns a backoff whose first pause lies below `first` and none above `ceiling`, or twice
    /// that once the circuit is broken.
    pub fn new(first: Duration, ceiling: Duration) -> Self {
        Self { first, ceiling, failures: 0, random: fastrand::Rng::new() }
    }

    /// Counts a failure and returns how long to wait before the next try.
    pub fn failed(&mut self, retry_after: Option<Duration>) -> Duration {
        let limit = self.first.saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        let least = if self.is_broken() { self.ceiling } else { Duration::ZERO };
        let jittered = limit.min(self.ceiling).mul_f64(self.random.f64());
        least + jittered + retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER)
    }

    /// Forgets the failures: a try went well.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Returns how many failures there were since the last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether the server counts as down.
    fn is_broken(&self) -> bool {
        self.failures >= BREAKS_AFTER
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
        for failure in 0..BREAKS_AFTER - 1 {
            let limit = FIRST.saturating_mul(2_u32.saturating_pow(failure)).min(CEILING);
            let pause = backoff.failed(None);
            assert!(pause <= limit, "{failure}: {pause:?} > {limit:?}");
        }
        backoff.succeeded();
        assert!(backoff.failed(None) <= FIRST);
        assert_eq!(backoff.failures(), 1);
    }

    #[test]
    fn a_server_that_is_down_is_asked_less_often_than_a_healthy_one() {
        let mut backoff = Backoff::new(FIRST, CEILING);
        for _ in 1..BREAKS_AFTER {
            backoff.failed(None);
        }
        for _ in 0..200 {
            let pause = backoff.failed(None);
            assert!((CEILING..=2 * CEILING).contains(&pause), "{pause:?}");
        }
        backoff.succeeded();
        assert!(backoff.failed(None) <= FIRST, "one success mends the circuit");
    }

    #[test]
    fn pauses_differ() {
        let mut backoff = Backoff::new(CEILING, CEILING);
        let first = backoff.failed(None);
        assert!((0..20).any(|_| backoff.failed(None) != first));
    }

    #[test]
    fn what_the_server_asks_for_is_obeyed_for_an_hour_at_most() {
        let mut backoff = Backoff::new(FIRST, CEILING);
        let asked = Duration::from_secs(600);
        assert!(backoff.failed(Some(asked)) >= asked, "longer than the ceiling");
        assert!(backoff.failed(Some(Duration::MAX)) <= LONGEST_RETRY_AFTER + CEILING);
    }
}
