//! What two answers differ in, as it is said on the socket.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::AssignmentStatus;

/// The answer of `GET /v1/diff?path=&against=&profile=`.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Difference {
    /// The path below which was compared.
    pub path: String,
    /// What the present answer was compared with: `file`, or a digest.
    pub against: String,
    /// The keys that differ, in the order of the present answer.
    pub changes: Vec<ChangeStatus>,
}

/// A key that two answers differ in.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChangeStatus {
    /// The key's path.
    pub path: String,
    /// What became of it.
    pub kind: ChangeName,
    /// What it held before, as the asker may see it; left out if it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<RawValue>>,
    /// What it holds now, as the asker may see it; left out if it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Box<RawValue>>,
    /// Who sets it now, without the value; left out if it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<AssignmentStatus>,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ChangeName {
    /// It is new.
    Added,
    /// It holds something else.
    Changed,
    /// It is gone.
    Removed,
}
