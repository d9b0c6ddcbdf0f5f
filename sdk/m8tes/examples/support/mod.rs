//! What the examples begin with.

use std::env;
use std::error::Error;

use m8tes_local_backend::{Builder, DEFAULT_API_KEY, LocalBackend};
use m8tes_sdk::Client;

/// A client of the account whose key is in `M8TES_API_KEY`; where none is set, of a local backend, which lives as long as it
/// is kept.
pub async fn connect(backend: Builder) -> Result<(Client, Option<LocalBackend>), Box<dyn Error>> {
    if env::var_os("M8TES_API_KEY").is_some_and(|key| !key.is_empty()) {
        return Ok((Client::from_env()?, None));
    }
    let backend = backend.start().await?;
    let client = Client::builder(DEFAULT_API_KEY).base_url(backend.url()).build()?;
    Ok((client, Some(backend)))
}
