//! Telling one session that it is time to end.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering::Relaxed, Ordering::SeqCst, fence},
    },
    task::{Poll, Waker},
    time::Duration,
};

use super::timers::Timers;

/// How long whoever has just connected may take to ask, once we are told to stop: the question is
/// on its way, and would be lost with the connection.
const LAST_QUESTION: Duration = Duration::from_secs(1);

/// Tells one session that it is time to end.
///
/// # Why
/// A session looks for it after every question. A token that all sessions wait for is asked under
/// two locks each time; this is one look at a word of the session's own.
#[derive(Debug, Default)]
pub(super) struct DrainSignal {
    is_said: AtomicBool,
    /// Whether anything was asked so far.
    was_asked: AtomicBool,
    /// What wakes the session.
    session: OnceLock<Waker>,
}

impl DrainSignal {
    /// Says it.
    pub(super) fn say(&self) {
        self.is_said.store(true, Relaxed);
        // Either the session sees what was said, or we see whom to wake.
        fence(SeqCst);
        if let Some(session) = self.session.get() {
            session.wake_by_ref();
        }
    }

    /// Waits until it is said. Only the task of the session may wait, since it is the first waker
    /// that is kept.
    pub(super) async fn said(&self) {
        std::future::poll_fn(|context| {
            if self.session.get().is_none() {
                self.session.get_or_init(|| context.waker().clone());
                fence(SeqCst);
            }
            if self.is_said.load(Relaxed) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Notes that something is asked.
    pub(super) fn note_question(&self) {
        self.was_asked.store(true, Relaxed);
    }

    /// Waits until something was asked, or is not asked in time. Whoever waits must be woken by
    /// what is asked: the task of the session is.
    pub(super) async fn first_question(&self, timers: &Timers) {
        let asked = std::future::poll_fn(|_| {
            if self.was_asked.load(Relaxed) { Poll::Ready(()) } else { Poll::Pending }
        });
        // Whoever asks nothing has nothing to lose.
        let _ = timers.timeout(LAST_QUESTION, asked).await;
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, task::Context};

    use super::*;

    #[test]
    fn it_reaches_who_waits_and_who_comes_to_wait() {
        let mut context = Context::from_waker(Waker::noop());
        let drain_signal = DrainSignal::default();
        let mut early = pin!(drain_signal.said());
        assert!(early.as_mut().poll(&mut context).is_pending());
        drain_signal.say();
        assert!(early.as_mut().poll(&mut context).is_ready());
        assert!(
            pin!(drain_signal.said()).poll(&mut context).is_ready(),
            "said before it was waited for"
        );
    }

    #[tokio::test]
    async fn it_wakes_the_session() {
        let drain_signal = std::sync::Arc::new(DrainSignal::default());
        let mut session = tokio::task::JoinSet::new();
        let its = drain_signal.clone();
        session.spawn(async move { its.said().await });
        tokio::task::yield_now().await;
        drain_signal.say();
        session.join_next().await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_question_is_waited_for_but_not_for_long() {
        let drain_signal = DrainSignal::default();
        let started = tokio::time::Instant::now();
        drain_signal.first_question(&Timers::of_this_runtime()).await;
        assert_eq!(started.elapsed().as_secs(), LAST_QUESTION.as_secs());
        drain_signal.note_question();
        let started = tokio::time::Instant::now();
        drain_signal.first_question(&Timers::of_this_runtime()).await;
        assert!(started.elapsed().is_zero());
    }
}
