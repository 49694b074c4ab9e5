//! What a process has used: time on a processor, and memory.

use std::{collections::BTreeMap, ffi::OsString, fs, io, thread, time::Duration};

use nix::{
    time::{ClockId, clock_gettime},
    unistd::Pid,
};

/// How long memory must stay as it is to be at rest; longer than a server waits before it gives
/// some back.
const REST: Duration = Duration::from_millis(1500);

/// Returns the time that a process has run, all its threads together.
pub fn processor_time(process: u32) -> io::Result<Duration> {
    let process = Pid::from_raw(process.try_into().map_err(io::Error::other)?);
    let clock = ClockId::pid_cpu_clock_id(process)?;
    Ok(clock_gettime(clock)?.into())
}

/// Returns the memory of a process that is in use, in KiB, as the kernel counts it in `field`:
/// `VmRSS` for all of it, `RssAnon` for its own alone.
pub fn memory(process: u32, field: &str) -> io::Result<u64> {
    field_of(&format!("/proc/{process}/status"), field)
}

/// Waits until a process takes and gives back no more memory.
pub fn wait_for_rest(process: u32) -> io::Result<()> {
    let mut before = memory(process, "VmRSS")?;
    loop {
        thread::sleep(REST);
        let now = memory(process, "VmRSS")?;
        if now == before {
            return Ok(());
        }
        before = now;
    }
}

/// Returns the same of all mappings together: `Pss` for its fair part of what others use, too,
/// `Private_Dirty` for what is written and its own.
pub fn mapped(process: u32, field: &str) -> io::Result<u64> {
    field_of(&format!("/proc/{process}/smaps_rollup"), field)
}

fn field_of(path: &str, field: &str) -> io::Result<u64> {
    let status = fs::read_to_string(path)?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok());
    kib.ok_or_else(|| io::Error::other(format!("the kernel does not tell {field}")))
}

/// Returns how often each thread of a process has been woken.
pub fn wake_ups(process: u32) -> io::Result<BTreeMap<OsString, u64>> {
    let mut threads = BTreeMap::new();
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let thread = thread?;
        // One that has ended since is woken no more.
        let Ok(status) = fs::read_to_string(thread.path().join("status")) else { continue };
        let switches =
            status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        let switches = switches.and_then(|count| count.trim().parse().ok()).unwrap_or_default();
        threads.insert(thread.file_name(), switches);
    }
    Ok(threads)
}
