//! How long a connection may take for what it is doing.
//!
//! # Why
//! A timer for each request would cost more than the rest of our share of it, and would wake an
//! idle process. Instead each connection notes what it is doing, in a few machine words, and one
//! sweep every few seconds ends those that have been at it for too long. Without connections that
//! could be too long there is no sweep.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::UnixStream,
    sync::Notify,
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// The time between two sweeps, and the unit in which the time of a connection is counted.
pub(super) const SWEEP: Duration = Duration::from_secs(5);
/// Sweeps that a connection may rest between two questions: a minute.
const MAX_IDLE: u32 = 12;
/// Sweeps that the head of a question may take: 10 to 15 seconds.
const MAX_READING: u32 = 2;
/// Sweeps that a peer may leave unread what is written: 15 to 20 seconds.
const MAX_STALLED: u32 = 3;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    /// It rests between two questions.
    Idle,
    /// A question has begun and is not whole.
    Reading,
    /// The answer is being made; whoever makes it bounds the time.
    Answering,
    /// The answer is made and being sent.
    Sending,
}

/// Counts sweeps, and knows whether there is anything to sweep.
///
/// # Why
/// Whoever sweeps does not wait for the time itself, [`keep_time`] does, on another thread: a timer
/// that a thread waits for is set up in the kernel anew whenever that thread sleeps, which is for
/// every single answer. It was seen to cost 0.4 of 6.3 microseconds.
#[derive(Debug)]
pub(crate) struct SweepClock {
    sweeps: AtomicU32,
    /// Whether nobody needs the next sweep.
    rests: AtomicBool,
    wake: Notify,
    tick: Notify,
}

impl Default for SweepClock {
    fn default() -> Self {
        let rests = AtomicBool::new(true);
        Self { sweeps: AtomicU32::new(0), rests, wake: Notify::new(), tick: Notify::new() }
    }
}

/// Tells a clock when it is time to sweep, for as long as there is anything to sweep.
pub(crate) async fn keep_time(clock: Arc<SweepClock>, stop: CancellationToken) {
    let keeping = async {
        loop {
            clock.needed().await;
            sleep(SWEEP).await;
            clock.tick.notify_one();
        }
    };
    stop.run_until_cancelled(keeping).await;
}

impl SweepClock {
    /// Waits until it is time to sweep.
    pub(super) async fn ticked(&self) {
        self.tick.notified().await;
    }

    /// Counts one sweep.
    pub(super) fn advance(&self) {
        self.sweeps.fetch_add(1, Relaxed);
    }

    /// Notes that nothing can be late as it is.
    pub(super) fn rest(&self) {
        self.rests.store(true, Relaxed);
    }

    /// Waits until there is something to sweep.
    async fn needed(&self) {
        while self.rests.load(Relaxed) {
            self.wake.notified().await;
        }
    }

    /// Notes that there is something to sweep.
    pub(super) fn need(&self) {
        if self.rests.load(Relaxed) {
            self.rests.store(false, Relaxed);
            self.wake.notify_one();
        }
    }

    fn now(&self) -> u32 {
        self.need();
        self.sweeps.load(Relaxed)
    }
}

/// What one connection is doing, and since which sweep.
///
/// All of it is written by the connection's own task and read by the sweep; each word tells the
/// truth alone, so that no order among them matters.
#[derive(Debug)]
pub(super) struct Pace {
    clock: Arc<SweepClock>,
    phase: AtomicU8,
    since: AtomicU32,
    /// The sweep after which a write was first refused, counted from 1; 0 while writes go through.
    stalled_since: AtomicU32,
}

/// What the sweep makes of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It cannot take too long as it is.
    Untimed,
    /// It is within its time.
    Timely,
    /// It has taken too long.
    Late,
}

impl Pace {
    pub(super) fn new(clock: Arc<SweepClock>) -> Self {
        let since = AtomicU32::new(clock.now());
        let phase = AtomicU8::new(Phase::Idle as u8);
        Self { clock, phase, since, stalled_since: AtomicU32::new(0) }
    }

    /// Notes that a question is whole and its answer is being made.
    pub(super) fn answering(&self) {
        self.phase.store(Phase::Answering as u8, Relaxed);
    }

    /// Notes that the answer is made.
    pub(super) fn answered(&self) {
        self.phase.store(Phase::Sending as u8, Relaxed);
    }

