//! What the daemon holds and does when little happens.

use std::{
    fs, io,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    clock::wait_for,
    contenders::{Contender, terminate},
    load::{Connection, Lasting, run},
    table::{self, Goal, judged, judged_head},
    throughput::configuration,
    usage::{mapped, memory, wait_for_rest},
};

/// A realistic configuration of 46 KB, which lies beside the checkout.
const REALISTIC: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/oracle/cases/326-realistic-clearml-conf/base.conf"
);
const ANSWERS: u32 = 1000;
/// How long a server answers before its memory is looked at.
const A_WHILE: Duration = Duration::from_millis(200);

/// Measures memory at rest over a realistic configuration, and system calls of an answer.
pub fn measure(daemon: &Path) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let body = folder.path().join("body.json");
    fs::write(&body, configuration(100))?;
    let config = if Path::new(REALISTIC).exists() { Path::new(REALISTIC) } else { &body };
    println!("memory over {}", config.display());
    let ours = Contender::ours(daemon, folder.path(), config)?;
    let bare = Contender::bare_hyper(folder.path(), &ours)?;
    // What answering takes counts, what starting took only as far as it is still there.
    for server in [&ours, &bare] {
        wait_for_rest(server.process())?;
        run(&server.question(""), Lasting::Kept(1), A_WHILE)?;
    }
    let mib = |kib: u64| kib as f64 / 1024.0;
    let mut rows = Vec::new();
    for (server, goal) in [(&ours, Goal::AtMost(6.0)), (&bare, Goal::None)] {
        let (process, name) = (server.process(), server.name);
        rows.push(judged(&format!("{name}: RSS, MiB"), mib(memory(process, "VmRSS")?), goal));
        for field in ["RssAnon", "RssFile"] {
            let held = mib(memory(process, field)?);
            rows.push(judged(&format!("{name}: {field}, MiB"), held, Goal::None));
        }
        for field in ["Pss", "Private_Dirty"] {
            let held = mib(mapped(process, field)?);
            rows.push(judged(&format!("{name}: {field}, MiB"), held, Goal::None));
        }
    }
    match writes_an_answer(&ours, folder.path()) {
        Ok(writes) => rows.push(judged("write calls an answer", writes, Goal::AtMost(1.0))),
        Err(error) => println!("write calls are not counted: {error}; is strace installed?"),
    }
    table::print(&judged_head("at rest"), &rows);
    Ok(())
}

fn writes_an_answer(ours: &Contender, folder: &Path) -> io::Result<f64> {
    let counts = folder.join("strace");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=write,writev,sendto,sendmsg", "-o"]).arg(&counts);
    command.arg("-p").arg(ours.process().to_string());
    let mut strace = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let question = ours.question("");
    let mut connection = Connection::open(&question)?;
    let lines = || fs::read_to_string(&counts).unwrap_or_default().lines().count();
    // Until it is traced, an answer leaves no line.
    let attached = wait_for("a trace", || {
        connection.ask(&question).and_then(|()| connection.answer()).ok()?;
        (lines() > 0).then_some(())
    });
    let before = lines();
    for _ in 0..ANSWERS {
        connection.ask(&question)?;
        connection.answer()?;
    }
    terminate(&strace);
    let _ = strace.wait();
    attached?;
    Ok((lines() - before) as f64 / f64::from(ANSWERS))
}
