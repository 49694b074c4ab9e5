//! The control group that a machine lives in.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// How often the group is tried to be removed, until the kernel has let the last process go.
const TRIES: u32 = 100;

/// A control group of its own; dropping it removes it with all groups below.
pub(crate) struct Cgroup {
    path: PathBuf,
}

impl Cgroup {
    /// Makes a group at the top of the second hierarchy (`cgroups(7)`, version 2).
    ///
    /// # Errors
    /// The host has no such hierarchy, or we may not write there.
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let mounts = fs::read_to_string("/proc/self/mounts")?;
        let words = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        let top = words.into_iter().find_map(|words| match words.as_slice() {
            [_, top, "cgroup2", ..] => Some(PathBuf::from(top)),
            _ => None,
        });
        let top = top.ok_or_else(|| io::Error::other("no cgroup2 is mounted on this host"))?;
        let path = top.join(name);
        fs::create_dir(&path)?;
        Ok(Self { path })
    }

    /// Returns the file that takes the numbers of those who move in.
    pub(crate) fn members(&self) -> PathBuf {
        self.path.join("cgroup.procs")
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        for _ in 0..TRIES {
            if remove(&self.path).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Removes a group and those below, the lowest first.
fn remove(top: &Path) -> io::Result<()> {
    let mut found = vec![top.to_owned()];
    let mut seen = 0;
    while let Some(group) = found.get(seen).cloned() {
        let below = fs::read_dir(group)?.filter_map(Result::ok);
        found.extend(below.map(|entry| entry.path()).filter(|path| path.is_dir()));
        seen += 1;
    }
    found.iter().rev().try_for_each(fs::remove_dir)
}
