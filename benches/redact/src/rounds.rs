//! Rounds in which contenders take turns, and the table of what came out.

use std::{io, time::Duration};

use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};

/// A slow contender has fewer turns, so that all is done in minutes.
const PATIENCE: Duration = Duration::from_secs(4);

/// What a contender should reach.
#[derive(Clone, Copy)]
pub enum Goal {
    /// A part of the rate of the copy.
    PartOfCopy(f64),
    /// Less than another contender, by its place in the table.
    LessThan(usize),
}

/// Something that reads a text and writes it somewhere.
pub struct Contender<'a> {
    name: String,
    bytes: u64,
    goal: Option<Goal>,
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
    pub fn with_goal(self, goal: Goal) -> Self {
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
    println!("\n{title}\n  {:<52} {:>7} {:>12}  goal", "", "GB/s", "of the copy");
    let copied = contenders.first().map_or(1.0, Contender::rate);
    for contender in &contenders {
        let rate = contender.rate();
        let verdict = match contender.goal {
            None => String::new(),
            Some(Goal::PartOfCopy(part)) => format!(">{part:>5.2}  {}", met(rate >= part * copied)),
            Some(Goal::LessThan(place)) => {
                format!("< ours  {}", met(rate < contenders[place].rate()))
            }
        };
        let (name, ratio) = (&contender.name, rate / copied);
        println!("  {name:<52} {:>7.3} {ratio:>12.4}  {verdict}", rate / 1e9);
    }
    Ok(())
}

/// Says whether a goal was reached.
pub fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "not met" }
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
