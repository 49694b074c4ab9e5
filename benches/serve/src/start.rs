//! From nothing to an answer: the daemon's own start, and a whole process that asks for one value.

use std::{
    fs, io,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    contenders::Contender,
    load::ask_once,
    table::{self, median},
    throughput::configuration,
};

const ROUNDS: usize = 41;

/// Measures processes from their start to their end, or to their first answer.
pub fn measure(daemon: &Path) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let body = folder.path().join("body.json");
    fs::write(&body, configuration(100))?;
    measure_commands(daemon, folder.path(), &body)?;
    println!();
    measure_first_answers(daemon, &body)
}

fn measure_commands(daemon: &Path, folder: &Path, body: &Path) -> io::Result<()> {
    let ours = Contender::ours(daemon, folder, body)?;
    let mut get = Command::new(daemon);
    get.arg("get").arg("--socket").arg(&ours.socket).arg("k0042").env_clear().env("HOME", folder);
    let mut cat = Command::new("cat");
    cat.arg(body);
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--unix-socket"]).arg(&ours.socket).arg("http://x/v1/config?path=k0042");
    let mut commands = [("cat", cat), ("get KEY", get), ("curl", curl)];
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for ((name, command), times) in commands.iter_mut().zip(&mut times) {
            let started = Instant::now();
            let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            if !status.success() {
                return Err(io::Error::other(format!("{name} failed: {status}")));
            }
        }
    }
    let medians = times.map(median);
    let row = |((name, _), time): (&(&str, Command), &f64)| {
        vec![(*name).to_owned(), format!("{time:.2}"), format!("{:.2}", time / medians[0])]
    };
    let rows: Vec<_> = commands.iter().zip(&medians).map(row).collect();
    table::print(&["whole process", "ms", "it / cat"], &rows);
    Ok(())
}

/// From the start of a process to the end of its first answer.
fn measure_first_answers(daemon: &Path, body: &Path) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = Contender::ours(daemon, folder.path(), body)?;
    drop(Contender::bare_hyper(folder.path(), &ours)?);
    drop(ours);
    let files = ["bare.body", "bare.head"].map(|name| folder.path().join(name));
    let mut times = [const { Vec::new() }; 2];
    for round in 0..ROUNDS {
        let socket = folder.path().join(format!("bare{round}.sock"));
        let started = Instant::now();
        let bare = Contender::bare_hyper_again(&socket, &files[0], &files[1])?;
        ask_once(&bare.question(""))?;
        times[0].push(started.elapsed().as_secs_f64() * 1e3);
        drop(bare);
        let started = Instant::now();
        let ours = Contender::ours(daemon, folder.path(), body)?;
        ask_once(&ours.question(""))?;
        times[1].push(started.elapsed().as_secs_f64() * 1e3);
    }
    let [bare, ours] = times.map(median);
    let row = |name: &str, time: f64| {
        vec![name.to_owned(), format!("{time:.2}"), format!("{:.2}", time / bare)]
    };
    let rows = [row("bare hyper", bare), row("ours", ours)];
    table::print(&["start to first answer", "ms", "it / bare"], &rows);
    Ok(())
}
