//! What a command prints, with masks in the place of secrets.

use std::{
    fs::File,
    io::{self, ErrorKind, Read, Write},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    time::{Duration, Instant},
};

use resolver::{MaskingStream, Redactor};

/// Bytes taken at once: what a pipe holds.
const PIECE_BYTES: usize = 64 << 10;
/// How long the beginning of a line is held back: long enough for a program to finish what it is
/// writing, short enough that a prompt is there when somebody looks.
const HELD_BACK: Duration = Duration::from_millis(50);

/// One stream from the command to where ours goes.
pub(super) struct Masked {
    from: File,
    to: Outlet,
    stream: MaskingStream,
    flush_at: Option<Instant>,
    is_open: bool,
}

/// Where a stream goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outlet {
    Output,
    Errors,
}

impl Masked {
    pub(super) fn new(from: OwnedFd, to: Outlet, redactor: &Redactor) -> Self {
        let stream = redactor.stream();
        Self { from: from.into(), to, stream, flush_at: None, is_open: true }
    }

    /// Returns what becomes readable with output; `None` when there will be none any more.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.is_open.then(|| self.from.as_fd())
    }

    /// Returns when what is held back has to be shown.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.flush_at
    }

    /// Takes what is there and shows what can be shown of it. Returns whether anything was there.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let mut piece = vec![0; PIECE_BYTES];
        let mut shown = Vec::new();
        let taken = match self.from.read(&mut piece) {
            Ok(count @ 1..) => {
                self.stream.push(piece.get(..count).unwrap_or_default(), &mut shown);
                true
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => true,
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            // The other end of a terminal ends by an error.
            Ok(_) | Err(_) => {
                self.is_open = false;
                self.stream.finish(&mut shown);
                false
            }
        };
        self.show(&shown);
        self.flush_at = self.stream.is_holding().then(|| now + HELD_BACK);
        taken
    }

    /// Shows what was held back for long enough.
    pub(super) fn flush_if_due(&mut self, now: Instant) {
        if self.flush_at.is_some_and(|due| due <= now) {
            let mut shown = Vec::new();
            self.stream.flush(&mut shown);
            self.show(&shown);
            self.flush_at = None;
        }
    }

    /// Shows the rest: nothing follows any more.
    pub(super) fn finish(&mut self) {
        let mut shown = Vec::new();
        self.stream.finish(&mut shown);
        self.show(&shown);
    }

    /// A reader that has closed its end closes the command's: it gets SIGPIPE, as without us.
    fn show(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let written = match self.to {
            Outlet::Output => write(io::stdout().lock(), bytes),
            Outlet::Errors => write(io::stderr().lock(), bytes),
        };
        self.is_open &= written.is_ok();
    }
}

fn write(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}
