//! How often the source of a profile's vaults is asked.

use std::time::Duration;

use crate::{
    api::{Backoff, FetchError},
    publish::Subscriber,
    settings::Profile,
};

/// The first pause after a failure lies below this, or below the splay if that is longer; each
/// further one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The part of the poll interval by which the questions of a fleet are spread, up and down.
const JITTER: f64 = 0.1;

/// The pace of one profile.
///
/// # Why
/// The first question is splayed only if there are vaults to serve in the meantime: otherwise
/// whoever starts a daemon waits for its first answer, and a stock client would ask at that moment,
/// too. After an outage the full jitter of the pauses spreads a fleet, as far as the poll interval
/// and at least as far as the splay.
#[derive(Debug)]
pub(crate) struct Pace {
    interval: Duration,
    splay: Duration,
    backoff: Backoff,
    subscriber: Subscriber,
}

impl Pace {
    /// Returns the pace that a profile's settings want; `subscriber` tells what is served.
    pub(crate) fn new(profile: &Profile, subscriber: Subscriber) -> Self {
        let (interval, splay) = (profile.poll_interval, profile.splay);
        let backoff = Backoff::new(FIRST_PAUSE.max(splay).min(interval), interval);
        Self { interval, splay, backoff, subscriber }
    }

    /// Returns how long to wait before the very first question: not at all if there are no vaults
    /// yet.
    pub(super) fn first_pause(&self) -> Duration {
        let vaults = &self.subscriber.health().vaults;
        let is_kept = vaults.fetches == 0 && vaults.confirmed.is_some();
        if is_kept { self.splay.mul_f64(fastrand::f64()) } else { Duration::ZERO }
    }

    /// Returns how long to wait after an answer. A refusal stays one until somebody acts, and a
    /// server without vaults is no failure, so that neither is asked more often than usual.
    pub(crate) fn after_answer<T>(&mut self, answer: &Result<T, FetchError>) -> Duration {
        match answer {
            Err(error) if !error.is_refusal() && !matches!(error, FetchError::Absent { .. }) => {
                self.after_failure(error.retry_after())
            }
            _ => {
                self.succeeded();
                self.interval()
            }
        }
    }

    /// Returns how long to wait after a failure.
    pub(super) fn after_failure(&mut self, retry_after: Option<Duration>) -> Duration {
        self.backoff.failed(retry_after)
    }

    /// Forgets the failures.
    pub(super) fn succeeded(&mut self) {
        self.backoff.succeeded();
    }

    /// Returns the pause while all is well.
    pub(super) fn interval(&self) -> Duration {
        self.interval.mul_f64(1.0 - JITTER + 2.0 * JITTER * fastrand::f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::Call,
        health::{Moment, State},
        publish::{self, samples},
    };

    const SPLAY: Duration = Duration::from_secs(5);

    fn pace(change: impl FnOnce(&mut crate::health::VaultHealth)) -> Pace {
        let mut health = samples::health(State::Stale, Moment::now());
        change(&mut health.vaults);
        Pace::new(&Profile::default(), publish::channel(health).1)
    }

    #[test]
    fn the_first_question_waits_only_if_there_are_vaults_from_disk() {
        let kept = pace(|_| {});
        let pauses: Vec<_> = (0..100).map(|_| kept.first_pause()).collect();
        assert!(pauses.iter().all(|pause| *pause <= SPLAY));
        assert!(pauses.iter().any(|pause| *pause > SPLAY / 2), "it is spread");
        assert_eq!(pace(|vaults| vaults.confirmed = None).first_pause(), Duration::ZERO);
        assert_eq!(pace(|vaults| vaults.fetches = 1).first_pause(), Duration::ZERO);
    }

    #[test]
    fn failures_are_spread_by_the_splay_and_refusals_wait_an_interval() {
        let refused = || FetchError::Revoked { host: "h".into(), code: 401, subcode: 22 };
        let failed = || FetchError::TimedOut { host: "h".into(), call: Call::Login, after: SPLAY };
        for _ in 0..100 {
            let mut pace = pace(|_| {});
            assert!(pace.after_answer(&Err::<(), _>(failed())) <= SPLAY);
            let usual = Duration::from_secs(54)..=Duration::from_secs(66);
            assert!(usual.contains(&pace.after_answer(&Err::<(), _>(refused()))));
            assert!(usual.contains(&pace.after_answer(&Ok(()))));
        }
    }
}
