//! One connection: who asks, then question and answer until either side has had enough.

use std::{pin::pin, sync::Arc};

use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::{UnixStream, unix::UCred};
use tracing::debug;

use super::{
    config_service::ConfigService,
    drain_signal::DrainSignal,
    open_connections::Place,
    pace::{Pace, PacedStream},
    peer::Peer,
    routes::Answering,
};

/// Headers of a question; a browser sends about 15.
const MAX_HEADERS: usize = 64;
/// Bytes of a question's head.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// Answers one connection's questions; when told to stop, only the one that is open or the first.
pub(super) async fn serve_session(
    stream: UnixStream,
    credentials: UCred,
    service: Arc<ConfigService>,
    pace: Arc<Pace>,
    drain_signal: Arc<DrainSignal>,
    _place: Place,
) {
    let mut peer = Peer::of(&credentials);
    if service.rules.any(|access| peer.depends_on_groups(access)) {
        peer = match peer.with_groups(&stream, &service.readers).await {
            Ok(peer) => peer,
            Err(error) => return debug!(%error, "cannot tell who connected"),
        };
    }
    let permissions = service.rules.authorize(&peer);
    service.note_permissions(&peer, &permissions);
    let stream = TokioIo::new(PacedStream::new(stream, pace.clone()));
    let (asked, timers) = (drain_signal.clone(), service.timers.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        asked.note_question();
        Answering::new(request, &service, &permissions, &pace)
    });
    let mut builder = http1::Builder::new();
    builder.max_headers(MAX_HEADERS).max_buf_size(MAX_HEAD_BYTES);
    let mut connection = pin!(builder.serve_connection(stream, service));
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => ended,
        () = drain_signal.said() => tokio::select! {
            biased;
            ended = connection.as_mut() => ended,
            () = drain_signal.first_question(&timers) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        },
    };
    if let Err(error) = ended {
        debug!(%error, user_id = peer.user_id, "a connection broke");
    }
}
