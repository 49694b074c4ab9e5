//! Answers of the server: envelopes, and bodies that break on purpose.

use std::{
    collections::VecDeque,
    future::Future as _,
    io::{self, Write},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{Response, StatusCode, header};
use hyper::body::{Body, Frame, SizeHint};
use serde_json::{Value, json};
use tokio::time::{Sleep, sleep};

/// Bytes from which on an answer is compressed, as by the open-source server.
const COMPRESSED_FROM: usize = 500;

/// Bytes of each piece of a slow answer.
const SLOW_PIECE: usize = 16;

/// A body that may come in pieces, with pauses, or not wholly.
#[derive(Debug, Default)]
pub(super) struct AnswerBody {
    pieces: VecDeque<Bytes>,
    pause: Duration,
    sleeping: Option<Pin<Box<Sleep>>>,
    is_cut: bool,
}

/// What the API answers to a call.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) subcode: u32,
    pub(super) message: String,
    pub(super) data: Value,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Answer {
    /// Returns the answer of a call that went well.
    pub(super) fn ok(data: Value) -> Self {
        Self { code: 200, subcode: 0, message: "OK".into(), data, headers: Vec::new() }
    }

    /// Returns the answer of a call that did not.
    pub(super) fn error(code: u16, subcode: u32, message: impl Into<String>) -> Self {
        let data = json!({});
        Self { code, subcode, message: message.into(), data, headers: Vec::new() }
    }

    /// Puts the answer into its envelope.
    pub(super) fn respond(self, call: &str, version: &str, gzip: bool) -> Response<AnswerBody> {
        let id = format!("{:032x}", fastrand::u128(..));
        let actual_version = if self.code == 404 { Value::Null } else { json!("1.0") };
        let endpoint =
            json!({"name": call, "requested_version": version, "actual_version": actual_version});
        let envelope = json!({
            "meta": {
                "id": id,
                "trx": id,
                "endpoint": endpoint,
                "result_code": self.code,
                "result_subcode": self.subcode,
                "result_msg": self.message,
                "error_stack": null,
                "error_data": {},
            },
            "data": self.data,
        });
        let mut response = page(self.code, "application/json", envelope.to_string(), gzip);
        for (name, value) in self.headers {
            if let Ok(value) = value.try_into() {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// Returns a body of any type, compressed if the asker takes that and it is worth it.
pub(super) fn page(
    code: u16,
    content_type: &'static str,
    body: String,
    gzip: bool,
) -> Response<AnswerBody> {
    let compressed = (gzip && body.len() >= COMPRESSED_FROM).then(|| compress(&body)).flatten();
    let is_compressed = compressed.is_some();
    let mut response = Response::new(AnswerBody::whole(compressed.unwrap_or(body.into())));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::IM_A_TEAPOT);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(content_type));
    if is_compressed {
        headers.insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("gzip"));
    }
    response
}

fn compress(body: &str) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body.as_bytes()).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

impl AnswerBody {
    fn whole(bytes: Bytes) -> Self {
        Self { pieces: VecDeque::from([bytes]), ..Self::default() }
    }

    /// Returns so many blanks, which take up little room here.
    pub(super) fn flood(bytes: usize) -> Self {
        const PIECE: usize = 64 << 10;
        let piece = Bytes::from(vec![b' '; PIECE]);
        Self {
            pieces: std::iter::repeat_n(piece, bytes.div_ceil(PIECE)).collect(),
            ..Self::default()
        }
    }

    /// Lets the second half be missing.
    pub(super) fn cut(mut self) -> Self {
        if let Some(piece) = self.pieces.front_mut() {
            piece.truncate(piece.len() / 2);
        }
        self.is_cut = true;
        self
    }

    /// Lets it come in small pieces.
    pub(super) fn slowed(mut self, pause: Duration) -> Self {
        let whole: Vec<Bytes> = self.pieces.drain(..).collect();
        self.pieces = whole
            .iter()
            .flat_map(|bytes| bytes.chunks(SLOW_PIECE))
            .map(Bytes::copy_from_slice)
            .collect();
        self.pause = pause;
        self
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(sleeping) = &mut self.sleeping {
            ready!(sleeping.as_mut().poll(context));
            self.sleeping = None;
        }
        let Some(piece) = self.pieces.pop_front() else {
            let broken = self.is_cut.then(|| Err(io::ErrorKind::ConnectionReset.into()));
            return Poll::Ready(broken);
        };
        if !self.pause.is_zero() {
            self.sleeping = Some(Box::pin(sleep(self.pause)));
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && !self.is_cut
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_cut {
            return SizeHint::default();
        }
        SizeHint::with_exact(self.pieces.iter().map(|piece| piece.len() as u64).sum())
    }
}
