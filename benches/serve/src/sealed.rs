//! A daemon whose vaults lie sealed on disk, and whose server is away.

use std::{
    fs, io,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{
    clock::wait_for,
    contenders::{Contender, terminate},
    load::ask_once,
};

/// What a start from disk needs.
pub struct Sealed {
    daemon: PathBuf,
    folder: PathBuf,
    config: PathBuf,
}

/// A sample server; its process ends with it.
struct Sample(Child);

impl Drop for Sample {
    fn drop(&mut self) {
        terminate(&self.0);
        let _ = self.0.wait();
    }
}

impl Sealed {
    /// Lets a daemon fetch the vaults of the sample server, which ends then.
    pub fn make(daemon: &Path, folder: &Path) -> io::Result<Self> {
        let folder = folder.join("sealed");
        fs::create_dir_all(&folder)?;
        let (config, sample) = start_sample(daemon, &folder)?;
        let sealed = Self { daemon: daemon.to_owned(), folder, config };
        let fetching = sealed.start()?;
        wait_for("vaults on disk", || {
            ask_once(&fetching.question("")).ok()?;
            sealed.folder.join("state/default.sealed").exists().then_some(())
        })?;
        drop((fetching, sample));
        Ok(sealed)
    }

    /// Starts the daemon.
    pub fn start(&self) -> io::Result<Contender> {
        let mut command = Command::new(&self.daemon);
        command.arg("daemon").arg("--config").arg(&self.config).env_clear();
        command.env("HOME", &self.folder).env("CLEARML_RESOLVER_STATE__CREATE_KEY", "true");
        command.env("CLEARML_RESOLVER_STATE__FOLDER", self.folder.join("state"));
        Contender::daemon(&self.folder, &mut command)
    }
}

/// Starts the sample server, and returns a copy of the file that tells clients of it.
fn start_sample(daemon: &Path, folder: &Path) -> io::Result<(PathBuf, Sample)> {
    let mut command = Command::new(daemon);
    command.args(["daemon", "--dev"]).env_clear().env("HOME", folder).stderr(Stdio::piped());
    let mut sample = Sample(command.stdin(Stdio::null()).spawn()?);
    let said = sample.0.stderr.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
    let mut files = said
        .map_while(Result::ok)
        .filter_map(|line| Some(line.split_once("CLEARML_CONFIG_FILE=")?.1.trim().to_owned()));
    let file = files.next().ok_or_else(|| io::Error::other("the sample names no file"))?;
    let config = folder.join("clearml.conf");
    fs::copy(file, &config)?;
    Ok((config, sample))
}
