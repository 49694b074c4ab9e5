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
    contenders::Contender,
    load::{Lasting, run},
    table,
    throughput::configuration,
    usage::memory,
};

const TURN: Duration = Duration::from_secs(2);
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

/// Measures a good client beside each kind of bad one, and the memory afterwards.
pub fn measure(daemon: &Path) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let body = folder.path().join("body.json");
    fs::write(&body, configuration(100))?;
    let ours = Contender::ours(daemon, folder.path(), &body)?;
    let alone = run(&ours.question(""), Lasting::Kept(1), TURN)?.quantile(0.99);
    // What the first flood leaves is kept for the next one; what comes later would be a leak.
    let mut before = 0;
    let mut rows = Vec::new();
    for (name, deed) in DEEDS {
        let beside = p99_beside(&ours, deed)?;
        let after = memory(ours.process(), "VmRSS")?;
        let growth = if before == 0 { 1.0 } else { after as f64 / before as f64 };
        before = after;
        rows.push(vec![
            name.to_owned(),
            format!("{beside:.0}"),
            format!("{:.1}", beside / alone),
            format!("{:.1} ({growth:.2})", after as f64 / 1024.0),
        ]);
    }
    let head =
        ["beside a client that does nothing else but", "p99 us", "p99 / alone", "RSS MiB after"];
    table::print(&head, &rows);
    Ok(())
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
