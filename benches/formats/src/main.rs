//! How fast texts are read, closed, merged and rendered, as ratios within one run.
//!
//! All contenders of a table run in turns, many rounds long, and the fastest of its rounds counts for
//! each: what else the machine does then slows all of them, or none. `serde_json`, which reads a
//! grammar without choices and keeps no places, is the limit to compare with; it reads the JSON that
//! the HOCON text amounts to.

mod contenders;
mod goals;
mod hostile;
mod ours;
mod rounds;
mod texts;

use contenders::others;
use goals::{Bound, Goal};
use ours::{answer, answer_alone, build_layer, masked, merged, parsed, rendered};
use resolver::{Format, Mode, Redactor};
use rounds::{Contender, table};
use texts::{Text, realistic_file, sections, vault};

const MEGABYTE: usize = 1 << 20;
/// As much as the slowest contender reads in seconds.
const EXCERPT: usize = 32 << 10;

fn main() {
    if let Some(text) = std::env::args().nth(1) {
        return hostile::read(&text);
    }
    let mut goals = Vec::new();
    let (file, large, excerpt) = (realistic_file(), sections(MEGABYTE), sections(EXCERPT));
    goals.extend(reading("case 326, 46 KB", (&file, &file), &[CLEARML]));
    goals.extend(reading("1 MB of sections", (&large, &excerpt), &[CLEARML, HOCON]));
    let (large, excerpt) = (large.as_json(), excerpt.as_json());
    let title = "the equivalent JSON, read as HOCON";
    goals.extend(reading(title, (&large, &excerpt), &[CLEARML, HOCON]));
    goals.push(stages());
    goals.push(growth());
    goals.push(hostile::table());
    goals::print(&goals);
}

/// Our readers of HOCON. Case 326 is in the clients' dialect, which only the first one reads.
const CLEARML: &str = "ours, mode clearml, with spans";
const HOCON: &str = "ours, mode hocon, with spans";
/// The crate that reads HOCON most often today.
const SLOWEST: &str = "hocon 0.9";

/// Compares everybody on one text, the slowest on an excerpt of it. What is held to the goals are
/// some of ours.
fn reading(title: &str, (text, excerpt): (&Text, &Text), ours: &[&str]) -> Vec<Goal> {
    let json = text.as_json();
    let (source, json_source) = (text.source(Format::Hocon), json.source(Format::Json));
    let mut contenders = vec![
        Contender::new("serde_json, the equivalent JSON", json.len(), || {
            serde_json::from_str::<serde_json::Value>(json.as_str()).is_ok()
        }),
        Contender::new(CLEARML, text.len(), || parsed(&source, Mode::Clearml)),
        Contender::new(HOCON, text.len(), || parsed(&source, Mode::Hocon)),
        Contender::new("ours, JSON, with spans", json.len(), || {
            parsed(&json_source, Mode::Clearml)
        }),
        Contender::new("ours, a layer: parsed and closed", text.len(), || {
            build_layer(&source, Mode::Clearml).is_some()
        }),
    ];
    contenders.extend(others(text, excerpt));
    table(title, &mut contenders);
    ours.iter().flat_map(|name| goals_of(title, name, &contenders)).collect()
}

/// Holds one of ours to `serde_json`, to the slowest and to the best of the others. All by rate: the
/// slowest reads an excerpt, and would read the whole no faster.
fn goals_of(title: &str, name: &str, contenders: &[Contender<'_>]) -> [Goal; 3] {
    let rate = |wanted: &dyn Fn(&str) -> bool| {
        let wanted = contenders.iter().filter(|one| wanted(one.name()) && one.succeeds());
        wanted.map(Contender::rate).fold(0.0, f64::max)
    };
    let ours = rate(&|other| other == name);
    let is_other = |other: &str| !other.starts_with("ours") && !other.starts_with("serde_json");
    [
        ("of serde_json's rate", ours / rate(&|other| other.starts_with("serde_json")), 1.0),
        ("of hocon 0.9's rate", ours / rate(&|other| other.starts_with(SLOWEST)), 100.0),
        ("of the best other's rate", ours / rate(&is_other), 1.0),
    ]
    .map(|(what, ratio, least)| {
        let name = name.trim_end_matches(", with spans");
        Goal::new(format!("{title}: {name}, {what}"), ratio, Bound::AtLeast(least))
    })
}

/// Measures all stages of the daily work: a file and a vault become one answer in JSON.
fn stages() -> Goal {
    let texts = [realistic_file(), vault()];
    let both = texts.iter().map(Text::len).sum();
    let jsons = texts.each_ref().map(Text::as_json);
    let sources = texts.each_ref().map(|text| text.source(Format::Hocon));
    let layers = sources.each_ref().map(|text| build_layer(text, Mode::Clearml).expect("sound"));
    let snapshot = merged(&layers);
    let redactor = Redactor::for_snapshot(&snapshot);
    let mut contenders = vec![
        Contender::new("serde_json, both as JSON", jsons.iter().map(Text::len).sum(), || {
            jsons
                .iter()
                .all(|json| serde_json::from_str::<serde_json::Value>(json.as_str()).is_ok())
        }),
        Contender::new("parse, close, merge, render", both, || {
            !answer(&sources, &redactor).is_empty()
        }),
        Contender::new("the same, with what is secret in it", both, || {
            !answer_alone(&sources).is_empty()
        }),
        Contender::new("parse, close", both, || {
            sources.iter().all(|text| build_layer(text, Mode::Clearml).is_some())
        }),
        Contender::new("merge", both, || !merged(&layers).root().is_empty()),
        Contender::new("render", both, || !rendered(&snapshot, &redactor).is_empty()),
        Contender::new("what is secret in the answer", both, || {
            !masked(&Redactor::for_snapshot(&snapshot), "a line").is_empty()
        }),
    ];
    table("case 326 and a vault of 20 KB", &mut contenders);
    let [serde_json, _, whole, ..] = &contenders[..] else { unreachable!("there are seven") };
    let ratio = whole.seconds() / serde_json.seconds();
    Goal::new("all stages, with what is secret, to serde_json's time", ratio, Bound::AtMost(3.0))
}

/// Shows that cost grows with the text and no faster.
fn growth() -> Goal {
    /// Were the cost quadratic, it would be 64. What is executed grows 7.9 times (2 MB: 2.0, 4 MB:
    /// 4.0; instructions as callgrind counts them); the rest is memory that no cache holds.
    const MOST: f64 = 12.0;
    let texts = [1, 2, 4, 8].map(|megabytes| sections(megabytes * MEGABYTE));
    let mut contenders = Vec::new();
    for (text, name) in texts.iter().zip(["1 MB", "2 MB", "4 MB", "8 MB"]) {
        let source = text.source(Format::Hocon);
        contenders.push(Contender::new(name, text.len(), move || {
            build_layer(&source, Mode::Clearml).is_some()
        }));
    }
    table("parse, close: sections", &mut contenders);
    let [one, .., eight] = &contenders[..] else { unreachable!("there are four") };
    let ratio = eight.seconds() / one.seconds();
    Goal::new("8 MB to 1 MB, where 8 is linear", ratio, Bound::AtMost(MOST))
}
