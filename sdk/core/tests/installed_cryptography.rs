//! The cryptography that a program has installed for all of rustls. In a program of its own, since that is done once.

#![allow(clippy::unwrap_used)]

use agent_sdk_core::{BuildError, Transport};
use rustls::crypto::{CryptoProvider, ring};

#[test]
fn what_the_program_has_installed_is_used() {
    assert!(Transport::builder().build().is_ok());
    // One that can do nothing, which shows.
    let provider = CryptoProvider { cipher_suites: Vec::new(), ..ring::default_provider() };
    provider.install_default().unwrap();
    let error = Transport::builder().build().unwrap_err();
    assert!(matches!(error, BuildError::Tls(_)), "{error}");
}
