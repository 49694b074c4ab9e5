//! Where the API server is and how it is asked: settings and environment first, then `api.*` of
//! the configuration files.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use resolver::{KeyPath, Snapshot, Value};
use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use super::token::subject;
use crate::{
    ambient::Ambient,
    settings::{Credentials, Method, Proxies, Server, ServerUrl, ServerUrlError, Verify},
};

/// An API server and how it is asked, complete. `Debug` shows no key.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    pub(crate) url: ServerUrl,
    pub(crate) identity: Identity,
    pub(crate) verify: Verify,
    pub(crate) method: Method,
    pub(crate) proxies: Proxies,
    pub(crate) worker: String,
    /// Seconds of a token's life to ask for; `None` for the server's default.
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

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Keys(one), Self::Keys(other)) => one == other,
            (Self::Token(one), Self::Token(other)) => one.expose_secret() == other.expose_secret(),
            _ => false,
        }
    }
}

/// Why there is no server to ask.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EndpointError {
    /// Nothing names it.
    #[error("no API server is named; set `api.api_server` or CLEARML_API_HOST")]
    NoServer,
    /// Nothing says who we are there.
    #[error(
        "no credentials are named; set `api.credentials`, or CLEARML_API_ACCESS_KEY and \
         CLEARML_API_SECRET_KEY"
    )]
    NoCredentials,
    /// The address makes no sense.
    #[error("`{key}` names no API server")]
    Url {
        /// The key that holds it.
        key: &'static str,
        /// What is wrong with it.
        source: ServerUrlError,
    },
    /// The method is none.
    #[error("`api.http.default_method` must be `get`, `post` or `put`")]
    Method,
}

impl Endpoint {
    /// Completes what settings and environment say by what the configuration files say.
    ///
    /// `files` are the files alone, without vaults: a vault must not send our keys elsewhere. No
    /// hosted server is assumed where none is named, and no demo keys are sent.
    /// (`clearml` 2.1.12, `Session._connect`, does both or either.)
    ///
    /// # Errors
    /// Nothing names a server or credentials, or one of the values cannot be used.
    pub fn complete(
        server: &Server,
        files: &Snapshot,
        ambient: &Ambient,
    ) -> Result<Self, EndpointError> {
        let url = match &server.url {
            Some(url) => url.clone(),
            None => url_of_files(files)?,
        };
        let verify = server.verify.clone().or_else(|| verify_of_files(files, ambient));
        Ok(Self {
            url,
            identity: identity(server, files)?,
            verify: server.ca_bundle.clone().map(Verify::CaFile).or(verify).unwrap_or_default(),
            method: match server.method {
                Some(method) => method,
                None => method_of_files(files)?,
            },
            proxies: server.proxies.clone(),
            worker: server.worker.clone(),
            token_life: TOKEN_LIFE_KEYS
                .iter()
                .find_map(|key| text(files, key)?.parse().ok())
                .map(Duration::from_secs),
        })
    }

    /// Returns the access key that we log in with; `None` if it is a token.
    pub(crate) fn access_key(&self) -> Option<&SecretString> {
        match &self.identity {
            Identity::Keys(credentials) => Some(credentials.access_key()),
            Identity::Token(_) => None,
        }
    }

    /// Returns the server's address.
    pub fn url(&self) -> &ServerUrl {
        &self.url
    }

    /// Returns whose vaults it gives: equal texts, equal server and user. Shows no key.
    pub(crate) fn owner(&self) -> String {
        let user = match &self.identity {
            Identity::Keys(credentials) => credentials.access_key().expose_secret().to_owned(),
            Identity::Token(token) => subject(token.expose_secret()),
        };
        let digest = digest(&SHA256, user.as_bytes());
        format!("{} {}", self.url, STANDARD.encode(digest))
    }
}

const SERVER_KEYS: [&str; 2] = ["api.api_server", "api.host"];

/// The first is both clients', the second the SDK's only.
const TOKEN_LIFE_KEYS: [&str; 2] =
    ["api.auth.request_token_expiration_sec", "api.auth.req_token_expiration_sec"];

fn url_of_files(files: &Snapshot) -> Result<ServerUrl, EndpointError> {
    let named = SERVER_KEYS.iter().find_map(|key| Some((*key, text(files, key)?)));
    let (key, text) = named.ok_or(EndpointError::NoServer)?;
    text.parse().map_err(|source| EndpointError::Url { key, source })
}

fn identity(server: &Server, files: &Snapshot) -> Result<Identity, EndpointError> {
    if let Some(token) = &server.auth_token {
        return Ok(Identity::Token(token.clone()));
    }
    let half = |said: &Option<SecretString>, key| {
        said.clone().or_else(|| text(files, key).map(SecretString::from))
    };
    let access_key = half(&server.access_key, "api.credentials.access_key");
    let secret_key = half(&server.secret_key, "api.credentials.secret_key");
    let keys = access_key.zip(secret_key).ok_or(EndpointError::NoCredentials)?;
    Ok(Identity::Keys(Credentials::new(keys.0, keys.1)))
}

fn verify_of_files(files: &Snapshot, ambient: &Ambient) -> Option<Verify> {
    let text = text(files, "api.verify_certificate")?;
    Some(Verify::read(&text, ambient))
}

fn method_of_files(files: &Snapshot) -> Result<Method, EndpointError> {
    match text(files, "api.http.default_method") {
        Some(text) => text.parse().map_err(|_| EndpointError::Method),
        None => Ok(Method::default()),
    }
}

/// Returns a scalar as text; an empty one counts as not set, as for the clients.
fn text(files: &Snapshot, key: &str) -> Option<String> {
    let path: KeyPath = key.split('.').collect();
    let text = match files.get(&path)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.spelling().to_owned(),
        Value::Bool(value) => value.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}
