//! Where an export comes from: a file or a URL.

use std::fmt;
use std::io::Read;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use crate::error::{Error, Kind, Result};
use crate::files;

/// More than any export; a bound on what is read into memory.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A file, or the address of a running backend's export.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// A URL. It may hold a user and a password; neither they nor the query are ever shown.
    Url(String),
}

impl Source {
    /// Reads all of it.
    pub(crate) fn read(&self) -> Result<Vec<u8>> {
        match self {
            Self::File(path) => files::read(path),
            Self::Url(url) => fetch(url, &self.to_string()),
        }
    }
}

impl FromStr for Source {
    // Refused when it is read, by an error that shows no password; what parses a command line quotes what it refuses.
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_url = text.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme));
        Ok(if is_url { Self::Url(text.to_owned()) } else { Self::File(PathBuf::from(text)) })
    }
}

/// Whether RFC 3986 allows it before the `://` of a URL.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Url(url) => formatter.write_str(&without_secrets(url)),
        }
    }
}

/// As it is displayed, since a derived one would show the password.
impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Source").field(&self.to_string()).finish()
    }
}

/// The URL as it may be shown: without user, password and query.
fn without_secrets(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    // A password that is not encoded may hold a / or a ?, and the @ behind it then seems to stand in the path. To show
    // less of an odd path does no harm.
    let (user, rest) = match rest.rsplit_once('@') {
        Some((_, host)) => ("[redacted]@", host),
        None => ("", rest),
    };
    let (rest, query) = match rest.split_once(['?', '#']) {
        Some((address, _)) => (address, "?[redacted]"),
        None => (rest, ""),
    };
    format!("{scheme}://{user}{rest}{query}")
}

/// Fetches from the URL, which errors call as it is `shown`.
fn fetch(url: &str, shown: &str) -> Result<Vec<u8>> {
    let refuse = |problem: String| {
        Error::new(
            Kind::Unreadable,
            shown,
            problem,
            "check the address, and that the backend runs and serves its schema there",
        )
    };
    let failed = |error: ureq::Error| refuse(format!("can't be fetched ({})", told(&error)));
    let is_http = url
        .split_once("://")
        .is_some_and(|(scheme, _)| ["http", "https"].into_iter().any(|known| scheme.eq_ignore_ascii_case(known)));
    if !is_http {
        return Err(refuse("is neither a file nor an http(s) address".to_owned()));
    }

    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    let config = Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_global(Some(Duration::from_secs(60)))
        .http_status_as_error(false)
        .tls_config(tls);
    let agent: Agent = config.build().into();
    let response = agent.get(url).header("accept", "application/json").call().map_err(failed)?;
    if !response.status().is_success() {
        return Err(refuse(format!("answers with status {}", response.status())));
    }
    let mut body = Vec::new();
    let mut reader = response.into_body().into_reader().take(LARGEST + 1);
    reader.read_to_end(&mut body).map_err(|error| refuse(format!("breaks off ({error})")))?;
    if body.len() as u64 > LARGEST {
        return Err(refuse("answers with more than 256 MiB".to_owned()));
    }
    Ok(body)
}

/// What a failed request says of itself, with its causes; without what quotes the URL, or the address that a redirect
/// makes of it.
fn told(error: &ureq::Error) -> String {
    match error {
        ureq::Error::BadUri(_) => return "the address is none".to_owned(),
        ureq::Error::Protocol(_) if error.to_string().contains("location") => {
            return "the backend redirects to an address that is none".to_owned();
        }
        _ => {}
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
