//! Rounds in which contenders take turns, and the table of what came out.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// How often each contender has its turn.
const ROUNDS: usize = 101;
/// How long a turn should last: much longer than a clock's tick, shorter than a slice of time that a
/// busy machine gives.
const TURN: Duration = Duration::from_millis(1);
/// A contender that is slower than this has fewer turns, so that all of a table is done in a minute.
const PATIENCE: Duration = Duration::from_secs(4);

/// Something that is measured; it says whether it succeeded.
pub(crate) struct Contender<'a> {
    name: &'a str,
    bytes: usize,
    run: Box<dyn FnMut() -> bool + 'a>,
    per_turn: u32,
    spent: Duration,
    fastest: Duration,
    succeeds: bool,
}

impl<'a> Contender<'a> {
    /// Names what is measured, and how many bytes it reads.
    pub(crate) fn new(name: &'a str, bytes: usize, run: impl FnMut() -> bool + 'a) -> Self {
        let run = Box::new(run);
        let (spent, fastest) = (Duration::ZERO, Duration::MAX);
        Self { name, bytes, run, per_turn: 1, spent, fastest, succeeds: true }
    }

    fn turn(&mut self) {
        if self.spent > PATIENCE {
            return;
        }
        let start = Instant::now();
        for _ in 0..self.per_turn {
            self.succeeds &= black_box((self.run)());
        }
        let took = start.elapsed();
        self.spent += took;
        self.fastest = self.fastest.min(took / self.per_turn);
    }

    pub(crate) fn name(&self) -> &str {
        self.name
    }

    /// Whether it read its text every time.
    pub(crate) fn succeeds(&self) -> bool {
        self.succeeds
    }

    /// Returns how long its fastest round took, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        self.fastest.as_secs_f64()
    }

    /// Returns how much it reads, in bytes a second.
    pub(crate) fn rate(&self) -> f64 {
        self.bytes as f64 / self.seconds()
    }
}

/// Lets contenders take turns and prints how each did against the first.
pub(crate) fn table(title: &str, contenders: &mut [Contender<'_>]) {
    println!("\n{title}");
    contenders.iter_mut().for_each(Contender::turn);
    for contender in contenders.iter_mut() {
        let turns = TURN.as_nanos() / contender.fastest.as_nanos().max(1);
        contender.per_turn = u32::try_from(turns).unwrap_or(1).max(1);
    }
    for _ in 0..ROUNDS {
        contenders.iter_mut().for_each(Contender::turn);
    }
    println!(
        "  {:<34} {:>9} {:>11} {:>9} {:>10} {:>10}",
        "", "bytes", "time", "MB/s", "x time", "x rate"
    );
    let Some((time, rate)) = contenders.first().map(|first| (first.fastest, first.rate())) else {
        return;
    };
    for contender in contenders {
        let verdict = if contender.succeeds { "" } else { "  (an error)" };
        println!(
            "  {:<34} {:>9} {:>8.1} us {:>9.1} {:>10.3} {:>10.3}{verdict}",
            contender.name,
            contender.bytes,
            contender.fastest.as_secs_f64() * 1e6,
            contender.rate() / 1e6,
            contender.fastest.as_secs_f64() / time.as_secs_f64(),
            contender.rate() / rate,
        );
    }
}
