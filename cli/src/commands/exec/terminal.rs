//! A terminal of the command's own, between it and ours, so that its output can be masked and it
//! still sees a terminal: colours, progress bars, prompts, window size.

use std::{
    fs::File,
    io::{self, IsTerminal, Read, Write},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    process::Stdio,
};

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr, tcsetwinsize},
};

/// Bytes taken at once from the keyboard.
const PIECE_BYTES: usize = 4 << 10;

/// A terminal of the command's own. Dropping it gives ours back as it was.
pub(super) struct Terminal {
    ours: OwnedFd,
    /// Our end once more, to write to.
    keys: File,
    commands: OwnedFd,
    before: Termios,
    has_keyboard: bool,
}

/// Whether the command would see a terminal.
pub(super) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

impl Terminal {
    /// Makes a terminal like ours, and lets ours hand on each key as it is.
    ///
    /// # Errors
    /// The system gives none.
    pub(super) fn new() -> io::Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let commands = open(ptsname(&ours, Vec::new())?, flags, Mode::empty())?;
        let before = tcgetattr(io::stdin())?;
        tcsetattr(&commands, OptionalActions::Now, &before)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        let keys = File::from(ours.try_clone()?);
        let terminal = Self { ours, keys, commands, before, has_keyboard: true };
        terminal.resize();
        Ok(terminal)
    }

    /// Returns the command's end, three times.
    ///
    /// # Errors
    /// The system is out of descriptors.
    pub(super) fn ends(&self) -> io::Result<[Stdio; 3]> {
        let end = || self.commands.try_clone().map(Stdio::from);
        Ok([end()?, end()?, end()?])
    }

    /// Returns our end, to read from.
    ///
    /// # Errors
    /// The system is out of descriptors.
    pub(super) fn output(&self) -> io::Result<OwnedFd> {
        self.ours.try_clone()
    }

    /// Returns what becomes readable with a key; `None` when there will be none any more.
    pub(super) fn keyboard(&self) -> Option<BorrowedFd<'_>> {
        self.has_keyboard.then(rustix::stdio::stdin)
    }

    /// Hands on what was typed.
    pub(super) fn type_on(&mut self) {
        let mut piece = [0; PIECE_BYTES];
        match io::stdin().lock().read(&mut piece) {
            Ok(count @ 1..) => {
                let _gone = self.keys.write_all(piece.get(..count).unwrap_or_default());
            }
            _ => self.has_keyboard = false,
        }
    }

    /// Gives the command's terminal the size of ours.
    pub(super) fn resize(&self) {
        if let Ok(size) = tcgetwinsize(io::stdout()) {
            let _stays = tcsetwinsize(self.ours.as_fd(), size);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _terminal_is_gone = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
