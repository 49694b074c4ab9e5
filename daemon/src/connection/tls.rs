//! How a server's certificate is checked.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use thiserror::Error;
use tokio_rustls::rustls::{
    self, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{self, CryptoProvider},
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName, UnixTime,
        pem::{self, PemObject},
    },
};

use crate::settings::{ClientCertificate, Verify};

/// Why certificates cannot be checked.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file or folder of authorities cannot be read.
    #[error("cannot read the certificates in `{}`", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no authority to trust.
    #[error(
        "there is no certificate of an authority in {place}; install `ca-certificates`, or name a \
         file in `api.verify_certificate`"
    )]
    Empty {
        /// Where we looked.
        place: String,
    },
    /// A certificate or key of our own cannot be read.
    #[error("cannot read our certificate or key in `{}`", path.display())]
    Pem {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The TLS library refuses its own set-up.
    #[error("cannot set up TLS")]
    Setup(#[source] rustls::Error),
}

/// Returns the client's side of TLS 1.2 and 1.3.
///
/// # Errors
/// The authorities to trust cannot be read, or there are none.
pub(crate) fn client_config(
    verify: &Verify,
    certificate: Option<&ClientCertificate>,
) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?;
    let builder = match verify {
        Verify::No => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(TrustAnybody { provider })),
        Verify::Yes => builder.with_root_certificates(system_roots()?),
        Verify::CaFile(path) => builder.with_root_certificates(roots_in(path)?),
    };
    let config = match certificate {
        None => builder.with_no_client_auth(),
        Some(certificate) => {
            let (chain, key) = read_own(certificate)?;
            builder.with_client_auth_cert(chain, key).map_err(TlsError::Setup)?
        }
    };
    Ok(Arc::new(config))
}

/// Reads what shows a server who we are.
fn read_own(
    certificate: &ClientCertificate,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::Pem { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&certificate.chain).and_then(Iterator::collect);
    let chain = chain.map_err(failed(&certificate.chain))?;
    let key = PrivateKeyDer::from_pem_file(&certificate.key).map_err(failed(&certificate.key))?;
    Ok((chain, key))
}

/// Whether an error says that a server's certificate is none that we trust.
pub(crate) fn is_untrusted(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let tls = error
            .downcast_ref::<rustls::Error>()
            .or_else(|| inner.and_then(|inner| inner.downcast_ref()));
        if matches!(tls, Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        next = error.source();
    }
    false
}

/// The system's authorities, so that an administrator's own count and updates come with the
/// system. The stock clients bring their own list (`certifi`).
fn system_roots() -> Result<RootCertStore, TlsError> {
    let loaded = rustls_native_certs::load_native_certs();
    store(loaded.certs, "the system's store".into())
}

fn roots_in(path: &Path) -> Result<RootCertStore, TlsError> {
    let read = |source| TlsError::Read { path: path.to_owned(), source };
    let is_folder = std::fs::metadata(path).map_err(read)?.is_dir();
    let (file, folder) = if is_folder { (None, Some(path)) } else { (Some(path), None) };
    let loaded = rustls_native_certs::load_certs_from_paths(file, folder);
    store(loaded.certs, format!("`{}`", path.display()))
}

fn store(
    certificates: Vec<CertificateDer<'static>>,
    place: String,
) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 { Err(TlsError::Empty { place }) } else { Ok(roots) }
}

/// Trusts whoever answers (`api.verify_certificate: false`); signatures are still checked, so
/// that a broken implementation shows.
struct TrustAnybody {
    provider: Arc<CryptoProvider>,
}

impl fmt::Debug for TrustAnybody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TrustAnybody")
    }
}

impl ServerCertVerifier for TrustAnybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
