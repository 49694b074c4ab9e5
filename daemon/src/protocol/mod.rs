//! What is said on the socket: the only serialized types between the daemon and who asks.
//!
//! A field that is here is a promise: it is added to, never taken away, within `/v1`.

mod difference;
mod explanation;
mod format;
mod query;
mod status;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use self::{
    difference::{ChangeName, ChangeStatus, Difference},
    explanation::{AssignmentFate, AssignmentStatus, Explanation, VaultName},
    format::BodyFormat,
    query::{ConfigQuery, ConfigView, DiffQuery, QueryError, Secrets, parse_ready_query},
    status::{
        FileStatus, KeptStatus, ProfileStatus, QuarantineStatus, State, Status, UserNamesStatus,
        VaultStatus,
    },
};

/// The merged configuration.
pub const CONFIG: &str = "/v1/config";
/// An event whenever a part of it changes; see [`ChangeEvent`].
pub const WATCH: &str = "/v1/watch";
/// Who sets a part of it, and whom that hides; the answer is an [`Explanation`].
pub const EXPLAIN: &str = "/v1/explain";
/// What the vaults change, or what has changed; the answer is a [`Difference`].
pub const DIFF: &str = "/v1/diff";
/// What [`DiffQuery::against`] says of the files alone.
pub const FILE: &str = "file";
/// How each profile fares; the answer is a [`Status`].
pub const STATUS: &str = "/v1/status";
/// Whether the process serves at all.
pub const LIVE: &str = "/livez";
/// Whether every profile has an answer, young enough if `max_stale` is given.
pub const READY: &str = "/readyz";
/// What a monitor wants to know, as `OpenMetrics` text.
pub const METRICS: &str = "/metrics";
/// The description of all this, as `OpenAPI` 3.1.
pub const OPENAPI: &str = "/openapi.json";
/// All that can be asked for.
pub const ROUTES: [&str; 9] = [CONFIG, WATCH, EXPLAIN, DIFF, STATUS, LIVE, READY, METRICS, OPENAPI];

/// Masks secrets (`POST`): in the list of arguments that `application/json` holds, else in a text.
pub const REDACT: &str = "/v1/redact";

/// Order of an administrator (`POST`): read and ask everything again.
pub const RELOAD: &str = "/v1/reload";
/// Order of an administrator (`POST`): believe that the server has no vaults any more.
pub const ACK_EMPTY: &str = "/v1/ack-empty";
/// Orders of an administrator: `POST` with `/` and a digest behind it, to serve that one of the
/// last answers whatever comes; `DELETE`, to serve the newest again.
pub const PIN: &str = "/v1/pin";

/// The response header that says the [`State`] of the profile.
pub const STATE_HEADER: &str = "resolver-state";
/// The media type of a [`Problem`] (RFC 9457).
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// An error answer (RFC 9457), of type `about:blank`: the status code is the class of the problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Problem {
    /// A short name of the status code.
    pub title: Cow<'static, str>,
    /// The status code.
    pub status: u16,
    /// What could not be done, and why.
    pub detail: String,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The data of one event of `GET /v1/watch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChangeEvent {
    /// Counts the answers since the daemon's start; 0 if there is none.
    pub revision: u64,
    /// The digest of the part that is watched, which its entity tag shows in quotes; `None` if
    /// there is nothing at the path.
    pub digest: Option<String>,
    /// How the vaults fare.
    pub state: State,
}
