//! What is compared with what, and what should come of it.

use resolver::{Format, Mode, Redactor};

use crate::{
    contenders::others,
    goals::{Bound, Goal},
    ours::{answer, answer_alone, build_layer, masked, merged, parsed, rendered},
    rounds::{Contender, Measured, Table},
    texts::{Text, realistic_file, sections, vault},
};

const MEGABYTE: usize = 1 << 20;
/// As much as the slowest contender reads in seconds.
const EXCERPT: usize = 32 << 10;

const FILE: &str = "case 326, 46 KB";
const SECTIONS: &str = "1 MB of sections";
const JSON: &str = "the equivalent JSON, read as HOCON";
const STAGES: &str = "case 326 and a vault of 20 KB";
const GROWTH: &str = "parse, close: sections";

/// All tables, in their order.
pub(crate) const ALL: [Table; 5] = [
    Table { title: FILE, contenders: || reading(&realistic_file(), &realistic_file()) },
    Table { title: SECTIONS, contenders: || reading(&sections(MEGABYTE), &sections(EXCERPT)) },
    Table {
        title: JSON,
        contenders: || reading(&sections(MEGABYTE).as_json(), &sections(EXCERPT).as_json()),
    },
    Table { title: STAGES, contenders: stages },
    Table { title: GROWTH, contenders: growth },
];

/// Our readers of HOCON. Case 326 is in the clients' dialect, which only the first one reads.
const CLEARML: &str = "ours, mode clearml, with spans";
const HOCON: &str = "ours, mode hocon, with spans";
/// The crate that reads HOCON most often today.
const SLOWEST: &str = "hocon 0.9";
const SERDE_JSON: &str = "serde_json, the equivalent JSON";
const BOTH: &str = "serde_json, both as JSON";
const ALL_STAGES: &str = "the same, with what is secret in it";

/// Holds what came out of a table against what it is to show.
pub(crate) fn goals_of(table: &Table, measured: &[Measured]) -> Vec<Goal> {
    match table.title {
        STAGES => {
            let ratio = named(measured, ALL_STAGES).times(named(measured, BOTH));
            let what = "all stages, with what is secret, to serde_json's time";
            vec![Goal::new(what, ratio, Bound::AtMost(3.0))]
        }
        GROWTH => {
            /// Were the cost quadratic, it would be 64. What is executed grows 7.9 times (2 MB:
            /// 2.0, 4 MB: 4.0; instructions as callgrind counts them); the rest is memory that no
            /// cache holds.
            const MOST: f64 = 12.0;
            let ratio = named(measured, "8 MB").times(named(measured, "1 MB"));
            vec![Goal::new("8 MB to 1 MB, where 8 is linear", ratio, Bound::AtMost(MOST))]
        }
        FILE => reading_goals(table.title, CLEARML, measured),
        title => {
            let goals = [CLEARML, HOCON].map(|ours| reading_goals(title, ours, measured));
            goals.into_iter().flatten().collect()
        }
    }
}

/// Holds one of ours to `serde_json`, to the slowest and to the best of the others. All by rate: the
/// slowest reads an excerpt, and would read the whole no faster.
fn reading_goals(title: &str, name: &str, measured: &[Measured]) -> Vec<Goal> {
    let ours = named(measured, name);
    let is_other = |other: &&Measured| {
        let is_known = other.name().starts_with("ours") || other.name() == SERDE_JSON;
        !is_known && other.succeeds()
    };
    let least_over_others = measured
        .iter()
        .filter(is_other)
        .map(|other| ours.rate_over(other))
        .fold(f64::INFINITY, f64::min);
    let slowest = measured.iter().find(|other| other.name().starts_with(SLOWEST));
    let over_slowest = slowest.map_or(f64::NAN, |slowest| ours.rate_over(slowest));
    [
        ("of serde_json's rate", ours.rate_over(named(measured, SERDE_JSON)), 1.0),
        ("of hocon 0.9's rate", over_slowest, 100.0),
        ("of the best other's rate", least_over_others, 1.0),
    ]
    .map(|(what, ratio, least)| {
        let name = name.trim_end_matches(", with spans");
        Goal::new(format!("{title}: {name}, {what}"), ratio, Bound::AtLeast(least))
    })
    .into()
}

fn named<'a>(measured: &'a [Measured], name: &str) -> &'a Measured {
    measured.iter().find(|contender| contender.name() == name).expect("a contender of the table")
}

/// Everybody on one text, the slowest on an excerpt of it.
fn reading(text: &Text, excerpt: &Text) -> Vec<Contender> {
    let json = text.as_json();
    let [clearml, hocon, layer] = [(); 3].map(|()| text.source(Format::Hocon));
    let json_source = json.source(Format::Json);
    let (text_bytes, json_bytes) = (text.len(), json.len());
    let mut contenders = vec![
        Contender::new(SERDE_JSON, json_bytes, move || {
            serde_json::from_str::<serde_json::Value>(json.as_str()).is_ok()
        }),
        Contender::new(CLEARML, text_bytes, move || parsed(&clearml, Mode::Clearml)),
        Contender::new(HOCON, text_bytes, move || parsed(&hocon, Mode::Hocon)),
        Contender::new("ours, JSON, with spans", json_bytes, move || {
            parsed(&json_source, Mode::Clearml)
        }),
        Contender::new("ours, a layer: parsed and closed", text_bytes, move || {
            build_layer(&layer, Mode::Clearml).is_some()
        }),
    ];
    contenders.extend(others(text, excerpt));
    contenders
}

/// All stages of the daily work: a file and a vault become one answer in JSON.
fn stages() -> Vec<Contender> {
    let texts = [realistic_file(), vault()];
    let both = texts.iter().map(Text::len).sum();
    let jsons = texts.each_ref().map(Text::as_json);
    let sources = move || texts.each_ref().map(|text| text.source(Format::Hocon));
    let layers = sources().map(|text| build_layer(&text, Mode::Clearml).expect("sound"));
    let snapshot = merged(&layers);
    let redactor = || Redactor::for_snapshot(&snapshot);
    let [for_answer, for_render] = [redactor(), redactor()];
    let [whole, alone, closed] = [sources(), sources(), sources()];
    let to_render = snapshot.clone();
    vec![
        Contender::new(BOTH, jsons.iter().map(Text::len).sum(), move || {
            jsons
                .iter()
                .all(|json| serde_json::from_str::<serde_json::Value>(json.as_str()).is_ok())
        }),
        Contender::new("parse, close, merge, render", both, move || {
            !answer(&whole, &for_answer).is_empty()
        }),
        Contender::new(ALL_STAGES, both, move || !answer_alone(&alone).is_empty()),
        Contender::new("parse, close", both, move || {
            closed.iter().all(|text| build_layer(text, Mode::Clearml).is_some())
        }),
        Contender::new("merge", both, move || !merged(&layers).root().is_empty()),
        Contender::new("render", both, move || !rendered(&to_render, &for_render).is_empty()),
        Contender::new("what is secret in the answer", both, move || {
            !masked(&Redactor::for_snapshot(&snapshot), "a line").is_empty()
        }),
    ]
}

/// One text in four sizes: cost grows with the text and no faster.
fn growth() -> Vec<Contender> {
    let sizes = [(1, "1 MB"), (2, "2 MB"), (4, "4 MB"), (8, "8 MB")];
    let contenders = sizes.map(|(megabytes, name)| {
        let text = sections(megabytes * MEGABYTE);
        let source = text.source(Format::Hocon);
        Contender::new(name, text.len(), move || build_layer(&source, Mode::Clearml).is_some())
    });
    contenders.into()
}
