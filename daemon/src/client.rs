//! The other end of the socket: one question, one answer, by the standard library alone.
//!
//! # Why
//! `clearml-resolver get` is run thousands of times by scripts and must cost little more than
//! `cat`. Starting an async runtime would cost more than the whole exchange, so the command line
//! asks by plain blocking calls, and each of them has what is left of one budget of time.

use std::{
    io::{self, Read, Write},
    os::{fd::AsRawFd, unix::net::UnixStream},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use nix::sys::{
    socket::{self, AddressFamily, SockFlag, SockType, UnixAddr, sockopt},
    time::TimeVal,
};

use crate::protocol::Problem;

/// Bytes of a reply's head; ours have about 400.
const MAX_HEAD_BYTES: usize = 16 << 10;
/// Bytes of a reply's body: the largest tree that the default limits allow, with every byte of it
/// escaped fourfold.
const MAX_BODY_BYTES: usize = 256 << 20;
/// Bytes asked for at once; a usual configuration comes in one piece.
const PIECE_BYTES: usize = 64 << 10;
/// The shortest time-out that the kernel takes for one; zero would mean for ever.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// What the daemon replied.
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    head: String,
}

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens there.
    #[error("no daemon answers on `{socket}`")]
    NoDaemon {
        /// Where we asked.
        socket: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The socket's permissions keep us out.
    #[error("no permission to use the socket `{socket}`")]
    Refused {
        /// Where we asked.
        socket: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The daemon took longer than the budget.
    #[error("the daemon on `{socket}` did not answer within {budget:?}")]
    TimedOut {
        /// Where we asked.
        socket: PathBuf,
        /// How long we waited in all.
        budget: Duration,
    },
    /// What came is no reply of a daemon.
    #[error("what answers on `{socket}` is no daemon: {what}")]
    Garbage {
        /// Where we asked.
        socket: PathBuf,
        /// What was wrong with the answer.
        what: &'static str,
    },
}

/// Asks for a target, such as the text of a [`ConfigQuery`](crate::protocol::ConfigQuery), and
/// returns the reply, whatever its status.
///
/// # Errors
/// Nobody listens, we may not ask, the budget is used up, or the reply is none.
pub fn ask(socket: &Path, target: &str, budget: Duration) -> Result<Reply, AskError> {
    let deadline = Instant::now() + budget;
    exchange(socket, target, deadline).map_err(|failure| match failure {
        Failure::Garbage(what) => AskError::Garbage { socket: socket.to_owned(), what },
        Failure::System(source) => system_error(socket, budget, source),
    })
}

impl Reply {
    /// Returns the value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (there, value) = line.split_once(':')?;
            there.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Returns what went wrong, if the reply says it.
    pub fn problem(&self) -> Option<Problem> {
        serde_json::from_slice(&self.body).ok().filter(|_| self.status >= 400)
    }
}

/// Shows no body, which may hold secrets.
impl std::fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Reply")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

enum Failure {
    Garbage(&'static str),
    System(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

pub(crate) fn system_error(socket: &Path, budget: Duration, source: io::Error) -> AskError {
    let socket = socket.to_owned();
    match source.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            AskError::TimedOut { socket, budget }
        }
        io::ErrorKind::PermissionDenied => AskError::Refused { socket, source },
        io::ErrorKind::UnexpectedEof => {
            AskError::Garbage { socket, what: "the answer ends before its time" }
        }
        _ => AskError::NoDaemon { socket, source },
    }
}

fn exchange(socket: &Path, target: &str, deadline: Instant) -> Result<Reply, Failure> {
    let mut stream = connect(socket, deadline)?;
    let question = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.set_write_timeout(Some(time_left(deadline)?))?;
    match stream.write_all(question.as_bytes()) {
        // Whoever refuses us may have said so and gone before we asked.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    read_reply(&mut stream, deadline)
}

/// Connects, and waits no longer than the deadline for a place in the listener's queue.
///
/// Linux takes the time-out of a connection to a Unix socket from its send time-out; the standard
/// library has no way to set that before connecting.
pub(crate) fn connect(socket: &Path, deadline: Instant) -> io::Result<UnixStream> {
    let address = UnixAddr::new(socket).map_err(io::Error::from)?;
    let descriptor =
        socket::socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)
            .map_err(io::Error::from)?;
    let wait = time_value(time_left(deadline)?);
    socket::setsockopt(&descriptor, sockopt::SendTimeout, &wait).map_err(io::Error::from)?;
    socket::connect(descriptor.as_raw_fd(), &address).map_err(io::Error::from)?;
    Ok(descriptor.into())
}

fn time_value(wait: Duration) -> TimeVal {
    let seconds = wait.as_secs().try_into().unwrap_or(i64::MAX);
    TimeVal::new(seconds, wait.subsec_micros().into())
}

fn time_left(deadline: Instant) -> io::Result<Duration> {
    match deadline.checked_duration_since(Instant::now()) {
        Some(left) if left > SHORTEST_WAIT => Ok(left),
        _ => Err(io::ErrorKind::TimedOut.into()),
    }
}

fn read_reply(stream: &mut UnixStream, deadline: Instant) -> Result<Reply, Failure> {
    let mut bytes = Vec::with_capacity(PIECE_BYTES);
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if bytes.len() > MAX_HEAD_BYTES {
            return Err(Failure::Garbage("its head is too long"));
        }
        if read_piece(stream, &mut bytes, deadline)? == 0 {
            return Err(Failure::Garbage("its head ends before its time"));
        }
    };
    let body = bytes.split_off(head_end + 4);
    let head = String::from_utf8(bytes).map_err(|_| Failure::Garbage("its head is no text"))?;
    let mut reply = Reply { status: status(&head)?, body, head };
    read_body(stream, &mut reply, deadline)?;
    Ok(reply)
}

fn status(head: &str) -> Result<u16, Failure> {
    head.strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(2..5)?.parse().ok())
        .ok_or(Failure::Garbage("it does not speak HTTP"))
}

