//! One watch: etcd says that something happened below the prefix.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use memchr::memchr;

use super::gateway::{WatchLine, WatchResult};
use crate::connection::Connection;

/// A watch that is open; closed when it is dropped.
pub(crate) struct Watch {
    _connection: Connection,
    body: Incoming,
    /// What came of the next line.
    line: Vec<u8>,
    limit: usize,
    /// The revision of the last reading; what happened until then is known.
    known: i64,
}

/// Why a watch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatchEnd {
    /// The connection is gone, or etcd ended it.
    Lost,
    /// What happened has been thrown away; a reading tells what came of it.
    Compacted,
}

impl Watch {
    pub(super) fn new(connection: Connection, body: Incoming, known: i64, limit: usize) -> Self {
        Self { _connection: connection, body, line: Vec::new(), limit, known }
    }

    /// Notes that everything until a revision is known.
    pub(crate) fn know(&mut self, revision: i64) {
        self.known = self.known.max(revision);
    }

    /// Waits until something happens that is not known yet.
    ///
    /// Nothing is lost if this is dropped before it is done.
    pub(crate) async fn next(&mut self) -> Result<(), WatchEnd> {
        loop {
            while let Some(line) = self.take_line() {
                let line: Option<WatchLine> = serde_json::from_slice(&line).ok();
                let result = line.and_then(|line| line.result).ok_or(WatchEnd::Lost)?;
                if is_news(&result, self.known)? {
                    return Ok(());
                }
            }
            let frame = self.body.frame().await.ok_or(WatchEnd::Lost)?;
            let piece = frame.map_err(|_| WatchEnd::Lost)?.into_data().unwrap_or_default();
            self.add(&piece)?;
        }
    }

    fn add(&mut self, piece: &Bytes) -> Result<(), WatchEnd> {
        if self.line.len() + piece.len() > self.limit {
            return Err(WatchEnd::Lost);
        }
        self.line.extend_from_slice(piece);
        Ok(())
    }

    fn take_line(&mut self) -> Option<Vec<u8>> {
        let end = memchr(b'\n', &self.line)?;
        let rest = self.line.split_off(end + 1);
        Some(std::mem::replace(&mut self.line, rest))
    }
}

/// Whether a line of the watch tells something that is not known yet.
fn is_news(result: &WatchResult, known: i64) -> Result<bool, WatchEnd> {
    if result.compact_revision.is_some() {
        return Err(WatchEnd::Compacted);
    }
    if result.canceled {
        return Err(WatchEnd::Lost);
    }
    Ok(!result.events.is_empty() && result.header.revision() > known)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_happened_after_the_last_reading_is_news() {
        // As etcd 3.4.23 spells them.
        for (line, expected) in [
            (json!({"header": {"revision": "7"}, "created": true}), Ok(false)),
            (json!({"header": {"revision": "7"}, "events": [{"kv": {}}]}), Ok(false)),
            (json!({"header": {"revision": "8"}, "events": [{"kv": {}}]}), Ok(true)),
            (json!({"header": {"revision": "9"}}), Ok(false)),
            (
                json!({"header": {}, "canceled": true, "compact_revision": "9"}),
                Err(WatchEnd::Compacted),
            ),
            (
                json!({"header": {}, "canceled": true, "cancel_reason": "permission denied"}),
                Err(WatchEnd::Lost),
            ),
        ] {
            let result: WatchResult = serde_json::from_value(line.clone()).unwrap();
            assert_eq!(is_news(&result, 7), expected, "{line}");
        }
    }
}
