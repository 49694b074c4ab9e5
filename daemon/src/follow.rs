//! The other end of `GET /v1/watch`: the daemon's events as they come, by blocking calls.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    client::{AskError, connect, system_error},
    protocol::ChangeEvent,
};

/// Bytes of one line; an event of ours has about 200.
const MAX_LINE_BYTES: u64 = 64 << 10;

/// Lines of a head; ours has about six.
const MAX_HEAD_LINES: usize = 100;

/// The events of a daemon, one after the other; they end with the daemon.
#[derive(Debug)]
pub struct Events {
    lines: BufReader<UnixStream>,
}

/// Begins to follow a target, such as [`ConfigQuery::watch_target`] spells one. `budget` is for
/// the beginning; the next event may take for ever.
///
/// # Errors
/// Nobody listens, we may not ask, or what answers sends no events.
///
/// [`ConfigQuery::watch_target`]: crate::protocol::ConfigQuery::watch_target
pub fn follow(socket: &Path, target: &str, budget: Duration) -> Result<Events, AskError> {
    let failed = |error| system_error(socket, budget, error);
    let deadline = Instant::now() + budget;
    let mut stream = connect(socket, deadline).map_err(failed)?;
    stream.set_read_timeout(Some(budget)).map_err(failed)?;
    // HTTP/1.0 has no chunks: the events come as they are, up to the end of the connection.
    let question = format!("GET {target} HTTP/1.0\r\nhost: localhost\r\n\r\n");
    stream.write_all(question.as_bytes()).map_err(failed)?;
    let mut events = Events { lines: BufReader::new(stream) };
    let status = events.line().map_err(failed)?.unwrap_or_default();
    if status.get(8..12) != Some(" 200") {
        return Err(AskError::Garbage { socket: socket.to_owned(), what: "it sends no events" });
    }
    for _ in 0..MAX_HEAD_LINES {
        if events.line().map_err(failed)?.unwrap_or_default().is_empty() {
            break;
        }
    }
    events.lines.get_ref().set_read_timeout(None).map_err(failed)?;
    Ok(events)
}

impl Events {
    /// Reads one line without its end; `None` at the end of all.
    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = self.lines.by_ref().take(MAX_LINE_BYTES).read_line(&mut line)?;
        if read > 0 && !line.ends_with('\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok((read > 0).then(|| line.trim_end().to_owned()))
    }
}

impl Iterator for Events {
    type Item = io::Result<ChangeEvent>;

    /// Waits for the next event; lines that are no data of one are passed over.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.line().transpose()? {
                Ok(line) => line,
                Err(error) => return Some(Err(error)),
            };
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).map_err(Into::into));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::net::UnixListener, thread};

    use super::*;

    fn followed(bytes: &[u8]) -> Result<Vec<u64>, AskError> {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let listener = UnixListener::bind(&socket).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut question = [0; 4096];
                let read = stream.read(&mut question).unwrap();
                assert!(question[..read].starts_with(b"GET /v1/watch HTTP/1.0\r\n"));
                // The follower may have had enough before the end.
                let _ = stream.write_all(bytes);
            });
            let events = follow(&socket, "/v1/watch", Duration::from_secs(10))?;
            Ok(events.map_while(Result::ok).map(|event| event.revision).collect())
        })
    }

    #[test]
    fn reads_events_to_the_end() {
        let events = b"HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n\
            id: a\nevent: change\ndata: {\"revision\":1,\"digest\":\"a\",\"state\":\"fresh\"}\n\n\
            : a comment\n\n\
            id: none\nevent: change\ndata: {\"revision\":2,\"digest\":null,\"state\":\"off\"}\n\n\
            id: cut";
        assert_eq!(followed(events).unwrap(), [1, 2]);
    }

    #[test]
    fn what_sends_no_events_is_said() {
        let endless = "a".repeat(2 * usize::try_from(MAX_LINE_BYTES).unwrap());
        for bytes in [&b"HTTP/1.0 404 Not Found\r\n\r\n"[..], b"SSH-2.0", endless.as_bytes()] {
            let failure = followed(bytes);
            assert!(matches!(failure, Err(AskError::Garbage { .. })), "{failure:?}");
        }
    }
}
