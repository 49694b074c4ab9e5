//! Telling systemd how we are: ready, reloading, alive, stopping, and a line of status.

use std::{
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
};

use nix::time::{ClockId, clock_gettime};
use tracing::debug;

use crate::ambient::Ambient;

/// The other end of `NOTIFY_SOCKET`; without one, everything said is lost, as it should be.
///
/// # Why
/// The protocol (`sd_notify(3)`) is one datagram of `NAME=value` lines. The crates for it read the
/// environment on their own, which only [`Ambient`] does here, and save some twenty lines.
#[derive(Clone, Debug)]
pub(crate) struct Notifier {
    address: Option<SocketAddr>,
}

impl Notifier {
    /// Returns the notifier of this process.
    pub(crate) fn new(ambient: &Ambient) -> Self {
        let address = ambient.variable("NOTIFY_SOCKET").map(socket_address);
        let address = address.transpose().unwrap_or_else(|error| {
            debug!(%error, "NOTIFY_SOCKET names no socket");
            None
        });
        Self { address }
    }

    /// Says that we serve.
    pub(crate) fn ready(&self) {
        self.say("READY=1");
    }

    /// Says that everything is being read again; [`Self::ready`] ends that.
    ///
    /// The moment tells systemd which order to reload this obeys (`Type=notify-reload`).
    pub(crate) fn reloading(&self) {
        let now = clock_gettime(ClockId::CLOCK_MONOTONIC).map(std::time::Duration::from);
        let microseconds = now.unwrap_or_default().as_micros();
        self.say(&format!("RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    /// Says that we live, for the watchdog.
    pub(crate) fn alive(&self) {
        self.say("WATCHDOG=1");
    }

    /// Says that we end.
    pub(crate) fn stopping(&self) {
        self.say("STOPPING=1");
    }

    /// Says how we are, in one line for `systemctl status`.
    pub(crate) fn status(&self, line: &str) {
        self.say(&format!("STATUS={}", line.replace('\n', " ")));
    }

    fn say(&self, message: &str) {
        let Some(address) = &self.address else { return };
        let sent = UnixDatagram::unbound().and_then(|socket| {
            socket.set_nonblocking(true)?;
            socket.send_to_addr(message.as_bytes(), address)
        });
        if let Err(error) = sent {
            debug!(%error, "systemd cannot be told");
        }
    }
}

/// Reads an address as systemd writes it: a path, or an abstract name after an `@`.
fn socket_address(text: &str) -> io::Result<SocketAddr> {
    match text.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(text),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use super::*;

    fn ambient(notify_socket: Option<&str>) -> Ambient {
        let variable = notify_socket.map(|text| ("NOTIFY_SOCKET".to_owned(), text.to_owned()));
        Ambient {
            environment: BTreeMap::from_iter(variable),
            home: None,
            user_id: 0,
            group_id: 0,
            host_name: "node".into(),
            working_directory: "/".into(),
        }
    }

    fn heard(socket: &UnixDatagram) -> String {
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut buffer = [0; 1024];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn speaks_to_a_path_and_to_an_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify").to_str().unwrap().to_owned();
        let name = format!("@clearml-resolver-test-{}", std::process::id());
        for text in [path, name] {
            let socket = UnixDatagram::bind_addr(&socket_address(&text).unwrap()).unwrap();
            let notifier = Notifier::new(&ambient(Some(&text)));
            notifier.ready();
            assert_eq!(heard(&socket), "READY=1");
            notifier.status("two\nlines");
            assert_eq!(heard(&socket), "STATUS=two lines");
            notifier.reloading();
            let reloading = heard(&socket);
            let moment = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap();
            assert!(moment.parse::<u64>().unwrap() > 0);
        }
    }

    #[test]
    fn without_systemd_nothing_happens() {
        Notifier::new(&ambient(None)).ready();
        Notifier::new(&ambient(Some("/nowhere/notify"))).ready();
    }
}
