//! The sockets that we serve on: passed by systemd, or made by us.

use std::{
    io,
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
};

use super::RunError;
use crate::{
    ambient::Ambient,
    serve::{SocketAccess, SocketError, SocketFile},
    settings::Settings,
    systemd::{PassedSockets, Purpose},
};

/// All sockets, open, before there is a runtime to listen with.
pub(super) struct Openings {
    readers: Opening,
    administrators: Option<Opening>,
    credentials: Option<Opening>,
}

/// All sockets, listened on.
pub(super) struct Listeners {
    pub(super) readers: tokio::net::UnixListener,
    pub(super) administrators: Option<tokio::net::UnixListener>,
    pub(super) credentials: Option<tokio::net::UnixListener>,
}

struct Opening {
    path: PathBuf,
    listener: UnixListener,
    /// What takes its file away, if we made it.
    file: Option<SocketFile>,
}

impl Openings {
    /// Takes those that systemd passed, and makes those that settings name besides.
    ///
    /// # Errors
    /// What systemd passed is not for us, another daemon lives where we should, or the system says
    /// no.
    pub(super) fn new(settings: &Settings, ambient: &Ambient) -> Result<Self, RunError> {
        let mut passed = PassedSockets::take(ambient)?;
        let readers = match passed.remove(Purpose::Read) {
            Some(listener) => Opening::of_systemd(listener),
            None => Opening::make(&settings.socket, SocketAccess::Open)?,
        };
        let mut private = |purpose, path: Option<&Path>| match (passed.remove(purpose), path) {
            (Some(listener), _) => Ok(Some(Opening::of_systemd(listener))),
            (None, Some(path)) => Opening::make(path, SocketAccess::Private).map(Some),
            (None, None) => Ok(None),
        };
        Ok(Self {
            readers,
            administrators: private(Purpose::Admin, settings.admin_socket.as_deref())?,
            credentials: private(Purpose::Credential, settings.credential_socket.as_deref())?,
        })
    }

    /// Returns where readers ask; empty if the socket has no name.
    pub(super) fn readers_path(&self) -> &Path {
        &self.readers.path
    }

    /// Hands them to the runtime; returns with them what takes the files away that we made.
    ///
    /// # Errors
    /// The system says no.
    pub(super) fn listen(self) -> io::Result<(Listeners, Vec<SocketFile>)> {
        let mut files = Vec::new();
        let mut listen = |opening: Opening| {
            files.extend(opening.file);
            opening.listener.set_nonblocking(true)?;
            tokio::net::UnixListener::from_std(opening.listener)
        };
        let listeners = Listeners {
            readers: listen(self.readers)?,
            administrators: self.administrators.map(&mut listen).transpose()?,
            credentials: self.credentials.map(&mut listen).transpose()?,
        };
        Ok((listeners, files))
    }
}

impl Opening {
    /// Takes a socket that systemd opened: its unit says where it is and who may connect.
    fn of_systemd(listener: UnixListener) -> Self {
        let address = listener.local_addr().ok();
        let path = address.as_ref().and_then(|address| address.as_pathname());
        let path = path.unwrap_or(Path::new("")).to_owned();
        Self { path, listener, file: None }
    }

    fn make(path: &Path, access: SocketAccess) -> Result<Self, SocketError> {
        let (listener, file) = SocketFile::bind(path, access)?;
        Ok(Self { path: path.to_owned(), listener, file: Some(file) })
    }
}
