//! A closed loop of questions: as many open at once as there are connections, each asked again as
//! soon as it is answered.

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::{Duration, Instant},
};

/// Longer than any answer takes; a server that says nothing must not hold us.
const PATIENCE: Duration = Duration::from_secs(20);
/// Room for one answer: the longest here has 60 KB.
const BUFFER_BYTES: usize = 256 << 10;

/// How a server is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    Http,
    /// `GET` of redis.
    Redis,
}

/// What is asked, where.
pub struct Question<'a> {
    pub socket: &'a Path,
    pub wire: Wire,
    pub bytes: Vec<u8>,
}

/// Whether a connection lasts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// One question after the other on each of so many connections.
    Kept(usize),
    /// A new connection for each question.
    New,
}

/// What came of it.
#[derive(Default)]
pub struct Measured {
    pub seconds: f64,
    /// Nanoseconds of each answer, sorted.
    pub times: Vec<u32>,
}

impl Measured {
    /// Returns the time within which this part of all answers came, in microseconds.
    pub fn quantile(&self, part: f64) -> f64 {
        let at = (self.times.len() as f64 * part) as usize;
        let nanoseconds = self.times.get(at.min(self.times.len().saturating_sub(1)));
        f64::from(nanoseconds.copied().unwrap_or_default()) / 1e3
    }

    /// Returns answers a second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.seconds
    }
}

/// Asks for as long as `duration`.
///
/// # Errors
/// A connection breaks, or an answer is none.
pub fn run(question: &Question<'_>, lasting: Lasting, duration: Duration) -> io::Result<Measured> {
    let started = Instant::now();
    let mut measured = Measured::default();
    match lasting {
        Lasting::Kept(connections) => {
            let mut open = Vec::new();
            for _ in 0..connections {
                let mut connection = Connection::open(question)?;
                connection.ask(question)?;
                open.push((connection, Instant::now()));
            }
            while started.elapsed() < duration {
                for (connection, asked) in &mut open {
                    connection.answer()?;
                    measured.times.push(nanoseconds(asked.elapsed()));
                    *asked = Instant::now();
                    connection.ask(question)?;
                }
            }
        }
        Lasting::New => {
            while started.elapsed() < duration {
                let asked = Instant::now();
                let mut connection = Connection::open(question)?;
                connection.ask(question)?;
                connection.answer()?;
                measured.times.push(nanoseconds(asked.elapsed()));
            }
        }
    }
    measured.seconds = started.elapsed().as_secs_f64();
    measured.times.sort_unstable();
    Ok(measured)
}

/// Asks once, and returns the whole answer.
pub fn ask_once(question: &Question<'_>) -> io::Result<Vec<u8>> {
    let mut connection = Connection::open(question)?;
    connection.ask(question)?;
    let length = connection.answer()?;
    connection.buffer.truncate(length);
    Ok(connection.buffer)
}

fn nanoseconds(time: Duration) -> u32 {
    time.as_nanos().try_into().unwrap_or(u32::MAX)
}

/// One connection.
pub struct Connection {
    stream: UnixStream,
    wire: Wire,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn open(question: &Question<'_>) -> io::Result<Self> {
        let stream = UnixStream::connect(question.socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, wire: question.wire, buffer: vec![0; BUFFER_BYTES] })
    }

    /// Opens one with little room of its own, to be read by [`Self::skim`].
    pub fn open_small(question: &Question<'_>) -> io::Result<Self> {
        let stream = UnixStream::connect(question.socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, wire: question.wire, buffer: Vec::new() })
    }

    /// Reads one answer of up to 64 KiB that comes in one piece, and forgets it.
    pub fn skim(&mut self) -> io::Result<()> {
        let mut answer = vec![0; 64 << 10];
        self.stream.read(&mut answer).map(drop)
    }

    pub fn ask(&mut self, question: &Question<'_>) -> io::Result<()> {
        self.stream.write_all(&question.bytes)
    }

    /// Reads one answer, and returns its length.
    pub fn answer(&mut self) -> io::Result<usize> {
        let (mut filled, mut length) = (0, None);
        loop {
            let read = self.stream.read(&mut self.buffer[filled..])?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled += read;
            length = length.or_else(|| answer_length(self.wire, &self.buffer[..filled]));
            if length.is_some_and(|length| filled >= length) {
                return Ok(filled);
            }
        }
    }
}

/// Returns how long an answer is in all, once that is known.
fn answer_length(wire: Wire, bytes: &[u8]) -> Option<usize> {
    let (head, extra) = match wire {
        Wire::Http => (bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4, 0),
        Wire::Redis => (bytes.iter().position(|byte| *byte == b'\n')? + 1, 2),
    };
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length = match wire {
        Wire::Http if text.starts_with("HTTP/1.1 304 ") => return Some(head),
        Wire::Http => text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim())
        })?,
        Wire::Redis => text.strip_prefix('$')?.trim(),
    };
    Some(head + length.parse::<usize>().ok()? + extra)
}
