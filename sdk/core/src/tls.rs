//! Which certificates are trusted, and whose cryptography is used.

use std::sync::{Arc, LazyLock};

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

use crate::transport::BuildError;

/// What connections speak: HTTP/1.1, which an upgrade to a WebSocket needs.
const ALPN: &[u8] = b"http/1.1";

/// The TLS of a client that trusts what the platform trusts, and further roots in PEM form.
pub(crate) fn config(further_roots: Option<&[u8]>) -> Result<Arc<ClientConfig>, BuildError> {
    let provider = provider();
    let verifier = match further_roots {
        None => Verifier::new(Arc::clone(&provider)),
        Some(pem) => with_further_roots(certificates(pem)?, Arc::clone(&provider)),
    };
    let verifier = verifier.map_err(BuildError::Tls)?;
    let builder = builder(provider).map_err(BuildError::Tls)?;
    let config = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(Arc::new(with_http_1(config.with_no_client_auth())))
}

/// The TLS of a client that has no use for it: no certificate is good enough. It is the same for all of them.
pub(crate) fn config_that_trusts_nobody() -> Result<Arc<ClientConfig>, BuildError> {
    static CONFIG: LazyLock<Result<Arc<ClientConfig>, rustls::Error>> = LazyLock::new(|| {
        let config = builder(Arc::new(ring::default_provider()))?.with_root_certificates(RootCertStore::empty());
        Ok(Arc::new(with_http_1(config.with_no_client_auth())))
    });
    CONFIG.clone().map_err(BuildError::Tls)
}

/// Refuses a bundle with a certificate that can't be a root.
pub(crate) fn check_roots(pem: &[u8]) -> Result<(), BuildError> {
    let mut roots = RootCertStore::empty();
    certificates(pem)?.into_iter().try_for_each(|root| roots.add(root)).map_err(BuildError::Tls)
}

/// The cryptography that the program has installed for all of rustls, or else ring, which builds in a fraction of the
/// time of aws-lc.
fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()))
}

fn builder(provider: Arc<CryptoProvider>) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}

fn with_http_1(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![ALPN.to_vec()];
    config
}

#[cfg(not(target_os = "android"))]
fn with_further_roots(
    roots: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Verifier, rustls::Error> {
    Verifier::new_with_extra_roots(roots, provider)
}

/// There the operating system alone says what is trusted.
#[cfg(target_os = "android")]
fn with_further_roots(_: Vec<CertificateDer<'static>>, _: Arc<CryptoProvider>) -> Result<Verifier, rustls::Error> {
    Err(rustls::Error::General("root certificates can't be added on Android".to_owned()))
}

/// The certificates of a bundle; one that can't be read spoils it, and so does none.
fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, BuildError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    read.ok().filter(|certificates| !certificates.is_empty()).ok_or(BuildError::RootCertificates)
}
