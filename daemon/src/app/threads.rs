//! The two threads of the daemon: one answers, the other does all that answers depend on.

use std::{
    io,
    path::PathBuf,
    sync::mpsc::{Sender, channel},
    thread,
};

use nix::sched::{CloneFlags, unshare};
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};
use tokio_util::sync::CancellationToken;

use super::{RunError, openings::Openings, serving::Services};

/// Threads for what blocks: the reading of files, the merge, and a question to the user database.
const BLOCKING_THREADS: usize = 4;

/// The thread that answers, as the other one sees it.
pub(super) struct ServingThread(Sender<(Services, oneshot::Sender<io::Result<()>>)>);

impl ServingThread {
    /// Begins to answer. Returns what waits for the end of it.
    pub(super) fn serve(&self, services: Services) -> impl Future<Output = io::Result<()>> + use<> {
        let (ended, end) = oneshot::channel();
        // If it has ended, so has what the future waits for.
        let _ = self.0.send((services, ended));
        async { end.await.unwrap_or_else(|_| Err(io::Error::other("a thread broke off"))) }
    }
}

/// Opens the sockets and answers on this thread; does the work on another, which is told the way to
/// this one and where readers ask.
///
/// # Errors
/// The sockets cannot be opened, the system refuses what we need, or the work fails.
///
/// # Why
/// A question takes a few microseconds and what takes longer runs elsewhere, so that one thread
/// answers more than a host can ask, in the least memory and without two threads waking each other.
/// Whatever waits for a time or for a server shares the other, so that neither its work nor its
/// timers are a part of an answer's time.
///
/// Each has a table of descriptors of its own. One that two threads use is counted at each system
/// call, which was measured, by a bare server beside a thread that sleeps, as 3 % of an answer; and
/// however many connect, the descriptors of those who work are not theirs. It is the other thread
/// that gets the copy, so that `/proc/PID/fd` shows who is connected.
pub(super) fn run(
    stop: &CancellationToken,
    open: impl FnOnce() -> Result<Openings, RunError>,
    work: impl FnOnce(Runtime, ServingThread, PathBuf) -> Result<(), RunError> + Send,
) -> Result<(), RunError> {
    // Both before the tables part: the runtimes share the pipe that signals come by.
    let working = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()?;
    // Without timers, which would be looked at for every answer.
    let serving =
        Builder::new_current_thread().enable_io().max_blocking_threads(BLOCKING_THREADS).build()?;
    thread::scope(|scope| {
        let (parted, is_apart) = channel();
        let (opened, is_open) = channel();
        let (services, asked_to_serve) = channel();
        let end_of_work = stop.clone().drop_guard();
        let worker = thread::Builder::new().name("work".into()).spawn_scoped(scope, move || {
            let _end_of_work = end_of_work;
            // Where it is forbidden both use one table: slower, but not wrong.
            let _ = unshare(CloneFlags::CLONE_FILES);
            // What is opened from here on is the other thread's alone.
            let _ = parted.send(());
            match is_open.recv() {
                Ok(readers_path) => work(working, ServingThread(services), readers_path),
                Err(_) => Ok(()),
            }
        })?;
        let _ = is_apart.recv();
        let openings = open()?;
        let _ = opened.send(openings.readers_path().to_owned());
        if let Ok((services, ended)) = asked_to_serve.recv() {
            let outcome = serving.block_on(services.serve(openings, stop.clone()));
            // Nobody waits any more if the end took too long.
            let _ = ended.send(outcome);
        }
        // What blocks must not keep us from ending.
        serving.shutdown_background();
        worker.join().unwrap_or(Err(RunError::PartEnded("works")))
    })
}
