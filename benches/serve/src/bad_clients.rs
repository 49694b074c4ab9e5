//! What clients that mean ill, or know no better, take from others.

use std::{
    fs, io,
    io::Write,
    os::unix::net::UnixStream,
    path::Path,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use crate::{
    clock::wait_for,
    contenders::Contender,
    load::{Lasting, ask_once, run},
    table::{self, Goal, judged, judged_head},
    throughput::configuration,
    usage::{memory, wait_for_rest},
};

const TURN: Duration = Duration::from_secs(1);
const ROUNDS: usize = 4;
const CONNECTS: usize = 20_000;

/// What one kind of bad client does, again and again.
type Deed = fn(&Path, &mut Vec<UnixStream>) -> io::Result<()>;

const DEEDS: [(&str, Deed); 5] = [
    ("malformed questions", |socket, _| say(socket, b"\x16\x03\x01 nonsense\r\n\r\n").map(drop)),
    ("half questions", |socket, kept| {
        kept.push(say(socket, b"GET /v1/config HTTP/1.1\r\nhost: ")?);
        kept.truncate(500);
        Ok(())
    }),
    ("connects", |socket, _| UnixStream::connect(socket).map(drop)),
    ("a flood that stays", |socket, kept| {
        kept.push(UnixStream::connect(socket)?);
        if kept.len() > 1000 {
            kept.clear();
        }
        Ok(())
    }),
    ("watchers that never read", |socket, kept| {
        let stream = say(socket, b"GET /v1/watch HTTP/1.1\r\nhost: x\r\n\r\n")?;
        kept.push(stream);
        kept.truncate(500);
        Ok(())
    }),
];

fn say(socket: &Path, bytes: &[u8]) -> io::Result<UnixStream> {
    let mut stream = UnixStream::connect(socket)?;
    // Whoever is refused may be so before all is written.
    let _ = stream.write_all(bytes);
    Ok(stream)
}

/// Measures a good client beside each kind of bad one, and the memory afterwards, round after round:
/// what a first round leaves is room that the next one uses, what grows with each would be a leak.
pub fn measure(daemon: &Path) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let body = folder.path().join("body.json");
    fs::write(&body, configuration(100))?;
    let ours = Contender::ours(daemon, folder.path(), &body)?;
    let alone = || run(&ours.question(""), Lasting::Kept(1), TURN);
    // What a good client needs is there each time.
    let resident = || {
        wait_for_rest(ours.process())?;
        alone()?;
        Ok::<_, io::Error>(memory(ours.process(), "VmRSS")? as f64 / 1024.0)
    };
    let before = resident()?;
    let alone = alone()?.quantile(0.99);
    let mut rows = Vec::new();
    let mut after_rounds = Vec::new();
    for round in 1..=ROUNDS {
        for (name, deed) in DEEDS {
            let ratio = p99_beside(&ours, deed)? / alone;
            let what = format!("{round}: p99 beside {name} / alone");
            rows.push(judged(&what, ratio, Goal::AtMost(3.0)));
        }
        wait_until_left(&ours)?;
        let after = resident()?;
        rows.push(judged(&format!("{round}: RSS after it, MiB"), after, Goal::None));
        after_rounds.push(after);
    }
    if let [.., last_but_one, last] = after_rounds[..] {
        rows.push(judged("RSS after all / before", last / before, Goal::AtMost(1.1)));
        let what = "RSS after the last round / after the one before";
        rows.push(judged(what, last / last_but_one, Goal::AtMost(1.1)));
    }
    table::print(&judged_head("bad clients"), &rows);
    Ok(())
}

/// Waits until all that was connected is gone: one connection is left, which asks.
fn wait_until_left(ours: &Contender) -> io::Result<()> {
    let question = ours.question_for("/metrics", "connection: close\r\n");
    wait_for("the end of all connections", || {
        let answer = ask_once(&question).ok()?;
        String::from_utf8_lossy(&answer).contains("clearml_resolver_connections 1\n").then_some(())
    })
}

fn p99_beside(ours: &Contender, deed: Deed) -> io::Result<f64> {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut kept = Vec::new();
            for _ in 0..CONNECTS {
                // A connection that is refused is one that the daemon survives.
                let _ = deed(&ours.socket, &mut kept);
                if is_over.load(Relaxed) {
                    break;
                }
                // One of many clients: it leaves the core to the others now and then.
                thread::yield_now();
            }
        });
        let measured = run(&ours.question(""), Lasting::Kept(1), TURN);
        is_over.store(true, Relaxed);
        Ok(measured?.quantile(0.99))
    })
}
