//! TLS before a server that has none, with a certificate of an authority that nobody knows.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
pub use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{DEFAULT_VERSIONS, RootCertStore, ServerConfig, SupportedProtocolVersion};

/// A server on a port of its own that takes TLS for `localhost`, and passes on what is in it.
pub struct TlsFront {
    url: String,
    certificate: String,
    server: JoinHandle<()>,
}

impl TlsFront {
    /// Starts it before the server at this URL.
    pub async fn start(target: &str) -> Self {
        Self::start_with(target, "localhost", DEFAULT_VERSIONS, None).await
    }

    /// One for this name, that takes these versions of TLS, and, if there is an authority, nobody who shows no certificate
    /// of that.
    pub async fn start_with(
        target: &str,
        name: &str,
        versions: &[&'static SupportedProtocolVersion],
        authority: Option<&ClientAuthority>,
    ) -> Self {
        let target = target.strip_prefix("http://").unwrap().to_owned();
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_protocol_versions(versions);
        let config = match authority {
            None => config.with_no_client_auth(),
            Some(authority) => config
                .with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(authority.roots())).build().unwrap()),
        };
        let config = config.with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{name}:{}", listener.local_addr().unwrap().port());
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, target) = (acceptor.clone(), target.clone());
                tokio::spawn(async move {
                    // Who does not trust the certificate goes.
                    let Ok(mut client) = acceptor.accept(stream).await else { return };
                    let mut server = TcpStream::connect(target).await.unwrap();
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Self { url, certificate: made.cert.pem(), server }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The host and the port of its URL.
    pub fn address(&self) -> &str {
        self.url.strip_prefix("https://").unwrap()
    }

    /// The certificate, in PEM form.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An authority that vouches for clients.
pub struct ClientAuthority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

/// A client's certificate and its private key, in PEM form.
#[derive(Clone, Debug)]
pub struct ClientIdentity {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl Default for ClientAuthority {
    fn default() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }
}

impl ClientAuthority {
    /// One more client that it vouches for.
    pub fn vouch(&self) -> ClientIdentity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["client.example".to_owned()]).unwrap();
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        ClientIdentity { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        roots
    }
}
