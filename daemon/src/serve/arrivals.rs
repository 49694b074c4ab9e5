//! Those who connect, one after the other.

use std::{
    io,
    os::{fd::AsFd, unix::net as std_net},
    task::{Context, Poll, ready},
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rustix::net::{SocketFlags, accept_with};
use tokio::{
    io::{Interest, unix::AsyncFd},
    net::{UnixListener, UnixStream},
};

/// Those who connect to one socket.
///
/// # Why
/// The runtime's own listener accepts until it is told that nobody waits. To be told so costs a
/// descriptor, a socket and a file, which the kernel makes before it looks. So we ask whether somebody
/// waits, which makes nothing: with this a connection takes a tenth less than a bare server's.
#[derive(Debug)]
pub(super) struct Arrivals(AsyncFd<std_net::UnixListener>);

impl Arrivals {
    /// Returns those who connect to a socket.
    ///
    /// # Errors
    /// The system does not let us wait for them.
    #[expect(
        deprecated,
        reason = "sound for what keeps its descriptor; what replaces it is unsafe"
    )]
    pub(super) fn of(listener: UnixListener) -> io::Result<Self> {
        AsyncFd::with_interest(listener.into_std()?, Interest::READABLE).map(Self)
    }

    /// Lets in the next one.
    ///
    /// # Errors
    /// The system is out of descriptors or memory; they go on waiting.
    pub(super) async fn next(&self) -> io::Result<UnixStream> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&self, context: &mut Context<'_>) -> Poll<io::Result<UnixStream>> {
        loop {
            let mut waiting = ready!(self.0.poll_read_ready(context))?;
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            let accepted = accept_with(waiting.get_inner(), flags).map_err(io::Error::from);
            let is_last = match &accepted {
                Ok(_) => !somebody_waits(waiting.get_inner()),
                Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            };
            if is_last {
                // Whoever came since is told of again.
                waiting.clear_ready();
            }
            match accepted {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                accepted => {
                    return Poll::Ready(
                        accepted.and_then(|stream| UnixStream::from_std(stream.into())),
                    );
                }
            }
        }
    }
}

/// Whether somebody can be let in. Whoever cannot be asked for is tried.
fn somebody_waits(listener: impl AsFd) -> bool {
    let mut listener = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    poll(&mut listener, PollTimeout::ZERO) != Ok(0)
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, time::Duration};

    use tokio::time::timeout;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn all_who_wait_are_let_in_and_so_is_who_comes_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let arrivals = Arrivals::of(UnixListener::bind(&path).unwrap()).unwrap();
        for count in [3, 1, 2] {
            let mut waiting = Vec::new();
            for _ in 0..count {
                waiting.push(UnixStream::connect(&path).await.unwrap());
            }
            for _ in 0..count {
                timeout(PATIENCE, arrivals.next()).await.unwrap().unwrap();
            }
            let mut next = pin!(arrivals.next());
            assert!(timeout(Duration::ZERO, next.as_mut()).await.is_err(), "nobody waits");
            let _late = UnixStream::connect(&path).await.unwrap();
            timeout(PATIENCE, next).await.unwrap().unwrap();
        }
    }
}
