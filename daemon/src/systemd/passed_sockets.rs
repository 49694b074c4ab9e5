//! The sockets that systemd opened for us.

use std::{collections::BTreeMap, io, os::unix::net::UnixListener};

use listenfd::ListenFd;
use thiserror::Error;

use crate::ambient::Ambient;

/// The sockets that systemd opened for us (`sd_listen_fds(3)`), each until it is taken.
///
/// They outlive us: what connects while we restart waits there, so that no question is lost.
#[derive(Debug, Default)]
pub(crate) struct PassedSockets {
    listeners: BTreeMap<Purpose, UnixListener>,
}

/// What a socket is for, by its `FileDescriptorName=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// Questions.
    Read,
    /// Orders.
    Admin,
    /// The configuration as a credential of a unit.
    Credential,
}

/// Why the sockets that systemd opened cannot be used.
#[derive(Debug, Error)]
pub enum PassedSocketError {
    /// Its name says nothing to us.
    #[error(
        "systemd passed a socket named `{name}`; set its `FileDescriptorName=` to `read`, `admin` or `credential`"
    )]
    UnknownName {
        /// Its name.
        name: String,
    },
    /// There are two of a name.
    #[error("systemd passed two sockets named `{name}`")]
    Twice {
        /// Their name.
        name: String,
    },
    /// It is another kind of file.
    #[error(
        "what systemd passed as `{name}` is no Unix socket; it wants `ListenStream=` with a path"
    )]
    NoListener {
        /// Its name.
        name: String,
        /// What the system says.
        source: io::Error,
    },
}

impl Purpose {
    fn of_name(name: &str) -> Option<Self> {
        match name {
            "read" => Some(Self::Read),
            "admin" => Some(Self::Admin),
            "credential" => Some(Self::Credential),
            _ => None,
        }
    }
}

impl PassedSockets {
    /// Takes what systemd passed to this process; it passes nothing twice.
    ///
    /// # Errors
    /// A socket has an unknown name, a name comes twice, or it is no Unix socket.
    ///
    /// # Why
    /// Making an owned descriptor of a number is unsafe code, which `listenfd` has and we have not.
    /// It reads `LISTEN_PID` and `LISTEN_FDS` on its own; the names are read here.
    pub(crate) fn take(ambient: &Ambient) -> Result<Self, PassedSocketError> {
        let names = ambient.variable("LISTEN_FDNAMES").unwrap_or_default();
        let mut passed = ListenFd::from_env();
        let mut sockets = Self::default();
        for (index, name) in names.split(':').enumerate().take(passed.len()) {
            let listener = passed.take_unix_listener(index);
            let listener = listener.map_err(|source| PassedSocketError::NoListener {
                name: name.to_owned(),
                source,
            })?;
            if let Some(listener) = listener {
                sockets.add(name, listener)?;
            }
        }
        Ok(sockets)
    }

    fn add(&mut self, name: &str, listener: UnixListener) -> Result<(), PassedSocketError> {
        let Some(purpose) = Purpose::of_name(name) else {
            return Err(PassedSocketError::UnknownName { name: name.to_owned() });
        };
        match self.listeners.insert(purpose, listener) {
            None => Ok(()),
            Some(_) => Err(PassedSocketError::Twice { name: name.to_owned() }),
        }
    }

    /// Returns the socket for a purpose; once.
    pub(crate) fn remove(&mut self, purpose: Purpose) -> Option<UnixListener> {
        self.listeners.remove(&purpose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_known_and_comes_once() {
        let folder = tempfile::tempdir().unwrap();
        let listener = |name: &str| UnixListener::bind(folder.path().join(name)).unwrap();
        let mut sockets = PassedSockets::default();
        for name in ["read", "admin", "credential"] {
            sockets.add(name, listener(name)).unwrap();
        }
        for (name, message) in [
            ("read", "systemd passed two sockets named `read`"),
            (
                "clearml-resolver.socket",
                "systemd passed a socket named `clearml-resolver.socket`; set its \
                 `FileDescriptorName=` to `read`, `admin` or `credential`",
            ),
        ] {
            let error = sockets.add(name, listener(&format!("{name}2"))).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
        let path = sockets.remove(Purpose::Admin).unwrap().local_addr().unwrap();
        assert!(path.as_pathname().unwrap().ends_with("admin"));
        assert!(sockets.remove(Purpose::Admin).is_none());
    }

    #[test]
    fn without_systemd_there_are_none() {
        let mut sockets = PassedSockets::take(&Ambient::of_variables(&[])).unwrap();
        assert!(sockets.remove(Purpose::Read).is_none());
    }
}
