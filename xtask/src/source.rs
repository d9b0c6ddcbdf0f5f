//! Where an export comes from: a file or a URL.

use std::fmt;
use std::io::Read;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

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
    let failed = |error: reqwest::Error| refuse(format!("can't be fetched ({})", chain(error.without_url())));

    // Unless somebody has done so already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::blocking::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(60))
        .build()
        .map_err(failed)?;
    let response = client.get(url).header("accept", "application/json").send().map_err(failed)?;
    if !response.status().is_success() {
        return Err(refuse(format!("answers with status {}", response.status())));
    }
    let mut body = Vec::new();
    response.take(LARGEST + 1).read_to_end(&mut body).map_err(|error| refuse(format!("breaks off ({error})")))?;
    if body.len() as u64 > LARGEST {
        return Err(refuse("answers with more than 256 MiB".to_owned()));
    }
    Ok(body)
}

/// An error with its causes: reqwest's own text says only that sending failed.
fn chain(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
