//! Clients that mean ill or know no better: others are answered all the time, and nothing is left
//! of the bad ones.

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use daemon::client::ask;
use tests::sandbox::Sandbox;

use crate::{daemon_on, sandbox};

const PATIENCE: Duration = Duration::from_secs(60);
/// How often each deed is done: more than that at once is more than a test may have descriptors.
const TIMES: usize = 400;
/// The memory that may be left, in hundredths of what was there before: tables that grew stay, and
/// a rush takes ten times as much.
const MOST_LEFT: u64 = 150;

/// What a bad client says on a connection, and whether it stays.
const DEEDS: [(&str, &[u8], Manners); 5] = [
    ("malformed questions", b"\x16\x03\x01 nonsense\r\n\r\n", Manners::Leaves),
    ("half questions", b"GET /v1/config HTTP/1.1\r\nhost: ", Manners::Stays),
    ("connections that say nothing", b"", Manners::Leaves),
    ("a flood that stays", b"", Manners::Stays),
    ("watchers that never read", b"GET /v1/watch HTTP/1.1\r\nhost: x\r\n\r\n", Manners::Stays),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manners {
    Leaves,
    Stays,
}

#[test]
fn bad_clients_harm_nobody_and_leave_nothing() {
    let sandbox = sandbox();
    sandbox.write("base.conf", "a: 1");
    let daemon = daemon_on(&sandbox, &["--no-vaults", "--config", "base.conf"]);
    let socket = sandbox.socket();
    wait_until_alone(&sandbox);
    let open = descriptors(daemon.id());
    let memory = own_memory(daemon.id());
    let most = memory * MOST_LEFT / 100;
    misbehave(&socket);
    wait_until_alone(&sandbox);
    sandbox.eventually("all descriptors are closed", || descriptors(daemon.id()) <= open);
    sandbox.eventually("memory is given back", || own_memory(daemon.id()) <= most);
}

/// Does all deeds while a good client asks on one connection.
fn misbehave(socket: &Path) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let good = scope.spawn(|| {
            let mut stream = UnixStream::connect(socket).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut answers = 0;
            while !is_over.load(Relaxed) || answers == 0 {
                assert!(is_answered(&mut stream), "after {answers} answers");
                answers += 1;
            }
            answers
        });
        for (name, said, manners) in DEEDS {
            let mut kept = Vec::new();
            for _ in 0..TIMES {
                let mut stream = UnixStream::connect(socket).unwrap();
                // It may be refused before all is said.
                let _ = stream.write_all(said);
                if manners == Manners::Stays {
                    kept.push(stream);
                }
            }
            let answer = ask(socket, "/v1/config", PATIENCE).unwrap();
            assert_eq!(answer.status, 200, "beside {name}");
        }
        is_over.store(true, Relaxed);
        assert!(good.join().unwrap() > 0);
    });
}

fn is_answered(stream: &mut UnixStream) -> bool {
    stream.write_all(b"GET /v1/config?path=a HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).unwrap();
    let text = String::from_utf8_lossy(&answer[..length]);
    text.starts_with("HTTP/1.1 200 ") && text.ends_with("\r\n\r\n1")
}

/// Waits until the only open connection is the one that asks how many there are.
fn wait_until_alone(sandbox: &Sandbox) {
    sandbox.eventually("all connections end", || {
        let reply = ask(&sandbox.socket(), "/metrics", PATIENCE).unwrap();
        String::from_utf8_lossy(&reply.body).contains("clearml_resolver_connections 1\n")
    });
}

/// Counts the descriptors of the thread that answers, which is the first.
fn descriptors(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).unwrap().count()
}

/// Returns the memory that is a process's alone, in KiB.
fn own_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.split_ascii_whitespace().next().unwrap().parse().unwrap()
}
