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

/// A file, or a URL that starts with `http://` or `https://`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// The address of a running backend's export.
    Url(String),
}

impl Source {
    /// Reads all of it.
    pub(crate) fn read(&self) -> Result<Vec<u8>> {
        match self {
            Self::File(path) => files::read(path),
            Self::Url(url) => fetch(url),
        }
    }
}

impl FromStr for Source {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_url = text.starts_with("http://") || text.starts_with("https://");
        Ok(if is_url { Self::Url(text.to_owned()) } else { Self::File(PathBuf::from(text)) })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Url(url) => formatter.write_str(url),
        }
    }
}

fn fetch(url: &str) -> Result<Vec<u8>> {
    let refuse = |problem: String| {
        Error::new(
            Kind::Unreadable,
            url,
            problem,
            "check the address, and that the backend runs and serves its schema there",
        )
    };
    let failed = |error: ureq::Error| refuse(format!("can't be fetched ({})", chain(error)));

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

/// An error with its causes.
fn chain(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
