//! How fast texts are read, closed, merged and rendered, as ratios within one run.
//!
//! All contenders of a table run in turns, many rounds long, and the fastest of its rounds counts for
//! each: what else the machine does then slows all of them, or none. `serde_json`, which reads a
//! grammar without choices and keeps no places, is the limit to compare with; it reads the JSON that
//! the HOCON text amounts to.

mod contenders;
mod ours;
mod rounds;
mod texts;

use contenders::others;
use ours::{answer, build_layer, masked, merged, parsed, rendered};
use resolver::{Format, Mode, Redactor};
use rounds::{Contender, table};
use texts::{Text, realistic_file, sections, vault};

const MEGABYTE: usize = 1 << 20;
/// As much as the slowest contender reads in seconds.
const EXCERPT: usize = 32 << 10;

fn main() {
    let (file, large, excerpt) = (realistic_file(), sections(MEGABYTE), sections(EXCERPT));
    reading("case 326, 46 KB", (&file, &file), Mode::Clearml);
    reading("1 MB of sections", (&large, &excerpt), Mode::Hocon);
    let (large, excerpt) = (large.as_json(), excerpt.as_json());
    reading("the equivalent JSON, read as HOCON", (&large, &excerpt), Mode::Hocon);
    stages();
    growth();
}

/// Compares everybody on one text, the slowest on an excerpt of it.
fn reading(title: &str, (text, excerpt): (&Text, &Text), mode: Mode) {
    let json = text.as_json();
    let (source, json_source) = (text.source(Format::Hocon), json.source(Format::Json));
    let mut contenders = vec![
        Contender::new("serde_json, the equivalent JSON", json.len(), || {
            serde_json::from_str::<serde_json::Value>(json.as_str()).is_ok()
        }),
        Contender::new("ours, mode clearml, with spans", text.len(), || {
            parsed(&source, Mode::Clearml)
        }),
        Contender::new("ours, mode hocon, with spans", text.len(), || parsed(&source, Mode::Hocon)),
        Contender::new("ours, JSON, with spans", json.len(), || parsed(&json_source, mode)),
        Contender::new("ours, a layer: parsed and closed", text.len(), || {
            build_layer(&source, Mode::Clearml).is_some()
        }),
    ];
    contenders.extend(others(text, excerpt));
    table(title, &mut contenders);
}

/// Measures all stages of the daily work: a file and a vault become one answer in JSON.
fn stages() {
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
}

/// Shows that cost grows with the text and no faster.
fn growth() {
    let texts = [1, 2, 4, 8].map(|megabytes| sections(megabytes * MEGABYTE));
    let mut contenders = Vec::new();
    for (text, name) in texts.iter().zip(["1 MB", "2 MB", "4 MB", "8 MB"]) {
        let source = text.source(Format::Hocon);
        contenders.push(Contender::new(name, text.len(), move || {
            build_layer(&source, Mode::Clearml).is_some()
        }));
    }
    table("parse, close: sections", &mut contenders);
}