/// Reads as many bytes as the head announces, or all there are if it does not.
fn read_body(stream: &mut UnixStream, reply: &mut Reply, deadline: Instant) -> Result<(), Failure> {
    if reply.header("transfer-encoding").is_some() {
        return Err(Failure::Garbage("it streams where a whole answer was asked for"));
    }
    let announced = match reply.header("content-length") {
        Some(text) => {
            Some(text.parse::<usize>().map_err(|_| Failure::Garbage("its length is no number"))?)
        }
        None => None,
    };
    let limit = announced.unwrap_or(MAX_BODY_BYTES);
    if limit > MAX_BODY_BYTES {
        return Err(Failure::Garbage("its body is too long"));
    }
    while reply.body.len() < limit {
        if read_piece(stream, &mut reply.body, deadline)? == 0 {
            return match announced {
                Some(_) => Err(Failure::Garbage("its body ends before its time")),
                None => Ok(()),
            };
        }
    }
    reply.body.truncate(limit);
    Ok(())
}

fn read_piece(
    stream: &mut UnixStream,
    bytes: &mut Vec<u8>,
    deadline: Instant,
) -> Result<usize, Failure> {
    stream.set_read_timeout(Some(time_left(deadline)?))?;
    let before = bytes.len();
    bytes.resize(before + PIECE_BYTES, 0);
    let read = loop {
        match stream.read(bytes.get_mut(before..).unwrap_or_default()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other,
        }
    };
    bytes.truncate(before + *read.as_ref().unwrap_or(&0));
    Ok(read?)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::net::UnixListener, thread};

    use super::*;

    const BUDGET: Duration = Duration::from_secs(10);

    /// Asks a listener that replies with these bytes and closes.
    fn ask_one_that_says(bytes: &[u8]) -> Result<Reply, AskError> {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let listener = UnixListener::bind(&socket).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut question = [0; 4096];
                let read = stream.read(&mut question).unwrap();
                assert!(question[..read].starts_with(b"GET /livez HTTP/1.1\r\n"));
                // The client may have had enough before the end.
                let _ = stream.write_all(bytes);
            });
            ask(&socket, "/livez", BUDGET)
        })
    }

    #[test]
    fn reads_a_reply_by_its_length_or_to_its_end() {
        let long = "x".repeat(3 * PIECE_BYTES);
        for (head, body) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: \"a\"\r\n\r\n", "ok"),
            ("HTTP/1.1 404 Not Found\r\netag: \"a\"\r\n\r\n", "whatever comes"),
            ("HTTP/1.1 200 OK\r\netag:\"a\"\r\n\r\n", long.as_str()),
        ] {
            let reply = ask_one_that_says(format!("{head}{body}").as_bytes()).unwrap();
            assert_eq!(reply.status.to_string(), head[9..12]);
            assert_eq!(reply.body, body.as_bytes());
            assert_eq!(reply.header("etag"), Some("\"a\""));
            assert_eq!(reply.header("age"), None);
        }
    }

    #[test]
    fn says_what_is_wrong_with_a_reply() {
        let endless = vec![b'a'; 2 * MAX_HEAD_BYTES];
        for (bytes, expected) in [
            (&b"SSH-2.0-OpenSSH\r\n\r\n"[..], "it does not speak HTTP"),
            (b"HTTP/1.1 2", "its head ends before its time"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab", "its body ends before its time"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: -9\r\n\r\nab", "its length is no number"),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 999999999999\r\n\r\n", "its body is too long"),
            (
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                "it streams where a whole answer was asked for",
            ),
            (&endless, "its head is too long"),
        ] {
            match ask_one_that_says(bytes) {
                Err(AskError::Garbage { what, .. }) => assert_eq!(what, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
    }

    #[test]
    fn tells_nobody_there_from_no_answer_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let nobody = ask(&socket, "/livez", BUDGET);
        assert!(matches!(nobody, Err(AskError::NoDaemon { .. })), "{nobody:?}");
        let listener = UnixListener::bind(&socket).unwrap();
        let silent = ask(&socket, "/livez", Duration::from_millis(30));
        assert!(matches!(silent, Err(AskError::TimedOut { .. })), "{silent:?}");
        drop(listener);
        let dead = ask(&socket, "/livez", BUDGET);
        assert!(matches!(dead, Err(AskError::NoDaemon { .. })), "{dead:?}");
    }

    #[test]
    fn a_full_queue_ends_with_the_budget() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let descriptor =
            socket::socket(AddressFamily::Unix, SockType::Stream, SockFlag::empty(), None).unwrap();
        socket::bind(descriptor.as_raw_fd(), &UnixAddr::new(&socket).unwrap()).unwrap();
        socket::listen(&descriptor, socket::Backlog::new(1).unwrap()).unwrap();
        let mut waiting = Vec::new();
        let outcome = loop {
            match connect(&socket, Instant::now() + Duration::from_millis(30)) {
                Ok(stream) if waiting.len() < 10 => waiting.push(stream),
                other => break other,
            }
        };
        let Err(error) = outcome else { panic!("the queue has no end") };
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn reads_problems_of_errors_only() {
        let problem = br#"{"title":"Not Found","status":404,"detail":"nothing is set at `a`"}"#;
        let reply = |status| Reply { status, body: problem.to_vec(), head: String::new() };
        assert_eq!(reply(404).problem().unwrap().detail, "nothing is set at `a`");
        assert_eq!(reply(200).problem(), None);
    }
}
