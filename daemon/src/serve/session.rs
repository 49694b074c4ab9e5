//! One connection: who asks, then question and answer until either side has had enough.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{UnixStream, unix::UCred},
    sync::Notify,
    time::sleep,
};
use tracing::debug;

use super::{
    desk::Desk,
    pace::{Pace, PacedStream},
    peer::Peer,
    routes::Answering,
};

/// Headers of a question; a browser sends about 15.
const MAX_HEADERS: usize = 64;
/// Bytes of a question's head.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// How long whoever has just connected may take to ask, once we are told to stop: the question is
/// on its way, and would be lost with the connection.
const LAST_QUESTION: Duration = Duration::from_secs(1);

/// Answers one connection's questions; when told to stop, only the one that is open or the first.
pub(super) async fn serve_session(
    stream: UnixStream,
    credentials: UCred,
    desk: Arc<Desk>,
    pace: Arc<Pace>,
) {
    let peer = match Peer::of(&stream, credentials, &desk.rules.all(), &desk.readers).await {
        Ok(peer) => peer,
        Err(error) => return debug!(%error, "cannot tell who connected"),
    };
    let sights = desk.rules.authorize(&peer);
    desk.note_sights(&peer, &sights);
    let stream = TokioIo::new(PacedStream::new(stream, pace.clone()));
    let stop = desk.stop.clone();
    let asked = Arc::new(Notify::new());
    let first_question = asked.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        asked.notify_one();
        let answering = Answering::new(request, &desk, &sights, &pace);
        async { Ok::<_, Infallible>(answering.await) }
    });
    let mut builder = http1::Builder::new();
    builder.max_headers(MAX_HEADERS).max_buf_size(MAX_HEAD_BYTES);
    let mut connection = pin!(builder.serve_connection(stream, service));
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => tokio::select! {
            biased;
            ended = connection.as_mut() => ended,
            () = async {
                tokio::select! {
                    () = first_question.notified() => {}
                    () = sleep(LAST_QUESTION) => {}
                }
            } => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        },
    };
    if let Err(error) = ended {
        debug!(%error, user_id = peer.user_id, "a connection broke");
    }
}
