//! Contenders that take turns, each in a process of its own, and the table of what came out.
//!
//! What a reader takes depends on the heap that it finds: what others left there, and whether the
//! allocator gave memory back that it needs again. In one process `serde_json` took 4.3 to 6.0 ms
//! for the same text, by who ran before. So every turn is a process in which nobody else ran, and
//! whose allocator keeps what it has; the first run fills the heap and is not the fastest.

use std::{hint::black_box, process::Command, time::Duration};

use nix::time::{ClockId, clock_gettime};

/// How many turns each contender has.
const ROUNDS: usize = 11;
/// How much of a processor a turn takes; a contender of which one run takes more has two runs.
const TURN: Duration = Duration::from_millis(80);
/// A sample is of as many runs as take this long, so that reading the clock does not count.
const SAMPLE: Duration = Duration::from_millis(1);
/// Tells glibc's allocator (`mallopt(3)`) to keep all memory, and to take it from one heap.
const KEEPING: [(&str, &str); 2] =
    [("MALLOC_TRIM_THRESHOLD_", "1073741824"), ("MALLOC_MMAP_THRESHOLD_", "1073741824")];

/// A table, and how its contenders are made; each process makes those of one table only.
pub(crate) struct Table {
    pub(crate) title: &'static str,
    pub(crate) contenders: fn() -> Vec<Contender>,
}

/// Something that is measured; it says whether it succeeded.
pub(crate) struct Contender {
    name: &'static str,
    bytes: usize,
    run: Box<dyn FnMut() -> bool>,
}

/// What came out for a contender.
pub(crate) struct Measured {
    name: &'static str,
    bytes: usize,
    /// Seconds of the fastest run of each turn.
    turns: Vec<f64>,
    succeeds: bool,
}

impl Contender {
    /// Names what is measured, and how many bytes it reads.
    pub(crate) fn new(
        name: &'static str,
        bytes: usize,
        run: impl FnMut() -> bool + 'static,
    ) -> Self {
        Self { name, bytes, run: Box::new(run) }
    }
}

impl Measured {
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it read its text every time.
    pub(crate) fn succeeds(&self) -> bool {
        self.succeeds
    }

    /// Returns how often as long it takes as another: the median of all rounds.
    pub(crate) fn times(&self, other: &Self) -> f64 {
        median(self.turns.iter().zip(&other.turns).map(|(own, other)| own / other))
    }

    /// Returns how often as many bytes it reads in the same time as another.
    pub(crate) fn rate_over(&self, other: &Self) -> f64 {
        self.bytes as f64 / other.bytes as f64 / self.times(other)
    }
}

/// Lets the contenders of a table take turns and prints how each did against the first.
pub(crate) fn measure(table: &Table) -> Vec<Measured> {
    let contenders = (table.contenders)().into_iter();
    let mut measured: Vec<_> = contenders
        .map(|Contender { name, bytes, .. }| Measured {
            name,
            bytes,
            turns: Vec::new(),
            succeeds: true,
        })
        .collect();
    for _ in 0..ROUNDS {
        measured.iter_mut().for_each(|contender| contender.have_turn(table.title));
    }
    print(table.title, &measured);
    measured
}

impl Measured {
    /// Has a process take a turn and reads from it what [`take_turn`] prints.
    fn have_turn(&mut self, title: &str) {
        let program = std::env::current_exe().expect("a process knows its program");
        let output = Command::new(program)
            .args([title, self.name])
            .envs(KEEPING)
            .output()
            .expect("a program that runs can be run again");
        let said = String::from_utf8_lossy(&output.stdout);
        let (seconds, succeeds) = said.trim().split_once(' ').expect("a turn says two words");
        self.turns.push(seconds.parse().expect("the first is a time"));
        self.succeeds &= succeeds == "true";
    }
}

/// Takes the turn of one contender; prints the seconds of its fastest run and whether all succeeded.
pub(crate) fn take_turn(table: &Table, name: &str) {
    let mut contenders = (table.contenders)();
    let wanted = contenders.iter().position(|contender| contender.name == name);
    let mut contender = contenders.swap_remove(wanted.expect("a contender of the table"));
    let (mut fastest, mut succeeds) = (Duration::MAX, true);
    let start = processor_time();
    let (mut samples, mut runs) = (0, 1);
    while samples < 2 || processor_time() - start < TURN {
        let before = processor_time();
        for _ in 0..runs {
            succeeds &= black_box((contender.run)());
        }
        let took = processor_time() - before;
        if took < SAMPLE {
            runs *= 2;
            continue;
        }
        fastest = fastest.min(took / runs);
        samples += 1;
    }
    println!("{} {succeeds}", fastest.as_secs_f64());
}

/// Returns what this process has had of a processor: what others had meanwhile does not count.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    time.expect("Linux has a clock for each process").into()
}

fn print(title: &str, measured: &[Measured]) {
    println!("\n{title}");
    println!(
        "  {:<34} {:>9} {:>11} {:>9} {:>10} {:>10}",
        "", "bytes", "time", "MB/s", "x time", "x rate"
    );
    let Some(first) = measured.first() else { return };
    for contender in measured {
        let seconds = median(contender.turns.iter().copied());
        println!(
            "  {:<34} {:>9} {:>8.1} us {:>9.1} {:>10.3} {:>10.3}{}",
            contender.name,
            contender.bytes,
            seconds * 1e6,
            contender.bytes as f64 / seconds / 1e6,
            contender.times(first),
            contender.rate_over(first),
            if contender.succeeds { "" } else { "  (an error)" },
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
