//! Answers of the API server: their bytes within limits, and the envelope around their data.

use std::{io::Read, time::Duration};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use http::{HeaderMap, StatusCode, header, response::Parts};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

/// Characters of the server's own words that are shown.
const SHOWN_CHARACTERS: usize = 60;

/// An answer, whole.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    body: Bytes,
}

/// Why the rest of an answer did not come.
#[derive(Debug)]
pub(super) enum BodyError {
    Broken(hyper::Error),
    TooLarge,
    TimedOut,
    NoGzip,
}

/// What the API puts around its data.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    pub(super) meta: Meta,
    #[serde(default)]
    pub(super) data: Value,
}

/// What the API says about a call.
#[derive(Debug, Deserialize)]
pub(super) struct Meta {
    #[serde(rename = "result_code")]
    pub(super) code: u16,
    #[serde(default, rename = "result_subcode")]
    pub(super) subcode: u32,
    #[serde(default, rename = "result_msg")]
    message: Option<String>,
}

impl Answer {
    /// Reads the rest of an answer: at most `limit` bytes, also after decompression, and each
    /// piece within `wait`.
    pub(super) async fn read(
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

    /// Returns the envelope, if the API's own server wrote this: proxies and error pages do not.
    pub(super) fn envelope(&self) -> Option<Envelope> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns how long the server asks us to wait, if it says so in seconds. (The other form, a
    /// date, would need the two clocks to agree.)
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(Duration::from_secs(seconds))
    }
}

impl Meta {
    /// Returns the beginning of the server's words, up to where details start: those name hosts
    /// and drivers behind the server.
    pub(super) fn message(&self) -> String {
        let message = self.message.as_deref().unwrap_or_default();
        let message = message.split(['(', '\n', '\r']).next().unwrap_or_default().trim();
        message.chars().filter(|character| !character.is_control()).take(SHOWN_CHARACTERS).collect()
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
    fn shows_the_beginning_of_the_servers_words_only() {
        for (said, shown) in [
            (
                "Internal server error (while authorizing request): err=10.0.0.1:27117",
                "Internal server error",
            ),
            ("two\nlines", "two"),
            ("", ""),
        ] {
            let meta = Meta { code: 500, subcode: 1, message: Some(said.into()) };
            assert_eq!(meta.message(), shown);
        }
        let long = Meta { code: 500, subcode: 0, message: Some("x".repeat(999)) };
        assert_eq!(long.message().len(), SHOWN_CHARACTERS);
    }
}
