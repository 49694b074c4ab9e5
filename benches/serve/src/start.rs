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
    sealed::Sealed,
    table::{self, Goal, judged, judged_head, median},
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
    let [cat, get, curl] = medians;
    let rows = [
        judged("cat FILE, ms", cat, Goal::None),
        judged("get KEY, ms", get, Goal::None),
        judged("curl, ms", curl, Goal::None),
        judged("get KEY / cat", get / cat, Goal::AtMost(2.5)),
        judged("get KEY / curl", get / curl, Goal::AtMost(0.333)),
    ];
    table::print(&judged_head("whole process"), &rows);
    Ok(())
}

/// From the start of a process to the end of its first answer: of the bare server, of ours over a
/// file, and of ours over a file and vaults that lie sealed on disk, while their server is away.
fn measure_first_answers(daemon: &Path, body: &Path) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = Contender::ours(daemon, folder.path(), body)?;
    drop(Contender::bare_hyper(folder.path(), &ours)?);
    drop(ours);
    let sealed = Sealed::make(daemon, folder.path())?;
    let files = ["bare.body", "bare.head"].map(|name| folder.path().join(name));
    let mut times = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        let socket = folder.path().join(format!("bare{round}.sock"));
        times[0].push(first_answer(|| Contender::bare_hyper_again(&socket, &files[0], &files[1]))?);
        times[1].push(first_answer(|| Contender::ours(daemon, folder.path(), body))?);
        times[2].push(first_answer(|| sealed.start())?);
    }
    let [bare, file, sealed] = times.map(median);
    let rows = [
        judged("bare hyper, ms", bare, Goal::None),
        judged("ours, from a file, ms", file, Goal::None),
        judged("ours, from sealed vaults, ms", sealed, Goal::None),
        judged("from a file / bare", file / bare, Goal::AtMost(4.0)),
        judged("from sealed vaults / bare", sealed / bare, Goal::AtMost(4.0)),
    ];
    table::print(&judged_head("start to first answer"), &rows);
    Ok(())
}

/// Returns the milliseconds until a server that is started answers.
fn first_answer(start: impl Fn() -> io::Result<Contender>) -> io::Result<f64> {
    let started = Instant::now();
    ask_once(&start()?.question(""))?;
    Ok(started.elapsed().as_secs_f64() * 1e3)
}