    /// Judges the connection at a sweep.
    pub(super) fn verdict(&self) -> Verdict {
        let now = self.clock.sweeps.load(Relaxed);
        let stalled_since = self.stalled_since.load(Relaxed);
        let (since, most) = if stalled_since > 0 {
            (stalled_since - 1, MAX_STALLED)
        } else if self.is_in(Phase::Idle) {
            (self.since.load(Relaxed), MAX_IDLE)
        } else if self.is_in(Phase::Reading) {
            (self.since.load(Relaxed), MAX_READING)
        } else {
            return Verdict::Untimed;
        };
        if now.wrapping_sub(since) > most { Verdict::Late } else { Verdict::Timely }
    }

    fn is_in(&self, phase: Phase) -> bool {
        self.phase.load(Relaxed) == phase as u8
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
        self.since.store(self.clock.now(), Relaxed);
    }

    fn has_read(&self) {
        if self.is_in(Phase::Idle) {
            self.enter(Phase::Reading);
        }
    }

    fn has_written<T>(&self, outcome: &Poll<T>) {
        let is_stalled = self.stalled_since.load(Relaxed) > 0;
        match (outcome, is_stalled) {
            (Poll::Pending, false) => {
                self.stalled_since.store(self.clock.now().wrapping_add(1).max(1), Relaxed);
            }
            (Poll::Ready(_), true) => self.stalled_since.store(0, Relaxed),
            _ => {}
        }
    }

    /// All that was made is sent.
    fn has_flushed(&self) {
        if self.is_in(Phase::Sending) {
            self.enter(Phase::Idle);
        }
    }
}

/// A stream that notes what it is doing.
pub(super) struct PacedStream {
    stream: UnixStream,
    pace: Arc<Pace>,
}

impl PacedStream {
    pub(super) fn new(stream: UnixStream, pace: Arc<Pace>) -> Self {
        Self { stream, pace }
    }
}

impl AsyncRead for PacedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.pace.has_read();
        }
        outcome
    }
}

impl AsyncWrite for PacedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.pace.has_written(&outcome);
        outcome
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.pace.has_written(&outcome);
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A Unix socket holds nothing back.
        self.pace.has_flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The session ends with this and closes the socket, which says the same in one call less.
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixture {
        clock: Arc<SweepClock>,
        pace: Pace,
    }

    impl Fixture {
        fn new() -> Self {
            let clock = Arc::new(SweepClock::default());
            Self { pace: Pace::new(clock.clone()), clock }
        }

        /// Returns how many sweeps go by until the connection is late; `None` if it never is.
        fn sweeps_until_late(&self) -> Option<u32> {
            (1..100).find(|_| {
                self.clock.advance();
                self.pace.verdict() == Verdict::Late
            })
        }
    }

    #[test]
    fn each_phase_has_its_time() {
        let fixture = Fixture::new();
        assert_eq!(fixture.sweeps_until_late(), Some(MAX_IDLE + 1), "at rest");
        let fixture = Fixture::new();
        fixture.pace.has_read();
        assert_eq!(fixture.sweeps_until_late(), Some(MAX_READING + 1), "reading a head");
        let fixture = Fixture::new();
        fixture.pace.has_read();
        fixture.pace.answering();
        assert_eq!(fixture.pace.verdict(), Verdict::Untimed);
        assert_eq!(fixture.sweeps_until_late(), None, "waiting for an answer");
        fixture.pace.has_written(&Poll::<()>::Pending);
        assert_eq!(fixture.sweeps_until_late(), Some(MAX_STALLED + 1), "the peer does not read");
    }

    #[test]
    fn a_byte_now_and_then_wins_no_time() {
        let fixture = Fixture::new();
        fixture.pace.has_read();
        for _ in 0..=MAX_READING {
            fixture.clock.advance();
            fixture.pace.has_read();
        }
        assert_eq!(fixture.pace.verdict(), Verdict::Late);
    }

    #[test]
    fn after_an_answer_it_is_at_rest_again() {
        let fixture = Fixture::new();
        fixture.pace.has_read();
        fixture.pace.answering();
        fixture.pace.has_flushed();
        assert_eq!(fixture.pace.verdict(), Verdict::Untimed, "flushed before there was an answer");
        fixture.pace.answered();
        fixture.pace.has_written(&Poll::<()>::Pending);
        fixture.pace.has_written(&Poll::Ready(()));
        fixture.pace.has_flushed();
        assert_eq!(fixture.sweeps_until_late(), Some(MAX_IDLE + 1));
    }

    #[tokio::test]
    async fn the_sweep_sleeps_until_a_connection_can_be_late() {
        let fixture = Fixture::new();
        fixture.clock.rest();
        let mut needed = Box::pin(fixture.clock.needed());
        let no_wake = tokio::time::timeout(Duration::ZERO, &mut needed).await;
        assert!(no_wake.is_err());
        fixture.pace.has_read();
        needed.await;
    }
}
