//! What settings and environment say of the API server; the configuration files say the rest.

use std::{fmt, path::PathBuf, str::FromStr};

use http::{Uri, uri::Scheme};
use secrecy::SecretString;
use thiserror::Error;

use crate::ambient::Ambient;

/// What settings and environment say of the API server.
///
/// What they leave open, `api.*` of the configuration files says: see
/// [`Endpoint`](crate::api::Endpoint).
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// Where it is.
    pub url: Option<ServerUrl>,
    /// Half of who we are there.
    pub access_key: Option<SecretString>,
    /// The other half.
    pub secret_key: Option<SecretString>,
    /// A file that holds the other half, and may hold another one later.
    pub secret_key_file: Option<PathBuf>,
    /// A token that stands in for the credentials (`CLEARML_AUTH_TOKEN`).
    pub auth_token: Option<SecretString>,
    /// How its certificate is checked.
    pub verify: Option<Verify>,
    /// Certificates that win over `verify`, "off" included (`REQUESTS_CA_BUNDLE`).
    pub ca_bundle: Option<PathBuf>,
    /// The HTTP method of all calls.
    pub method: Option<Method>,
    /// What stands between.
    pub proxies: Proxies,
    /// The name of this worker.
    pub worker: String,
}

/// The proxies to use, as the variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` spell
/// them; an empty text is none.
///
/// `Debug` shows none of them, as a proxy's URL may hold a password.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http://` servers.
    pub http: String,
    /// For `https://` servers.
    pub https: String,
    /// For either, if there is no other.
    pub all: String,
    /// Hosts to ask directly.
    pub no: String,
}

impl fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Proxies").finish_non_exhaustive()
    }
}

/// How a server's certificate is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// Against the system's authorities.
    #[default]
    Yes,
    /// Not at all.
    No,
    /// Against the authorities of this PEM file, or of all files of this folder.
    CaFile(PathBuf),
}

impl Verify {
    /// Reads a truth value, or the path of a file or folder with certificates.
    pub(crate) fn read(text: &str, ambient: &Ambient) -> Self {
        match truth(text) {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::CaFile(ambient.expand_home(text.as_ref())),
        }
    }
}

/// Reads a truth value as the clients do (`clearml` 2.1.12, `strtobool`).
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Some(true),
        "n" | "no" | "f" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// The HTTP method of all calls; the query string is the same for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// `GET`.
    #[default]
    Get,
    /// `POST`, with an empty body.
    Post,
    /// `PUT`, with an empty body.
    Put,
}

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(text: &str) -> Result<Self, UnknownMethod> {
        match text.trim().to_ascii_lowercase().as_str() {
            "get" => Ok(Self::Get),
            "post" => Ok(Self::Post),
            "put" => Ok(Self::Put),
            _ => Err(UnknownMethod),
        }
    }
}

/// Says that a text is no method the clients know.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("a method is `get`, `post` or `put`")]
pub struct UnknownMethod;

/// The address of an API server: `http` or `https`, host, port, and perhaps a path below which
/// the calls lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerUrl {
    base: Uri,
}

/// Says why a text is no server address. Never repeats it, as it may hold a password.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ServerUrlError {
    /// It cannot be read as a URL.
    #[error("it is no URL; write it like `https://api.example.com`")]
    NoUrl,
    /// It is not `http://…` or `https://…`.
    #[error("it does not begin with `http://` or `https://`")]
    Scheme,
    /// It holds a user name or password.
    #[error("it holds a user name or password; put keys into `api.credentials`")]
    UserInfo,
    /// It holds a `?…` part.
    #[error("it holds a query; only a path may follow the host")]
    Query,
}

impl ServerUrl {
    /// Returns the host, with the port if one was written: what messages name.
    pub fn host(&self) -> &str {
        self.base.authority().map_or("", http::uri::Authority::as_str)
    }

    /// Returns the host without its port, an IPv6 address without its brackets.
    pub(crate) fn host_name(&self) -> &str {
        let host = self.base.host().unwrap_or_default();
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// Returns the port, 80 or 443 if none was written.
    pub(crate) fn port(&self) -> u16 {
        self.base.port_u16().unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    /// Whether it is asked over TLS.
    pub fn is_https(&self) -> bool {
        self.base.scheme() == Some(&Scheme::HTTPS)
    }

    /// Returns the path below which the calls lie, without a slash at its end.
    pub(crate) fn base_path(&self) -> &str {
        self.base.path().trim_end_matches('/')
    }

    /// Returns the address as it was read.
    pub(crate) fn uri(&self) -> &Uri {
        &self.base
    }
}

impl FromStr for ServerUrl {
    type Err = ServerUrlError;

    fn from_str(text: &str) -> Result<Self, ServerUrlError> {
        let base: Uri = text.trim().parse().map_err(|_| ServerUrlError::NoUrl)?;
        let known = [Some(&Scheme::HTTP), Some(&Scheme::HTTPS)].contains(&base.scheme());
        let authority = match base.authority() {
            Some(authority) if known => authority,
            _ => return Err(ServerUrlError::Scheme),
        };
        if authority.as_str().contains('@') {
            return Err(ServerUrlError::UserInfo);
        }
        if authority.host().is_empty() {
            return Err(ServerUrlError::NoUrl);
        }
        if base.query().is_some() {
            return Err(ServerUrlError::Query);
        }
        Ok(Self { base })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https() { "https" } else { "http" };
        write!(formatter, "{scheme}://{}{}", self.host(), self.base_path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_as_the_clients_do() {
        for (text, shown, name, port) in [
            ("https://api.clear.ml", "https://api.clear.ml", "api.clear.ml", 443),
            (" http://h:8008/ ", "http://h:8008", "h", 8008),
            ("http://h/api/", "http://h/api", "h", 80),
            ("http://[::1]:8008", "http://[::1]:8008", "::1", 8008),
        ] {
            let url: ServerUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!((url.host_name(), url.port()), (name, port), "{text}");
        }
    }

    #[test]
    fn says_why_a_text_is_no_address_without_repeating_it() {
        for (text, error) in [
            ("", ServerUrlError::NoUrl),
            ("api.clear.ml", ServerUrlError::Scheme),
            ("ftp://h", ServerUrlError::Scheme),
            ("http://", ServerUrlError::NoUrl),
            ("http://u:hunter2@h", ServerUrlError::UserInfo),
            ("http://h/?hunter2", ServerUrlError::Query),
        ] {
            assert_eq!(text.parse::<ServerUrl>(), Err(error), "{text}");
        }
    }
}
