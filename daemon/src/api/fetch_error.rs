//! Why a call to the API server brought nothing.

use std::{fmt, time::Duration};

use thiserror::Error;

use super::ClientError;
use crate::connection::is_untrusted;

/// Why a call to the API server, or to etcd, brought nothing.
///
/// Never holds a key or token, and of the server's own words a short beginning only: an
/// open-source server puts driver details, hosts and ports there (API 2.34, database down).
#[derive(Debug, Error)]
pub enum FetchError {
    /// No connection, or it broke.
    #[error("cannot reach `{host}`")]
    Unreachable {
        /// The server.
        host: String,
        /// What the system says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Its certificate is none that we trust.
    #[error(
        "cannot trust the certificate of `{host}`; name its authority in `api.verify_certificate`"
    )]
    Untrusted {
        /// The server.
        host: String,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It cannot be asked as settings want it: the fault is here.
    #[error("cannot ask `{host}`")]
    Unasked {
        /// The server.
        host: String,
        /// Why not.
        source: ClientError,
    },
    /// It took too long.
    #[error("`{host}` did not answer {call} within {after:?}")]
    TimedOut {
        /// The server.
        host: String,
        /// What was asked.
        call: Call,
        /// How long we waited.
        after: Duration,
    },
    /// It is in trouble, or does not understand us.
    #[error("`{host}` answered {call} with {code}/{subcode}{}", Said(.message))]
    Status {
        /// The server.
        host: String,
        /// What was asked.
        call: Call,
        /// The HTTP status.
        code: u16,
        /// `meta.result_subcode`, 0 if there is none.
        subcode: u32,
        /// The beginning of `meta.result_msg`; may be empty.
        message: String,
        /// How long it asks us to wait.
        retry_after: Option<Duration>,
    },
    /// It does not know our keys, or no longer: log-in was refused.
    #[error(
        "`{host}` refuses the credentials ({code}/{subcode}); create new ones in the web \
         application under Settings, Workspace"
    )]
    Revoked {
        /// The server.
        host: String,
        /// The HTTP status.
        code: u16,
        /// `meta.result_subcode`.
        subcode: u32,
    },
    /// It does not know the user, or wants one: etcd.
    #[error(
        "`{host}` refuses the user; set `vaults.etcd.user` and `vaults.etcd.password_file` as \
         `etcdctl user get` knows them"
    )]
    UserRefused {
        /// The member that says so.
        host: String,
    },
    /// It knows us and will not answer.
    #[error("`{host}` does not allow {call} for this user ({code}/{subcode})")]
    Forbidden {
        /// The server.
        host: String,
        /// What was asked.
        call: Call,
        /// The HTTP status.
        code: u16,
        /// `meta.result_subcode`.
        subcode: u32,
    },
    /// It answered with something else than the API does: a proxy's page, half an answer.
    #[error("the answer of `{host}` to {call} makes no sense: {what}; is this the API server?")]
    Garbage {
        /// The server.
        host: String,
        /// What was asked.
        call: Call,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The answer is larger than we take.
    #[error("the answer of `{host}` to {call} is larger than {limit} bytes")]
    TooLarge {
        /// The server.
        host: String,
        /// What was asked.
        call: Call,
        /// How much we take.
        limit: usize,
    },
    /// It sent us to another server; credentials go to the one that was named.
    #[error("`{host}` redirects {call} to another server; name the right one in `api.api_server`")]
    Redirected {
        /// The server.
        host: String,
        /// What was asked.
        call: Call,
    },
    /// It has no vaults for us, and that is no failure.
    #[error("`{host}` keeps no vaults: {reason}")]
    Absent {
        /// The server.
        host: String,
        /// Why.
        reason: AbsentReason,
    },
}

/// Why a server keeps no vaults.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AbsentReason {
    /// Its token says `feature_set: "basic"`.
    #[error("its feature set is `basic` (the open-source server)")]
    BasicFeatureSet,
    /// Its API is older than 2.15.
    #[error("its API version is below 2.15")]
    OldApi,
    /// It does not know `users.get_vaults`.
    #[error("it does not know `users.get_vaults`")]
    NoEndpoint,
}

/// A call of the API, or of etcd's gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `auth.login`.
    Login,
    /// `users.get_vaults`.
    GetVaults,
    /// `users.get_preferences`.
    GetPreferences,
    /// `kv/range` of etcd.
    ReadKeys,
    /// `kv/txn` of etcd.
    ChangeKeys,
    /// `watch` of etcd.
    WatchKeys,
    /// `auth/authenticate` of etcd.
    Authenticate,
    /// `users.add_or_update_vault`.
    StoreVault,
    /// `users.delete_vaults`.
    DeleteVaults,
}

impl FetchError {
    /// Returns what a connection that failed or broke is. An untrusted certificate is told apart:
    /// waiting does not mend it.
    pub(crate) fn of_connection(
        host: String,
        source: Box<dyn std::error::Error + Send + Sync>,
    ) -> Self {
        if is_untrusted(source.as_ref()) {
            return Self::Untrusted { host, source };
        }
        Self::Unreachable { host, source }
    }

    /// Returns how long the server asks us to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether it is the server's word on us rather than an accident: the same try again, without
    /// a change on either side, ends the same.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Revoked { .. } | Self::UserRefused { .. } | Self::Forbidden { .. })
    }
}

impl Call {
    /// Returns the endpoint's name, which is also its path.
    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Self::Login => "auth.login",
            Self::GetVaults => "users.get_vaults",
            Self::GetPreferences => "users.get_preferences",
            Self::ReadKeys => "kv/range",
            Self::ChangeKeys => "kv/txn",
            Self::WatchKeys => "watch",
            Self::Authenticate => "auth/authenticate",
            Self::StoreVault => "users.add_or_update_vault",
            Self::DeleteVaults => "users.delete_vaults",
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}`", self.endpoint())
    }
}

/// Words of the server, if it said any.
struct Said<'a>(&'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.0) }
    }
}
