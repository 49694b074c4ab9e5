//! Serving, measured: the daemon beside a bare hyper server, nginx and redis, each over a Unix
//! socket, on one core, in turn within every round.
//!
//! Everything is said as ratios of one run; a figure alone says little about another machine.

mod bad_clients;
mod bare;
mod clock;
mod contenders;
mod load;
mod rest;
mod sealed;
mod start;
mod table;
mod throughput;
mod usage;
mod watchers;

use std::{env, io, path::Path, process::ExitCode};

use nix::{
    sched::{CpuSet, sched_setaffinity},
    sys::resource::{Resource, getrlimit, setrlimit},
    unistd::Pid,
};

/// The daemon that is measured, unless another is named.
const DAEMON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/release/clearml-resolver");

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [bare::COMMAND, socket, body, head] => {
            bare::run(Path::new(socket), Path::new(body), Path::new(head))
        }
        [daemon, ref chosen @ ..] if daemon.contains('/') => measure(Path::new(daemon), chosen),
        ref chosen => measure(Path::new(DAEMON), chosen),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// One kind of measurement.
type Part = fn(&Path) -> io::Result<()>;

/// Runs all measurements, or those that are named.
fn measure(daemon: &Path, chosen: &[&str]) -> io::Result<()> {
    let (_, most_files) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most_files, most_files)?;
    pin_to_one_core()?;
    let is_chosen = |name| chosen.is_empty() || chosen.contains(&name);
    let parts: [(&str, Part); 5] = [
        ("throughput", throughput::measure),
        ("rest", rest::measure),
        ("start", start::measure),
        ("watchers", watchers::measure),
        ("bad-clients", bad_clients::measure),
    ];
    for (name, part) in parts.into_iter().filter(|(name, _)| is_chosen(name)) {
        println!("\n== {name}");
        part(daemon)?;
    }
    Ok(())
}

/// Pins this process, and with it all it starts, to one core: so that a ratio compares work, not
/// who was given which core.
fn pin_to_one_core() -> io::Result<()> {
    let mut core = CpuSet::new();
    core.set(0)?;
    Ok(sched_setaffinity(Pid::this(), &core)?)
}
