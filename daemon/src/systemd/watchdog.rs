//! Telling systemd that we live, only as long as we serve and fetch.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    net::UnixStream,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::Notifier;
use crate::{ambient::Ambient, publish::Subscriber};

/// How long a look at a source of vaults may be overdue: far longer than the longest call to a
/// server, so that one that hangs is no reason to end us.
const LONGEST_DELAY: Duration = Duration::from_secs(120);
/// What we ask ourselves.
const QUESTION: &[u8] = b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
/// Begins every answer; one that refuses is a sign of life, too.
const ANSWER: &[u8] = b"HTTP/1.1 ";

/// What is looked at before systemd hears that we live.
#[derive(Debug)]
pub(crate) struct Watchdog {
    /// How long systemd waits for the next word before it ends us.
    pub(crate) patience: Duration,
    /// Where we serve.
    pub(crate) socket: PathBuf,
    /// The profiles that we fetch for.
    pub(crate) subscribers: BTreeMap<Arc<str>, Subscriber>,
}

/// Why systemd is not told that we live.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// Our own question was not answered.
    Serving,
    /// The vaults of this profile should have been asked for long ago.
    Fetching(Arc<str>),
}

impl Watchdog {
    /// Returns how long systemd waits for a word of ours (`sd_watchdog_enabled(3)`); `None` if it
    /// does not wait, or for another process.
    pub(crate) fn patience(ambient: &Ambient) -> Option<Duration> {
        let process = ambient.variable("WATCHDOG_PID");
        if process.is_some_and(|process| process != std::process::id().to_string()) {
            return None;
        }
        let microseconds = ambient.variable("WATCHDOG_USEC")?.parse().ok()?;
        Some(Duration::from_micros(microseconds)).filter(|patience| !patience.is_zero())
    }

    async fn fault(&self) -> Option<Fault> {
        let serves = timeout(self.patience / 4, ask(&self.socket)).await;
        if !matches!(serves, Ok(Ok(()))) {
            return Some(Fault::Serving);
        }
        let now = Instant::now();
        let overdue = self.subscribers.iter().find(|(_, subscriber)| {
            subscriber.health().vaults.next.is_some_and(|next| is_overdue(next, now))
        });
        overdue.map(|(profile, _)| Fault::Fetching(profile.clone()))
    }
}

/// Tells systemd that we live, twice in its patience, while we do.
pub(crate) async fn feed_watchdog(watchdog: Watchdog, notifier: Notifier, stop: CancellationToken) {
    let mut known_fault = None;
    loop {
        let fault = watchdog.fault().await;
        if fault.is_none() {
            notifier.alive();
        } else if fault != known_fault {
            error!(?fault, "the watchdog is not told that we live");
        }
        known_fault = fault;
        let pause = sleep(watchdog.patience / 2);
        if stop.run_until_cancelled(pause).await.is_none() {
            return;
        }
    }
}

fn is_overdue(next: Instant, now: Instant) -> bool {
    now.saturating_duration_since(next) > LONGEST_DELAY
}

/// Asks whether we live, as anybody could.
///
/// A file that is gone or is somebody else's is no sign of death: we cannot mend it by ending.
async fn ask(socket: &Path) -> io::Result<()> {
    let stream = match UnixStream::connect(socket).await {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Ok(()),
        other => other?,
    };
    stream.writable().await?;
    // Whoever turns us away may have said so, and gone, before we asked.
    let _ = stream.try_write(QUESTION);
    let mut answer = [0; ANSWER.len()];
    let mut length = 0;
    while let Some(rest) = answer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        stream.readable().await?;
        match stream.try_read(rest) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    if answer == ANSWER { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncWriteExt, net::UnixListener};

    use super::*;

    #[test]
    fn systemd_says_how_long_it_waits_and_for_whom() {
        let own = std::process::id().to_string();
        for (variables, patience) in [
            (vec![], None),
            (vec![("WATCHDOG_USEC", "30000000")], Some(Duration::from_secs(30))),
            (
                vec![("WATCHDOG_USEC", "2000"), ("WATCHDOG_PID", &*own)],
                Some(Duration::from_millis(2)),
            ),
            (vec![("WATCHDOG_USEC", "2000"), ("WATCHDOG_PID", "1")], None),
            (vec![("WATCHDOG_USEC", "0")], None),
            (vec![("WATCHDOG_USEC", "soon")], None),
        ] {
            assert_eq!(Watchdog::patience(&Ambient::of_variables(&variables)), patience);
        }
    }

    #[test]
    fn a_look_at_the_source_may_be_late_but_not_for_ever() {
        let next = Instant::now();
        assert!(!is_overdue(next, next));
        assert!(!is_overdue(next + LONGEST_DELAY, next));
        assert!(!is_overdue(next, next + LONGEST_DELAY));
        assert!(is_overdue(next, next + LONGEST_DELAY + Duration::from_millis(1)));
    }

    #[tokio::test]
    async fn whoever_accepts_and_says_nothing_does_not_serve() {
        let folder = tempfile::tempdir().unwrap();
        for (name, answer, fault) in [
            ("serves", Some(&b"HTTP/1.1 200 OK\r\n\r\n"[..]), None),
            ("refuses", Some(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"), None),
            ("talks", Some(b"hello there"), Some(Fault::Serving)),
            ("hangs up", Some(b""), Some(Fault::Serving)),
            ("hangs", None, Some(Fault::Serving)),
        ] {
            let socket = folder.path().join(name);
            let listener = UnixListener::bind(&socket).unwrap();
            let answering = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                match answer {
                    Some(answer) => stream.write_all(answer).await.unwrap(),
                    None => std::future::pending().await,
                }
            };
            let patience = Duration::from_millis(400);
            let watchdog = Watchdog { patience, socket, subscribers: BTreeMap::new() };
            let looking = watchdog.fault();
            let seen = tokio::select! {
                seen = looking => seen,
                // Hung up, the answer is on its way.
                () = async { answering.await; std::future::pending().await } => None,
            };
            assert_eq!(seen, fault, "{name}");
        }
    }

    #[tokio::test]
    async fn a_socket_file_that_is_gone_is_no_sign_of_death() {
        let socket = PathBuf::from("/nowhere/resolver.sock");
        let watchdog =
            Watchdog { patience: Duration::from_secs(4), socket, subscribers: BTreeMap::new() };
        assert_eq!(watchdog.fault().await, None);
    }
}
