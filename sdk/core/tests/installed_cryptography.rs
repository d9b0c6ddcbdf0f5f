//! The cryptography that a program has installed for all of rustls. In a program of its own, since that is done once.

#![allow(clippy::unwrap_used)]

use agent_platform_core::{BaseUrl, BuildError, Transport};
use rustls::crypto::{CryptoProvider, ring};

#[test]
fn what_the_program_has_installed_is_used() {
    let base_url: BaseUrl = "https://mycel.example".parse().unwrap();
    assert!(Transport::builder().build(&base_url).is_ok());
    // One that can do nothing, which shows.
    let provider = CryptoProvider { cipher_suites: Vec::new(), ..ring::default_provider() };
    provider.install_default().unwrap();
    let error = Transport::builder().build(&base_url).unwrap_err();
    assert!(matches!(error, BuildError::Tls(_)), "{error}");
}
