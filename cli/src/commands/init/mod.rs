//! `init`: makes a clearml.conf of what the web application offers for copying.

mod pasted;

use std::{
    fs,
    io::{self, IsTerminal, Read, Write},
    path::{Path, PathBuf},
};

use daemon::{
    api::{Client, ClientLimits, Endpoint, EndpointError, FetchError},
    settings::Server,
};
use resolver::Snapshot;

use super::{asking::Asking, doctor::causes};
use crate::{
    args::Init,
    failure::{Failure, Kind},
    progress::Progress,
};

/// Bytes of a pasted text; the web application offers about 400.
const MAX_BYTES: u64 = 1 << 20;

/// Reads the text, logs in with it, writes the file.
///
/// # Errors
/// The text lacks something, the server refuses the keys, or a file is there already.
pub(super) fn run(init: &Init, asking: Asking<'_>) -> Result<(), Failure> {
    let target = target(init, asking)?;
    if target.exists() && !init.force {
        let message = format!("`{}` is there already", target.display());
        return Err(Failure::new(Kind::Usage, message)
            .with_hint("add `--force` to replace it; it is kept with the ending `.old`"));
    }
    let pasted = pasted::read(&text(asking)?, asking.output)?;
    let host = if init.no_login { None } else { Some(log_in(&pasted.snapshot, asking)?) };
    write(&target, &pasted.text).map_err(|error| {
        Failure::new(Kind::NoAnswer, format!("cannot write `{}`: {error}", target.display()))
    })?;
    let logged_in = host.map(|host| format!("logged in to {host}; ")).unwrap_or_default();
    asking.output.talk(&format!("{logged_in}wrote {} (mode 0600)", target.display()));
    Ok(())
}

/// Returns the file to write: the one named, or the first that the clients read.
fn target(init: &Init, asking: Asking<'_>) -> Result<PathBuf, Failure> {
    let variable = asking.ambient.first_variable(&["CLEARML_CONFIG_FILE", "TRAINS_CONFIG_FILE"]);
    let home = || asking.ambient.home.as_ref().map(|home| home.join("clearml.conf"));
    init.file
        .clone()
        .or_else(|| variable.map(|path| asking.ambient.expand_home(Path::new(path))))
        .or_else(home)
        .ok_or_else(|| {
            Failure::new(Kind::Usage, "there is no home directory").with_hint("add `--file PATH`")
        })
}

/// Reads what is pasted, or piped.
fn text(asking: Asking<'_>) -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        asking.output.talk(
            "In the web application: Settings, Workspace, Create new credentials.\n\
             Paste what it offers here, then press Enter and Ctrl-D:",
        );
    }
    let mut text = String::new();
    let read = io::stdin().lock().take(MAX_BYTES).read_to_string(&mut text);
    read.map_err(|error| Failure::new(Kind::Usage, error))?;
    Ok(text)
}

/// Logs in with what was pasted, and returns the server's name.
fn log_in(pasted: &Snapshot, asking: Asking<'_>) -> Result<String, Failure> {
    let server = Server { worker: asking.ambient.host_name.clone(), ..Server::default() };
    let endpoint = Endpoint::complete(&server, pasted, asking.ambient)
        .map_err(|error: EndpointError| Failure::new(Kind::NoAnswer, causes(&error)))?;
    let host = endpoint.url().host().to_owned();
    let mut client = Client::new(endpoint, ClientLimits::default())
        .map_err(|error| Failure::new(Kind::NoAnswer, causes(&error)))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Kind::Unavailable, error))?;
    let _progress = Progress::waiting_for(&host);
    runtime.block_on(client.login()).map_err(|error| refused(&error))?;
    Ok(host)
}

fn refused(error: &FetchError) -> Failure {
    let kind = if error.is_refusal() { Kind::Refused } else { Kind::Unavailable };
    Failure::new(kind, causes(error))
        .with_hint("nothing was written; `--no-login` writes the file without asking the server")
}

/// Writes the file for its owner alone; one that was there is kept beside it.
fn write(target: &Path, text: &str) -> io::Result<()> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".clearml.conf-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    if target.exists() {
        let mut old = target.as_os_str().to_owned();
        old.push(".old");
        fs::rename(target, old)?;
    }
    file.persist(target).map_err(|error| error.error)?;
    Ok(())
}
