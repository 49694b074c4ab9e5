//! Says what is waited for, where somebody watches and it takes over a second.

use std::{
    io::{self, IsTerminal, Write},
    sync::mpsc::{self, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

/// How long people wait before they wonder.
const PATIENCE: Duration = Duration::from_secs(1);

/// A wait that is under way; what was said of it goes when it is dropped.
pub(crate) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    /// Begins to wait; says nothing where standard error is no terminal.
    pub(crate) fn waiting_for(what: &str) -> Self {
        if !io::stderr().is_terminal() {
            return Self(None);
        }
        let (sender, receiver) = mpsc::channel();
        let what = what.to_owned();
        let thread = thread::spawn(move || {
            if receiver.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                say(&format!("waiting for {what} …"));
                let _until_it_ends = receiver.recv();
                say("\r\x1b[K");
            }
        });
        Self(Some((sender, thread)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.0.take() {
            drop(sender);
            let _said_its_last = thread.join();
        }
    }
}

/// Says something without an end of line. If nobody can hear it, nothing can be done.
fn say(text: &str) {
    let mut error = io::stderr().lock();
    let _unheard = error.write_all(text.as_bytes()).and_then(|()| error.flush());
}
