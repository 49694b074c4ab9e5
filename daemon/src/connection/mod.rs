//! One connection to an HTTP server: straight or through a proxy, with or without TLS.

mod answer;
mod tls;

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header, uri::Scheme};
use http_body_util::{Empty, Full};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::{
    client::proxy::matcher::{Intercept, Matcher},
    rt::TokioIo,
};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, pki_types::ServerName},
};

pub(crate) use self::answer::{Answer, BodyError};
pub use self::tls::TlsError;
pub(crate) use self::tls::{client_config, is_untrusted};
use crate::settings::{Proxies, ServerUrl};

type AnyError = Box<dyn std::error::Error + Send + Sync>;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// How to reach one server.
pub(crate) struct Route {
    url: ServerUrl,
    proxy: Option<Intercept>,
    tls: Option<Arc<ClientConfig>>,
}

/// A connection that may carry several calls, one after the other; closed when it is dropped.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    _drivers: JoinSet<()>,
}

/// Why a proxy cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ProxyError {
    /// It speaks something else than HTTP.
    #[error("only `http://` proxies can be used; see HTTP_PROXY, HTTPS_PROXY, ALL_PROXY")]
    Scheme,
}

/// What a proxy answered where it should have opened a tunnel.
#[derive(Debug, Error)]
#[error("the proxy refuses to connect ({0})")]
struct ProxyRefused(http::StatusCode);

impl Route {
    /// Returns the way to a server.
    ///
    /// One on this host is asked without a proxy: none could reach it.
    pub(crate) fn new(
        url: ServerUrl,
        proxies: &Proxies,
        tls: Option<Arc<ClientConfig>>,
    ) -> Result<Self, ProxyError> {
        let matcher = Matcher::builder()
            .all(proxies.all.as_str())
            .http(proxies.http.as_str())
            .https(proxies.https.as_str())
            .no(proxies.no.as_str())
            .build();
        let proxy = matcher.intercept(url.uri()).filter(|_| !is_this_host(url.host_name()));
        match &proxy {
            Some(proxy) if proxy.uri().scheme() != Some(&Scheme::HTTP) => Err(ProxyError::Scheme),
            _ => Ok(Self { url, proxy, tls }),
        }
    }

    /// Whether requests name the whole URL, as a proxy without a tunnel needs.
    fn is_forwarded(&self) -> bool {
        self.proxy.is_some() && self.tls.is_none()
    }

    /// Turns a path into what stands in the request line.
    pub(crate) fn target(&self, path: &str) -> Result<Uri, http::Error> {
        let builder = Uri::builder().path_and_query(path);
        if !self.is_forwarded() {
            return builder.build();
        }
        builder.scheme(Scheme::HTTP).authority(self.url.host()).build()
    }

    /// Returns what a forwarding proxy wants to know about us.
    pub(crate) fn proxy_authorization(&self) -> Option<&HeaderValue> {
        self.proxy.as_ref().filter(|_| self.is_forwarded())?.basic_auth()
    }

    /// Connects.
    pub(crate) async fn connect(&self, within: Duration) -> Result<Connection, AnyError> {
        let mut drivers = JoinSet::new();
        let stream: Box<dyn Stream> = match &self.proxy {
            None => Box::new(dial(self.url.host_name(), self.url.port(), within).await?),
            Some(proxy) if self.is_forwarded() => Box::new(dial_proxy(proxy, within).await?),
            Some(proxy) => self.tunnel(proxy, &mut drivers, within).await?,
        };
        let stream: Box<dyn Stream> = match &self.tls {
            None => stream,
            Some(config) => {
                let name = ServerName::try_from(self.url.host_name().to_owned())?;
                Box::new(TlsConnector::from(config.clone()).connect(name, stream).await?)
            }
        };
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
        drivers.spawn(async move {
            // What goes wrong here also ends the call that is under way, which reports it.
            let _ = driver.await;
        });
        Ok(Connection { sender, _drivers: drivers })
    }

    /// Asks a proxy for a tunnel (`CONNECT`).
    async fn tunnel(
        &self,
        proxy: &Intercept,
        drivers: &mut JoinSet<()>,
        within: Duration,
    ) -> Result<Box<dyn Stream>, AnyError> {
        let stream = dial_proxy(proxy, within).await?;
        let (mut sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
        drivers.spawn(async move {
            let _ = driver.with_upgrades().await;
        });
        let address = format!("{}:{}", self.url.uri().host().unwrap_or_default(), self.url.port());
        let mut request = Request::connect(address.as_str()).header(header::HOST, &address);
        if let Some(authorization) = proxy.basic_auth() {
            request = request.header(header::PROXY_AUTHORIZATION, authorization);
        }
        let answer = sender.send_request(request.body(Empty::<Bytes>::new())?).await?;
        if !answer.status().is_success() {
            return Err(ProxyRefused(answer.status()).into());
        }
        Ok(Box::new(TokioIo::new(hyper::upgrade::on(answer).await?)))
    }
}

impl Connection {
    /// Whether the server has not hung up yet.
    pub(crate) async fn is_usable(&mut self) -> bool {
        self.sender.ready().await.is_ok()
    }

    /// Sends a request and returns the head of the answer.
    pub(crate) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, hyper::Error> {
        self.sender.send_request(request).await
    }
}

async fn dial_proxy(proxy: &Intercept, within: Duration) -> io::Result<TcpStream> {
    let uri = proxy.uri();
    dial(uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(80), within).await
}

/// Connects to the first address that answers; each gets an equal part of the time, so that one
/// that swallows packets does not use up the others' share.
async fn dial(host: &str, port: u16, within: Duration) -> io::Result<TcpStream> {
    let addresses: Vec<_> = lookup_host((host, port)).await?.collect();
    let share = within / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

fn is_this_host(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
