//! The files that a run has made.

use std::time::Duration;

use agent_platform_core::{ByteStream, LARGEST_IN_MEMORY, download, path_problem};
use m8tes_web_backend_client::operations;

use crate::error::Error;
use crate::id::RunId;
use crate::platform::{M8tes, Session};

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

    async fn begin(self) -> Result<ByteStream<M8tes>, Error> {
        let request = self.session.request(&operations::DOWNLOAD_RUN_FILE);
        if let Some(problem) = path_problem::<M8tes>(&self.name) {
            return Err(request.refuse(format!("the file's name {problem}, so it can't be addressed")));
        }
        let outcome = request.api.download_run_file(self.run.get(), &self.name).await;
        request.finish_bytes(outcome)
    }
}

download!(M8tes; DownloadFile, "300 seconds");
