//! Answers a second, their times, and what each costs, line by line.

use std::{fs, io, path::Path, time::Duration};

use crate::{
    contenders::Contender,
    load::{Lasting, Measured, Wire, run},
    table::{self, Goal, median},
    usage::{memory, processor_time},
};

/// Rounds of each line: each contender has its turn in every one.
const ROUNDS: usize = 9;
const TURN: Duration = Duration::from_millis(400);
/// Text of one value; with its key and signs it makes 60 bytes of JSON.
const VALUE: &str = "a value of fifty bytes, more or less, as they often";

/// Values of the larger configuration: 60 KB.
const LARGE: usize = 1000;

/// One line of the table.
struct Line {
    name: &'static str,
    /// Values of the configuration: 100 make 6 KB.
    values: usize,
    lasting: Lasting,
    is_conditional: bool,
}

const LINES: [Line; 6] = [
    Line {
        name: "6 KB, 1 connection",
        values: 100,
        lasting: Lasting::Kept(1),
        is_conditional: false,
    },
    Line {
        name: "6 KB, 16 connections",
        values: 100,
        lasting: Lasting::Kept(16),
        is_conditional: false,
    },
    Line {
        name: "60 KB, 1 connection",
        values: LARGE,
        lasting: Lasting::Kept(1),
        is_conditional: false,
    },
    Line {
        name: "60 KB, 16 connections",
        values: LARGE,
        lasting: Lasting::Kept(16),
        is_conditional: false,
    },
    Line {
        name: "304, 1 connection",
        values: 100,
        lasting: Lasting::Kept(1),
        is_conditional: true,
    },
    Line {
        name: "6 KB, new connections",
        values: 100,
        lasting: Lasting::New,
        is_conditional: false,
    },
];

/// Measures all lines.
pub fn measure(daemon: &Path) -> io::Result<()> {
    let mut rows = Vec::new();
    for line in &LINES {
        rows.extend(measure_line(daemon, line)?);
    }
    let head = [
        "",
        "answers/s",
        "ours / it",
        "goal",
        "",
        "CPU / its",
        "CPU us",
        "p50 us",
        "p99 us",
        "RSS MiB",
    ];
    table::print(&head, &rows);
    Ok(())
}

fn measure_line(daemon: &Path, line: &Line) -> io::Result<Vec<Vec<String>>> {
    let folder = tempfile::tempdir()?;
    let body = folder.path().join("body.json");
    fs::write(&body, configuration(line.values))?;
    let contenders = start_all(daemon, folder.path(), &body, line)?;
    let mut turns: Vec<Vec<Turn>> = contenders.iter().map(|_| Vec::new()).collect();
    for round in 0..=ROUNDS {
        for (contender, turns) in contenders.iter().zip(&mut turns) {
            let turn = Turn::take(contender, line)?;
            // The first round warms up.
            if round > 0 {
                turns.push(turn);
            }
        }
    }
    let rows = contenders.iter().zip(&turns);
    rows.map(|(contender, its)| row(line, contender, its, &turns[0])).collect()
}

/// Returns a configuration in JSON that the daemon spells the same way.
pub fn configuration(values: usize) -> String {
    let value = |number| format!("\"k{number:04}\":\"{VALUE}\"");
    format!("{{{}}}", (0..values).map(value).collect::<Vec<_>>().join(","))
}

fn start_all(daemon: &Path, folder: &Path, body: &Path, line: &Line) -> io::Result<Vec<Contender>> {
    let ours = Contender::ours(daemon, folder, body)?;
    let bare = Contender::bare_hyper(folder, &ours)?;
    let mut contenders = vec![ours, bare, Contender::nginx(folder, body)?];
    if !line.is_conditional && line.lasting != Lasting::New {
        contenders.push(Contender::redis(folder, body)?);
    }
    Ok(contenders)
}

/// Returns what our answers a second should be, in those of a contender.
fn goal(line: &Line, contender: &Contender) -> Goal {
    match contender.name {
        "bare hyper" => Goal::AtLeast(0.97),
        "nginx" => Goal::AtLeast(1.0),
        "redis" if line.values == LARGE => Goal::AtLeast(1.0),
        _ => Goal::None,
    }
}

/// One contender's turn in one round.
struct Turn {
    measured: Measured,
    /// Microseconds of the server's processor time for each answer.
    cost: f64,
}

impl Turn {
    fn take(contender: &Contender, line: &Line) -> io::Result<Self> {
        let mut headers = String::new();
        if line.is_conditional {
            headers = format!("if-none-match: {}\r\n", contender.tag()?);
        }
        if line.lasting == Lasting::New && contender.wire == Wire::Http {
            headers.push_str("connection: close\r\n");
        }
        let before = processor_time(contender.process())?;
        let measured = run(&contender.question(&headers), line.lasting, TURN)?;
        let used = processor_time(contender.process())? - before;
        let cost = used.as_secs_f64() * 1e6 / measured.times.len() as f64;
        Ok(Self { measured, cost })
    }
}

fn row(
    line: &Line,
    contender: &Contender,
    turns: &[Turn],
    ours: &[Turn],
) -> io::Result<Vec<String>> {
    let of = |figure: fn(&Turn) -> f64| median(turns.iter().map(figure).collect());
    let in_turn = |figure: fn(&Turn) -> f64| {
        median(turns.iter().zip(ours).map(|(its, ours)| figure(ours) / figure(its)).collect())
    };
    let ratio = in_turn(|turn| turn.measured.rate());
    let [goal, verdict] = goal(line, contender).judge(ratio);
    Ok(vec![
        format!("{}: {}", line.name, contender.name),
        format!("{:.0}", of(|turn| turn.measured.rate())),
        format!("{ratio:.3}"),
        goal,
        verdict,
        format!("{:.3}", in_turn(|turn| turn.cost)),
        format!("{:.2}", of(|turn| turn.cost)),
        format!("{:.1}", of(|turn| turn.measured.quantile(0.5))),
        format!("{:.1}", of(|turn| turn.measured.quantile(0.99))),
        format!("{:.1}", memory(contender.process(), "VmRSS")? as f64 / 1024.0),
    ])
}
