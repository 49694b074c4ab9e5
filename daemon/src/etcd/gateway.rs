//! What etcd's JSON gateway is asked and answers: `etcdserverpb` as JSON, bytes in base64, long
//! integers as texts.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// `RangeRequest`.
#[derive(Serialize)]
pub(super) struct Range {
    key: String,
    #[serde(rename = "range_end")]
    end: String,
    limit: u32,
}

/// `RangeResponse`.
#[derive(Deserialize)]
pub(super) struct RangeAnswer {
    pub(super) header: Header,
    #[serde(default)]
    pub(super) kvs: Vec<KeyValue>,
    /// Whether there is more than was asked for.
    #[serde(default)]
    pub(super) more: bool,
}

/// `ResponseHeader`.
#[derive(Deserialize)]
pub(super) struct Header {
    #[serde(default)]
    revision: String,
}

/// `KeyValue`.
#[derive(Deserialize)]
pub(super) struct KeyValue {
    key: String,
    #[serde(default)]
    value: String,
}

/// `TxnRequest` without conditions: all of it happens, or nothing.
#[derive(Default, Serialize)]
pub(super) struct Transaction {
    success: Vec<Operation>,
}

/// `RequestOp`.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Operation {
    RequestPut { key: String, value: String },
    RequestDeleteRange { key: String },
}

/// `TxnResponse`.
#[derive(Deserialize)]
pub(super) struct TransactionAnswer {}

/// `WatchRequest`.
#[derive(Serialize)]
pub(super) struct WatchRequest {
    create_request: WatchCreate,
}

#[derive(Serialize)]
struct WatchCreate {
    key: String,
    range_end: String,
    start_revision: i64,
}

/// One line of the answer to a `WatchRequest`.
#[derive(Deserialize)]
pub(super) struct WatchLine {
    pub(super) result: Option<WatchResult>,
}

/// `WatchResponse`.
#[derive(Deserialize)]
pub(super) struct WatchResult {
    pub(super) header: Header,
    #[serde(default)]
    pub(super) canceled: bool,
    /// The oldest revision that can still be watched, if ours cannot.
    pub(super) compact_revision: Option<String>,
    /// What happened; what it was is read anew, all at one revision.
    #[serde(default)]
    pub(super) events: Vec<serde::de::IgnoredAny>,
}

/// `AuthenticateRequest`.
#[derive(Serialize)]
pub(super) struct Authenticate<'a> {
    pub(super) name: &'a str,
    pub(super) password: &'a str,
}

/// `AuthenticateResponse`.
#[derive(Deserialize)]
pub(super) struct AuthenticateAnswer {
    pub(super) token: String,
}

/// What is answered to a call that failed.
#[derive(Deserialize)]
pub(super) struct ErrorAnswer {
    /// The gRPC status.
    pub(super) code: u32,
    #[serde(default)]
    pub(super) message: String,
}

impl Range {
    /// Asks for the keys that begin with a prefix, `limit` at most.
    pub(super) fn of_prefix(prefix: &str, limit: u32) -> Self {
        Self { key: base64(prefix.as_bytes()), end: base64(&end_of(prefix)), limit }
    }
}

impl Transaction {
    /// Adds that a key is to hold a text.
    pub(super) fn put(mut self, key: &str, text: &str) -> Self {
        let (key, value) = (base64(key.as_bytes()), base64(text.as_bytes()));
        self.success.push(Operation::RequestPut { key, value });
        self
    }

    /// Adds that a key is to go, if it is there.
    pub(super) fn delete(mut self, key: &str) -> Self {
        self.success.push(Operation::RequestDeleteRange { key: base64(key.as_bytes()) });
        self
    }
}

impl WatchRequest {
    /// Asks for what happens to the keys that begin with a prefix, from a revision on.
    pub(super) fn of_prefix(prefix: &str, start_revision: i64) -> Self {
        let (key, range_end) = (base64(prefix.as_bytes()), base64(&end_of(prefix)));
        Self { create_request: WatchCreate { key, range_end, start_revision } }
    }
}

impl Header {
    /// Returns the revision of the whole store.
    pub(super) fn revision(&self) -> i64 {
        self.revision.parse().unwrap_or_default()
    }
}

impl KeyValue {
    /// Returns key and value, if the gateway spelled them right.
    pub(super) fn bytes(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        Some((STANDARD.decode(&self.key).ok()?, STANDARD.decode(&self.value).ok()?))
    }
}

/// Returns the first key behind all that begin with a prefix, as etcd's own clients compute it.
fn end_of(prefix: &str) -> Vec<u8> {
    let mut end = prefix.as_bytes().to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return end;
        }
    }
    // No prefix: a zero byte stands for "to the end of all keys".
    vec![0]
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_before_the_next_key() {
        assert_eq!(end_of("/v/"), b"/v0");
        assert_eq!(end_of(""), [0]);
    }
}
