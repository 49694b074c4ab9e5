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

    /// Returns how long the server asks us to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
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
