//! Which certificates are trusted and shown, and whose cryptography is used.

use std::fmt;
use std::sync::{Arc, LazyLock};

use rustls::client::WantsClientCert;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::TLS13;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

use crate::secret::Secret;
use crate::transport::BuildError;

/// What connections speak: HTTP/1.1, which an upgrade to a WebSocket needs.
const ALPN: &[u8] = b"http/1.1";

/// How a client's TLS is to be.
#[derive(Clone, Default)]
pub(crate) struct TlsSettings {
    /// In PEM form.
    roots: Option<Vec<u8>>,
    trusts_added_roots_alone: bool,
    client: Option<ClientCertificate>,
    is_tls_1_3_alone: bool,
}

/// By which a client shows who it is.
#[derive(Clone)]
struct ClientCertificate {
    /// In PEM form; the private key may be in it.
    chain: Vec<u8>,
    key: Secret,
}

impl TlsSettings {
    pub(crate) fn add_roots(&mut self, pem: &[u8]) {
        let bundle = self.roots.get_or_insert_default();
        bundle.extend_from_slice(pem);
        // Two bundles may follow each other without a line break between them.
        bundle.push(b'\n');
    }

    pub(crate) fn trust_added_roots_alone(&mut self) {
        self.trusts_added_roots_alone = true;
    }

    pub(crate) fn set_client_certificate(&mut self, chain: &[u8], key: Secret) {
        self.client = Some(ClientCertificate { chain: chain.to_vec(), key });
    }

    pub(crate) fn require_tls_1_3(&mut self) {
        self.is_tls_1_3_alone = true;
    }

    /// What connections are encrypted with.
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>, BuildError> {
        let provider = provider();
        let builder = builder(&provider, self.is_tls_1_3_alone).map_err(BuildError::Tls)?;
        let builder = if self.trusts_added_roots_alone {
            builder.with_root_certificates(self.added_roots()?.ok_or(BuildError::NoRoots)?)
        } else {
            let verifier = match self.roots.as_deref() {
                None => Verifier::new(provider),
                Some(pem) => with_further_roots(certificates(pem).ok_or(BuildError::RootCertificates)?, provider),
            };
            let verifier = verifier.map_err(BuildError::Tls)?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        };
        self.with_client(builder)
    }

    /// What connections are set up with that have no use for it: no certificate is good enough. Most share one.
    ///
    /// # Errors
    ///
    /// Of what is set as if there were a use for it.
    pub(crate) fn unused(&self) -> Result<Arc<ClientConfig>, BuildError> {
        if self.added_roots()?.is_none() && self.trusts_added_roots_alone {
            return Err(BuildError::NoRoots);
        }
        if self.client.is_none() {
            return config_that_trusts_nobody();
        }
        let builder = builder(&provider(), self.is_tls_1_3_alone).map_err(BuildError::Tls)?;
        self.with_client(builder.with_root_certificates(RootCertStore::empty()))
    }

    fn with_client(
        &self,
        builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    ) -> Result<Arc<ClientConfig>, BuildError> {
        let config = match &self.client {
            None => builder.with_no_client_auth(),
            Some(ClientCertificate { chain, key }) => {
                // Of a key that can't be read nothing is told: what is told of it might be of what is in it.
                let key = PrivateKeyDer::from_pem_slice(key.expose_secret().as_bytes()).ok();
                let (chain, key) = certificates(chain).zip(key).ok_or(BuildError::ClientCertificate)?;
                builder.with_client_auth_cert(chain, key).map_err(BuildError::Tls)?
            }
        };
        Ok(Arc::new(with_http_1(config)))
    }

    /// The roots that were added, if any were; refuses a bundle with a certificate that can't be a root.
    fn added_roots(&self) -> Result<Option<RootCertStore>, BuildError> {
        let Some(pem) = self.roots.as_deref() else { return Ok(None) };
        let mut roots = RootCertStore::empty();
        let read = certificates(pem).ok_or(BuildError::RootCertificates)?;
        read.into_iter().try_for_each(|root| roots.add(root)).map_err(BuildError::Tls)?;
        Ok(Some(roots))
    }
}

