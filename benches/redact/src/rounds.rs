//! Rounds in which contenders take turns, and the table of what came out.

use std::{io, time::Duration};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

/// A slow contender has fewer turns, so that all is done in minutes.
const PATIENCE: Duration = Duration::from_secs(4);

/// Something that reads a text and writes it somewhere.
pub struct Contender<'a> {
    name: String,
    bytes: u64,
    /// What it should reach, as a part of the copy.
    goal: Option<f64>,
    run: Box<dyn FnMut() -> io::Result<()> + 'a>,
    spent: Duration,
    fastest: Duration,
}

impl<'a> Contender<'a> {
    /// Names what is measured, and how many bytes it reads.
    pub fn new(name: &str, bytes: u64, run: impl FnMut() -> io::Result<()> + 'a) -> Self {
        let (spent, fastest) = (Duration::ZERO, Duration::MAX);
        Self { name: name.into(), bytes, goal: None, run: Box::new(run), spent, fastest }
    }

    /// Returns the same with what it should reach.
    pub fn with_goal(self, goal: f64) -> Self {
        Self { goal: Some(goal), ..self }
    }

    fn turn(&mut self) -> io::Result<()> {
        if self.spent < PATIENCE {
            let start = processor_time();
            (self.run)()?;
            let took = processor_time() - start;
            self.spent += took;
            self.fastest = self.fastest.min(took);
        }
        Ok(())
    }

    fn rate(&self) -> f64 {
        self.bytes as f64 / self.fastest.as_secs_f64()
    }
}

/// Lets contenders take turns, and prints how each did against the first. What disturbs only slows,
/// so the fastest turn counts.
pub fn table(title: &str, rounds: usize, mut contenders: Vec<Contender<'_>>) -> io::Result<()> {
    for _ in 0..rounds {
        contenders.iter_mut().try_for_each(Contender::turn)?;
    }
    println!("\n{title}\n  {:<46} {:>8} {:>12} {:>6}", "", "GB/s", "of the copy", "goal");
    let copied = contenders.first().map_or(1.0, Contender::rate);
    for contender in &contenders {
        let ratio = contender.rate() / copied;
        let verdict = contender.goal.map_or(String::new(), |goal| {
            format!("{goal:>6.2}  {}", if ratio >= goal { "met" } else { "not met" })
        });
        let rate = contender.rate() / 1e9;
        println!("  {:<46} {rate:>8.3} {ratio:>12.4} {verdict}", contender.name);
    }
    Ok(())
}

/// Returns the time that processors gave to this program and those that it ran to their end: on a
/// busy machine the time on the wall tells how busy it is.
fn processor_time() -> Duration {
    let of = |who| {
        let usage = getrusage(who).expect("everybody may ask for their own usage");
        let times = usage.user_time() + usage.system_time();
        Duration::from_micros(times.num_microseconds().try_into().unwrap_or_default())
    };
    of(UsageWho::RUSAGE_SELF) + of(UsageWho::RUSAGE_CHILDREN)
}
