//! The limit of our stack: hyper on one thread, which sends one body under one head, and knows
//! nothing else.

use std::{convert::Infallible, fs, io, path::Path, sync::Arc};

use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{
        CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH,
    },
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{net::UnixListener, task::JoinSet};

/// What this program is called with to be that server.
pub const COMMAND: &str = "bare-server";

/// What is sent.
struct Page {
    headers: HeaderMap,
    tag: HeaderValue,
    body: Bytes,
}

/// Serves a file's bytes under the head that another file holds, until it is killed.
pub fn run(socket: &Path, body: &Path, head: &Path) -> io::Result<()> {
    let page = Arc::new(Page::read(body, head)?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut connections = JoinSet::new();
        let listener = UnixListener::bind(socket)?;
        loop {
            let (stream, _) = listener.accept().await?;
            let page = page.clone();
            let service = service_fn(move |request| {
                let response = page.answer(&request);
                async { Ok::<_, Infallible>(response) }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            connections.spawn(connection);
            // Those that have ended make room.
            while connections.try_join_next().is_some() {}
        }
    })
}

impl Page {
    fn read(body: &Path, head: &Path) -> io::Result<Self> {
        let mut headers = HeaderMap::new();
        for line in fs::read_to_string(head)?.lines() {
            let Some((name, value)) = line.split_once(": ") else { continue };
            let name = HeaderName::try_from(name).map_err(io::Error::other)?;
            if name != CONTENT_LENGTH && name != DATE {
                headers.insert(name, HeaderValue::try_from(value).map_err(io::Error::other)?);
            }
        }
        let tag = headers.get(ETAG).cloned().unwrap_or(HeaderValue::from_static("\"none\""));
        Ok(Self { headers, tag, body: fs::read(body)?.into() })
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let is_known = request.headers().get(IF_NONE_MATCH) == Some(&self.tag);
        let bytes = if is_known { Bytes::new() } else { self.body.clone() };
        let mut response = Response::new(Full::new(bytes));
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.reserve(self.headers.len());
        for (name, value) in &self.headers {
            if !is_known || name != CONTENT_TYPE {
                headers.insert(name.clone(), value.clone());
            }
        }
        response
    }
}
