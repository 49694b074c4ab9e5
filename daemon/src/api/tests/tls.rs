//! Certificates, and tunnels through proxies.

use std::{io, net::SocketAddr, path::Path, sync::Arc};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto, pki_types::PrivateKeyDer},
};

use super::*;
use crate::settings::{Proxies, ServerUrl, Verify};

/// A server behind TLS: what arrives at `address` is decrypted and passed on.
struct Secured {
    server: ApiServer,
    address: SocketAddr,
    /// The certificate, which is its own authority.
    ca_file: tempfile::NamedTempFile,
    _tasks: JoinSet<()>,
}

async fn secured() -> Secured {
    let server = ApiServer::start().unwrap();
    server.set_vaults(vec![vault("first", "config", "a: 1")]);
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let ca_file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca_file.path(), cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let behind = format!("{}:{}", server.url().host_name(), server.url().port());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust us hangs up here.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut behind = TcpStream::connect(&behind).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut behind).await;
            }
        }
    });
    Secured { server, address, ca_file, _tasks: tasks }
}

impl Secured {
    fn settings(&self, verify: Verify) -> Server {
        let url = format!("https://localhost:{}", self.address.port());
        Server {
            url: Some(url.parse().unwrap()),
            verify: Some(verify),
            ..settings_of(&self.server)
        }
    }

    fn ca_file(&self) -> Verify {
        Verify::CaFile(Path::new(self.ca_file.path()).to_owned())
    }
}

#[tokio::test]
async fn a_certificate_is_trusted_if_its_authority_is_named() {
    let secured = secured().await;
    let answer = client_of(&secured.settings(secured.ca_file())).fetch_vaults().await;
    assert_eq!(ids(&answer.unwrap()), ["first"]);
}

#[tokio::test]
async fn a_strangers_certificate_is_not_trusted_and_the_error_says_what_to_do() {
    let (secured, stranger) = (secured().await, secured().await);
    let error = client_of(&secured.settings(stranger.ca_file())).fetch_vaults().await;
    let error = error.unwrap_err();
    assert!(matches!(error, FetchError::Untrusted { .. }), "{error:?}");
    assert!(error.to_string().contains("`api.verify_certificate`"));
    assert_eq!(secured.server.requests().len(), 0, "no key was sent");
}

#[tokio::test]
async fn checks_can_be_switched_off_but_a_named_bundle_wins() {
    let (secured, stranger) = (secured().await, secured().await);
    let unchecked = secured.settings(Verify::No);
    client_of(&unchecked).fetch_vaults().await.unwrap();
    let bundle = Some(stranger.ca_file.path().to_owned());
    let checked = Server { ca_bundle: bundle, ..unchecked };
    let error = client_of(&checked).fetch_vaults().await.unwrap_err();
    assert!(matches!(error, FetchError::Untrusted { .. }), "{error:?}");
}

/// A proxy that opens tunnels to `target`, whatever it is asked for, to those who may.
async fn proxy(target: SocketAddr, tasks: &mut JoinSet<()>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = tunnel(stream, target).await;
        }
    });
    address
}

async fn tunnel(mut stream: TcpStream, target: SocketAddr) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let may = head.starts_with("connect api.example.com:443 ")
        // `user:pw`
        && head.contains("proxy-authorization: basic dxnlcjpwdw==");
    if !may {
        return stream.write_all(b"HTTP/1.1 407 Who Are You\r\nContent-Length: 0\r\n\r\n").await;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    let mut target = TcpStream::connect(target).await?;
    copy_bidirectional(&mut stream, &mut target).await.map(|_| ())
}

#[tokio::test]
async fn a_proxy_tunnels_and_sees_no_key() {
    let secured = secured().await;
    let mut tasks = JoinSet::new();
    let proxy = proxy(secured.address, &mut tasks).await;
    let url: ServerUrl = "https://api.example.com".parse().unwrap();
    let through = |pair: &str| Server {
        url: Some(url.clone()),
        proxies: Proxies { https: format!("http://{pair}@{proxy}"), ..Proxies::default() },
        ..secured.settings(Verify::No)
    };
    let answer = client_of(&through("user:pw")).fetch_vaults().await;
    assert_eq!(ids(&answer.unwrap()), ["first"]);
    let error = client_of(&through("user:wrong")).fetch_vaults().await.unwrap_err();
    let FetchError::Unreachable { source, .. } = error else { panic!("{error:?}") };
    assert!(source.to_string().contains("407"), "{source}");
}
