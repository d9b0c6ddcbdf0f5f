//! What formations were deployed from.

use std::time::Duration;

use agent_platform_core::{ByteStream, send_on_await};
use futures::StreamExt;
use futures::stream::BoxStream;
use muxi_server_client::operations;
use tokio::io::AsyncWrite;

use super::id::FormationId;
use super::platform::{Server, Session};
use crate::error::Error;

/// How large it is at the most where it is read into memory, unless set.
const LARGEST_IN_MEMORY: usize = 64 * 1024 * 1024;

/// The request of [`ServerClient::download`](crate::ServerClient::download): the whole zip file where it is awaited.
///
/// It fails with [`NotFound`](crate::ErrorKind::NotFound) if no formation is deployed with that id.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct DownloadFormation<'c> {
    session: &'c Session,
    formation: FormationId,
    largest: usize,
    silence: Option<Duration>,
}

impl<'c> DownloadFormation<'c> {
    pub(super) fn new(session: &'c Session, formation: FormationId) -> Self {
        Self { session, formation, largest: LARGEST_IN_MEMORY, silence: None }
    }

    /// How large it may be where it is read into memory, in bytes. 64 MiB unless set.
    pub fn max_bytes(mut self, largest: usize) -> Self {
        self.largest = largest;
        self
    }

    /// How long nothing at all may come before the file counts as broken off. 60 seconds unless set.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = Some(limit);
        self
    }

    /// Writes it, piece by piece as it comes, however large it is: to a `tokio::fs::File`, for example. Returns how many bytes
    /// there were. The writer is flushed, and not shut down.
    ///
    /// # Errors
    ///
    /// As where it is awaited, and what the writer fails with ([`Interrupted`](crate::ErrorKind::Interrupted)). What was
    /// written before stays written.
    pub async fn to_writer(self, writer: &mut (impl AsyncWrite + Unpin + Send)) -> Result<u64, Error> {
        self.open().await?.write_to(writer).await
    }

    /// It, piece by piece as it comes, however large it is.
    ///
    /// # Errors
    ///
    /// As where it is awaited. One that breaks off is an error in the stream.
    pub async fn into_stream(self) -> Result<BoxStream<'static, Result<Vec<u8>, Error>>, Error> {
        let pieces = self.open().await?;
        Ok(pieces.map(|piece| piece.map(Vec::from)).boxed())
    }

    async fn send(self) -> Result<Vec<u8>, Error> {
        let largest = self.largest;
        self.open().await?.whole(largest, "raise max_bytes, or use to_writer").await
    }

    async fn open(self) -> Result<ByteStream<Server>, Error> {
        let request = self.session.request(&operations::DOWNLOAD_FORMATION);
        let outcome = request.api.download_formation(request.segment(&self.formation)?).await;
        let pieces = request.finish_bytes(outcome)?;
        Ok(match self.silence {
            Some(limit) => pieces.silence(limit),
            None => pieces,
        })
    }
}

send_on_await!(DownloadFormation, Vec<u8>);
