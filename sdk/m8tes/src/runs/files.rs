//! The files that a run has made.

use std::time::Duration;

use agent_platform_core::{ByteStream, path_problem, send_on_await};
use futures::StreamExt;
use futures::stream::BoxStream;
use m8tes_web_backend_client::operations;
use tokio::io::AsyncWrite;

use crate::error::Error;
use crate::id::RunId;
use crate::platform::{M8tes, Session};

/// How large a file is at the most that is read into memory, unless set.
const LARGEST_IN_MEMORY: usize = 64 * 1024 * 1024;

/// The request of [`Runs::download_file`](super::Runs::download_file): the whole file where it is awaited.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct DownloadFile<'c> {
    session: &'c Session,
    run: RunId,
    name: String,
    largest: usize,
    silence: Option<Duration>,
}

impl<'c> DownloadFile<'c> {
    pub(super) fn new(session: &'c Session, run: RunId, name: String) -> Self {
        Self { session, run, name, largest: LARGEST_IN_MEMORY, silence: None }
    }

    /// How large the file may be where it is read into memory, in bytes. 64 MiB unless set.
    pub fn max_bytes(mut self, largest: usize) -> Self {
        self.largest = largest;
        self
    }

    /// How long nothing at all may come before the file counts as broken off. 300 seconds unless set.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = Some(limit);
        self
    }

    /// Writes the file, piece by piece as it comes, however large it is: to a `tokio::fs::File`, for example. Returns how
    /// many bytes there were. The writer is flushed, and not shut down.
    ///
    /// # Errors
    ///
    /// As where it is awaited, and what the writer fails with ([`Interrupted`](crate::ErrorKind::Interrupted)). What was written
    /// before stays written.
    pub async fn to_writer(self, writer: &mut (impl AsyncWrite + Unpin + Send)) -> Result<u64, Error> {
        self.open().await?.write_to(writer).await
    }

    /// The file, piece by piece as it comes, however large it is.
    ///
    /// # Errors
    ///
    /// As where it is awaited. A file that breaks off is an error in the stream.
    pub async fn into_stream(self) -> Result<BoxStream<'static, Result<Vec<u8>, Error>>, Error> {
        let pieces = self.open().await?;
        Ok(pieces.map(|piece| piece.map(Vec::from)).boxed())
    }

    async fn send(self) -> Result<Vec<u8>, Error> {
        let largest = self.largest;
        self.open().await?.whole(largest, "raise max_bytes, or use to_writer").await
    }

    async fn open(self) -> Result<ByteStream<M8tes>, Error> {
        let request = self.session.request(&operations::DOWNLOAD_RUN_FILE);
        if let Some(problem) = path_problem::<M8tes>(&self.name) {
            return Err(request.refuse(format!("the file's name {problem}, so it can't be addressed")));
        }
        let outcome = request.api.download_run_file(self.run.get(), &self.name).await;
        let pieces = request.finish_bytes(outcome)?;
        Ok(match self.silence {
            Some(limit) => pieces.silence(limit),
            None => pieces,
        })
    }
}

send_on_await!(DownloadFile, Vec<u8>);
