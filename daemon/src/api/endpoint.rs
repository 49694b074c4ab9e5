//! Where the API server is and how it is asked: settings and environment first, then `api.*` of
//! the configuration files.

use std::time::Duration;

use resolver::Snapshot;
use secrecy::SecretString;
use thiserror::Error;

use crate::settings::{Credentials, Method, Proxies, Server, ServerUrl, Verify};

/// An API server and how it is asked, complete.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub(crate) url: ServerUrl,
    pub(crate) identity: Identity,
    pub(crate) verify: Verify,
    pub(crate) method: Method,
    pub(crate) proxies: Proxies,
    pub(crate) worker: String,
    pub(crate) token_life: Option<Duration>,
}

/// What we log in with.
#[derive(Clone, Debug)]
pub(crate) enum Identity {
    /// The two keys.
    Keys(Credentials),
    /// A token that somebody else got.
    Token(SecretString),
}

/// Why there is no server to ask.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EndpointError {
    /// Nothing names it.
    #[error("no API server is named; set `api.api_server` or CLEARML_API_HOST")]
    NoServer,
}

impl Endpoint {
    /// Completes what settings and environment say by what the configuration files say.
    ///
    /// # Errors
    /// Nothing names a server, nothing names credentials, or one of the values cannot be used.
    pub fn complete(_server: &Server, _files: &Snapshot) -> Result<Self, EndpointError> {
        Err(EndpointError::NoServer)
    }

    /// Returns the server's address.
    pub fn url(&self) -> &ServerUrl {
        &self.url
    }
}
