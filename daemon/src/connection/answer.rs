//! Answers of HTTP servers, whole and within limits.

use std::{io::Read, time::Duration};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use http::{HeaderMap, StatusCode, header, response::Parts};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

/// An answer, whole.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Why the rest of an answer did not come.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// The connection broke.
    Broken(hyper::Error),
    /// There is more than is taken.
    TooLarge,
    /// Nothing more came.
    TimedOut,
    /// It says gzip and is none.
    NoGzip,
}

impl Answer {
    /// Reads the rest of an answer: at most `limit` bytes, also after decompression, and each
    /// piece within `wait`.
    pub(crate) async fn read(
        head: Parts,
        mut body: Incoming,
        limit: usize,
        wait: Duration,
    ) -> Result<Self, BodyError> {
        let mut bytes = Vec::new();
        while let Some(frame) =
            timeout(wait, body.frame()).await.map_err(|_| BodyError::TimedOut)?
        {
            if let Ok(piece) = frame.map_err(BodyError::Broken)?.into_data() {
                if bytes.len() + piece.len() > limit {
                    return Err(BodyError::TooLarge);
                }
                bytes.extend_from_slice(&piece);
            }
        }
        if head.headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding == "gzip") {
            bytes = gunzip(&bytes, limit)?;
        }
        Ok(Self { status: head.status, headers: head.headers, body: bytes.into() })
    }

    /// Reads the body as JSON of a known shape. `None` if it is something else: proxies and error
    /// pages are.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns how long the server asks us to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }
}

/// Reads `Retry-After`: seconds, or a moment by the server's own clock, which its `Date` tells.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let moment = |name| httpdate::parse_http_date(text(name)?).ok();
    match text(header::RETRY_AFTER)?.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => moment(header::RETRY_AFTER)?.duration_since(moment(header::DATE)?).ok(),
    }
}

fn gunzip(bytes: &[u8], limit: usize) -> Result<Vec<u8>, BodyError> {
    let take = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut plain = Vec::new();
    MultiGzDecoder::new(bytes).take(take).read_to_end(&mut plain).map_err(|_| BodyError::NoGzip)?;
    if plain.len() > limit { Err(BodyError::TooLarge) } else { Ok(plain) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_as_long_as_the_server_says_by_its_own_clock() {
        let (noon, later) = ("Tue, 01 Jan 1980 12:00:00 GMT", "Tue, 01 Jan 1980 12:00:30 GMT");
        for (said, date, seconds) in [
            ("7", None, Some(7)),
            (later, Some(noon), Some(30)),
            (noon, Some(later), None),
            (later, None, None),
            ("-1", Some(noon), None),
            ("soon", Some(noon), None),
        ] {
            let mut headers = HeaderMap::from_iter([(header::RETRY_AFTER, said.parse().unwrap())]);
            headers.extend(date.map(|date| (header::DATE, date.parse().unwrap())));
            assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs), "{said}");
        }
    }
}
