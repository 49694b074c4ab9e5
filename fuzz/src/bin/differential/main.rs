//! Holds our reading of HOCON to that of the stock clients' own parser, over random texts.
//!
//! Each worker has a Python process of its own. A text on which the two differ is cut down as far
//! as they still differ, and printed; differences that are meant are known by [`deliberate`].

mod answer;
mod deliberate;
mod shrink;
mod stock;
mod texts;

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use answer::Answer;
use stock::Stock;
use texts::Texts;

/// Differences to print; after so many the run ends.
const MOST_DIFFERENCES: usize = 40;

/// What a run does, from the command line: Python, seconds, texts of each worker, workers, seed, then
/// files or folders of seeds.
struct Plan {
    python: String,
    time: Duration,
    texts: u64,
    workers: u64,
    seed: u64,
    seeds: Vec<String>,
}

#[derive(Default)]
struct Tally {
    texts: AtomicU64,
    read_by_both: AtomicU64,
    refused_by_both: AtomicU64,
    not_judged: AtomicU64,
    /// How often each of our errors was met where both refuse.
    refusals: Mutex<BTreeMap<String, u64>>,
    deliberate: Mutex<BTreeMap<&'static str, Excused>>,
    differences: Mutex<BTreeMap<String, String>>,
}

/// The texts that differ for one reason.
#[derive(Default)]
struct Excused {
    texts: u64,
    /// The shortest of them.
    example: Option<String>,
}

fn main() -> ExitCode {
    let Some(plan) = plan() else {
        eprintln!("usage: differential PYTHON SECONDS TEXTS WORKERS SEED [FILE_OR_FOLDER…]");
        return ExitCode::from(2);
    };
    let tally = Tally::default();
    std::thread::scope(|scope| {
        for worker in 0..plan.workers {
            let (plan, tally) = (&plan, &tally);
            scope.spawn(move || work(plan, worker, tally));
        }
    });
    report(&tally)
}

fn plan() -> Option<Plan> {
    let mut arguments = std::env::args().skip(1);
    Some(Plan {
        python: arguments.next()?,
        time: Duration::from_secs(arguments.next()?.parse().ok()?),
        texts: arguments.next()?.parse().ok()?,
        workers: arguments.next()?.parse().ok()?,
        seed: arguments.next()?.parse().ok()?,
        seeds: arguments.flat_map(|path| texts::seeds_of(&path)).collect(),
    })
}

fn work(plan: &Plan, worker: u64, tally: &Tally) {
    let mut stock = Stock::start(&plan.python);
    let mut texts = Texts::new(plan.seed + worker, &plan.seeds);
    let end = Instant::now() + plan.time;
    for _ in 0..plan.texts {
        if Instant::now() >= end || differences(tally) >= MOST_DIFFERENCES {
            return;
        }
        judge(&texts.next_text(), &mut stock, tally);
    }
}

fn differences(tally: &Tally) -> usize {
    tally.differences.lock().expect("no worker panics while it holds this").len()
}

fn judge(text: &str, stock: &mut Stock, tally: &Tally) {
    tally.texts.fetch_add(1, Ordering::Relaxed);
    let (theirs, ours) = (stock.read(text), answer::ours(text));
    let counter = match (&theirs, &ours) {
        (Answer::GaveUp, _) => &tally.not_judged,
        (Answer::Refused(_), Answer::Refused(code)) => {
            let mut codes = tally.refusals.lock().expect("no worker panics while it holds this");
            *codes.entry(code.clone()).or_default() += 1;
            &tally.refused_by_both
        }
        (theirs, ours) if theirs == ours => &tally.read_by_both,
        _ => return differ(text, (&theirs, &ours), stock, tally),
    };
    counter.fetch_add(1, Ordering::Relaxed);
}

fn differ(text: &str, answers: (&Answer, &Answer), stock: &mut Stock, tally: &Tally) {
    if let Some(reason) = deliberate::reason(text, answers.0, answers.1) {
        let mut deliberate = tally.deliberate.lock().expect("no worker panics while it holds this");
        return deliberate.entry(reason).or_default().add(text);
    }
    let small = shrink::smallest(text, |text| {
        let (theirs, ours) = (stock.read(text), answer::ours(text));
        theirs.differs_from(&ours) && deliberate::reason(text, &theirs, &ours).is_none()
    });
    let (theirs, ours) = (stock.read(&small), answer::ours(&small));
    let shown = format!("  theirs {theirs}\n  ours   {ours}");
    tally.differences.lock().expect("no worker panics while it holds this").insert(small, shown);
}

impl Excused {
    fn add(&mut self, text: &str) {
        self.texts += 1;
        if self.example.as_ref().is_none_or(|example| text.len() < example.len()) {
            self.example = Some(text.to_owned());
        }
    }
}

fn report(tally: &Tally) -> ExitCode {
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    println!(
        "{} texts: {} read alike, {} refused by both, {} not judged",
        count(&tally.texts),
        count(&tally.read_by_both),
        count(&tally.refused_by_both),
        count(&tally.not_judged),
    );
    for (code, texts) in tally.refusals.lock().expect("all workers have ended").iter() {
        println!("{texts:6} refused: {code}");
    }
    for (reason, excused) in tally.deliberate.lock().expect("all workers have ended").iter() {
        let example = excused.example.as_deref().unwrap_or_default();
        println!("{:6} differ as meant: {reason}, as in {example:?}", excused.texts);
    }
    let differences = tally.differences.lock().expect("all workers have ended");
    for (text, answers) in differences.iter() {
        println!("DIFFERENT {text:?}\n{answers}");
    }
    if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