/// Shows no certificate: the private key may be in the same file.
impl fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsSettings")
            .field("has_roots", &self.roots.is_some())
            .field("trusts_added_roots_alone", &self.trusts_added_roots_alone)
            .field("has_client_certificate", &self.client.is_some())
            .field("is_tls_1_3_alone", &self.is_tls_1_3_alone)
            .finish()
    }
}

/// The TLS of a client that has no use for it: no certificate is good enough. It is the same for all of them.
fn config_that_trusts_nobody() -> Result<Arc<ClientConfig>, BuildError> {
    static CONFIG: LazyLock<Result<Arc<ClientConfig>, rustls::Error>> = LazyLock::new(|| {
        let config =
            builder(&Arc::new(ring::default_provider()), false)?.with_root_certificates(RootCertStore::empty());
        Ok(Arc::new(with_http_1(config.with_no_client_auth())))
    });
    CONFIG.clone().map_err(BuildError::Tls)
}

/// The cryptography that the program has installed for all of rustls, or else ring, which builds in a fraction of the
/// time of aws-lc.
fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()))
}

fn builder(
    provider: &Arc<CryptoProvider>,
    is_tls_1_3_alone: bool,
) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider));
    if is_tls_1_3_alone {
        builder.with_protocol_versions(&[&TLS13])
    } else {
        builder.with_safe_default_protocol_versions()
    }
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
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    read.ok().filter(|certificates| !certificates.is_empty())
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use rustls::client::danger::ServerCertVerifier;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    /// A private authority, and a certificate that it has signed for `mycel.example`.
    fn authority() -> (rcgen::Certificate, rcgen::Certificate) {
        let (key, mut params) = (KeyPair::generate().unwrap(), CertificateParams::default());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap();
        let of_backend = CertificateParams::new(["mycel.example".to_owned()]).unwrap();
        let signed = of_backend.signed_by(&KeyPair::generate().unwrap(), &Issuer::new(params, key)).unwrap();
        (root, signed)
    }

    #[test]
    fn roots_that_were_added_are_trusted_beside_those_of_the_platform() {
        let ((root, signed), (other, _)) = (authority(), authority());
        let name = ServerName::try_from("mycel.example").unwrap();
        let is_trusted = |root: &rcgen::Certificate| {
            let verifier = with_further_roots(vec![root.der().clone()], provider()).unwrap();
            verifier.verify_server_cert(signed.der(), &[], &name, &[], UnixTime::now()).is_ok()
        };
        assert_eq!((is_trusted(&root), is_trusted(&other)), (true, false));
    }

    #[test]
    fn each_bundle_of_roots_counts_and_one_that_holds_none_is_refused() {
        let (one, other) = (authority().0.pem(), authority().0.pem());
        let mut tls = TlsSettings::default();
        assert!(tls.added_roots().unwrap().is_none());
        assert_eq!((tls.config().is_ok(), tls.unused().is_ok()), (true, true));
        tls.trust_added_roots_alone();
        for outcome in [tls.config(), tls.unused()] {
            assert!(matches!(outcome, Err(BuildError::NoRoots)), "{outcome:?}");
        }
        tls.add_roots(one.trim_end().as_bytes());
        tls.add_roots(other.as_bytes());
        assert_eq!(tls.added_roots().unwrap().unwrap().len(), 2);
        assert_eq!((tls.config().is_ok(), tls.unused().is_ok()), (true, true));

        for bundle in ["", "no certificate", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
            assert_eq!(certificates(bundle.as_bytes()), None, "{bundle}");
            let mut tls = TlsSettings::default();
            tls.add_roots(bundle.as_bytes());
            for outcome in [tls.config(), tls.unused()] {
                assert!(matches!(outcome, Err(BuildError::RootCertificates)), "{outcome:?}");
            }
        }
        assert_eq!(certificates(format!("{one}{other}").as_bytes()).unwrap().len(), 2);
    }
}
