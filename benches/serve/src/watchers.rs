//! What those who wait cost, and how soon all of them hear of a change.

use std::{
    fs, io,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::{
    contenders::Contender,
    load::{Connection, Lasting, run},
    table::{self, Goal, judged, judged_head},
    throughput::configuration,
    usage::{memory, processor_time, wake_ups},
};

const WATCHERS: usize = 10_000;
const QUIET: Duration = Duration::from_secs(10);
const TURN: Duration = Duration::from_secs(1);
const WATCH: &[u8] = b"GET /v1/watch?path=k0042 HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Measures the daemon at rest, then with 10,000 watchers; the bare server holds as many.
pub fn measure(daemon: &Path) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let body = folder.path().join("body.json");
    fs::write(&body, configuration(100))?;
    let ours = Contender::ours(daemon, folder.path(), &body)?;
    let bare = Contender::bare_hyper(folder.path(), &ours)?;
    let bare_each = held_by_bare(&bare)?;
    drop(bare);
    let mut rows = at_rest(&ours)?;
    let before = memory(ours.process(), "VmRSS")?;
    let alone = run(&ours.question(""), Lasting::Kept(1), TURN)?.quantile(0.5);
    let mut watchers = open_watchers(&ours)?;
    let each = kib_each(&ours, before)?;
    rows.push(judged("KiB a watcher", each, Goal::AtMost(14.4)));
    rows.push(judged("KiB a connection at rest, bare hyper", bare_each, Goal::None));
    let beside = run(&ours.question(""), Lasting::Kept(1), TURN)?.quantile(0.5);
    let ratio = beside / alone;
    rows.push(judged("p50 of an active client, beside them / alone", ratio, Goal::AtMost(1.05)));
    let used = processor_time(ours.process())?;
    thread::sleep(QUIET);
    let used = processor_time(ours.process())? - used;
    rows.push(judged("CPU ms in 10 s, 10,000 wait", used.as_secs_f64() * 1e3, Goal::None));
    let [first, last] = deliver(&mut watchers, &body)?;
    rows.push(judged("ms from a change of the file to the first event", first, Goal::None));
    rows.push(judged("ms from a change to the last of 10,000", last, Goal::AtMost(250.0)));
    drop(watchers);
    table::print(&judged_head("10,000 watchers"), &rows);
    Ok(())
}

fn at_rest(ours: &Contender) -> io::Result<Vec<Vec<String>>> {
    // Threads that may be needed again end after 10 s, which is no waking.
    thread::sleep(QUIET + QUIET / 2);
    let before = wake_ups(ours.process())?;
    thread::sleep(QUIET);
    let after = wake_ups(ours.process())?;
    let since = |(thread, count): (&_, &u64)| count - before.get(thread).copied().unwrap_or(0);
    let woken: u64 = after.iter().map(since).sum();
    Ok(vec![judged("wake-ups in 10 s at rest", woken as f64, Goal::AtMost(0.0))])
}

fn held_by_bare(bare: &Contender) -> io::Result<f64> {
    let before = memory(bare.process(), "VmRSS")?;
    let question = bare.question("");
    let mut open = Vec::new();
    for _ in 0..WATCHERS {
        let mut connection = Connection::open_small(&question)?;
        connection.ask(&question)?;
        connection.skim()?;
        open.push(connection);
    }
    kib_each(bare, before)
}

fn kib_each(contender: &Contender, before: u64) -> io::Result<f64> {
    let after = memory(contender.process(), "VmRSS")?;
    Ok(after.saturating_sub(before) as f64 / WATCHERS as f64)
}

fn open_watchers(ours: &Contender) -> io::Result<Vec<UnixStream>> {
    let mut watchers = Vec::new();
    for _ in 0..WATCHERS {
        let mut stream = UnixStream::connect(&ours.socket)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.write_all(WATCH)?;
        watchers.push(stream);
    }
    for watcher in &mut watchers {
        read_event(watcher)?;
    }
    Ok(watchers)
}

/// Reads to the end of one event.
fn read_event(stream: &mut UnixStream) -> io::Result<()> {
    let (mut buffer, mut text) = ([0; 1024], Vec::new());
    while !text.windows(2).any(|window| window == b"\n\n") {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        text.extend_from_slice(&buffer[..read]);
    }
    Ok(())
}

/// Changes the file, and returns the milliseconds until the first and until the last watcher has
/// heard of it. This process reads on the same core as the daemon writes.
fn deliver(watchers: &mut [UnixStream], body: &Path) -> io::Result<[f64; 2]> {
    let text = configuration(100).replace("\"k0042\":\"a", "\"k0042\":\"another");
    let next = body.with_extension("next");
    fs::write(&next, text)?;
    let started = Instant::now();
    fs::rename(&next, body)?;
    let mut first = f64::INFINITY;
    for watcher in watchers.iter_mut() {
        read_event(watcher)?;
        first = first.min(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok([first, started.elapsed().as_secs_f64() * 1e3])
}
