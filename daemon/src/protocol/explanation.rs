//! Where a value came from, as it is said on the socket.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::QuarantineStatus;

/// The answer of `GET /v1/explain?path=&profile=`.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Explanation {
    /// The path.
    pub path: String,
    /// All places that set it, highest first; there is at least one.
    pub assignments: Vec<AssignmentStatus>,
    /// Whether it is not served as it is set, because docker's arguments in it were given the form
    /// that a stock agent masks.
    #[serde(default)]
    pub rewritten: bool,
    /// The texts that are kept out, which may set it, too.
    pub quarantined: Vec<QuarantineStatus>,
}

/// One place that sets a path.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AssignmentStatus {
    /// What became of it.
    pub fate: AssignmentFate,
    /// Its layer: `defaults`, `folder`, `file`, `vault` or `monitoring`.
    pub layer: String,
    /// The file's path, or `vault` with its id and name.
    pub source: String,
    /// The vault, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault: Option<VaultName>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What it sets, as the asker may see it; left out for an earlier assignment of the same text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<RawValue>>,
    /// The variables that close what is open in the value: those of whoever asks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
}

/// What became of an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AssignmentFate {
    /// It is the value, or the last to set a key of it.
    Wins,
    /// It is an object, and keys of it are in the value beside a higher one's.
    Extends,
    /// A higher one covers it.
    Shadowed,
    /// It is a vault's value for a key that describes this machine, and the machine has its own.
    Protected,
}

/// What a vault is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VaultName {
    /// Its id.
    pub id: String,
    /// The name people know it by; may be empty.
    pub name: String,
    /// `user` or `group`.
    #[cfg_attr(test, schemars(extend("enum" = ["user", "group"])))]
    pub scope: String,
}
