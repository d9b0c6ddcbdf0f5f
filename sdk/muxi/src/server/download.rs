//! What formations were deployed from.

use std::time::Duration;

use agent_platform_core::{ByteStream, LARGEST_IN_MEMORY, download};
use muxi_server_client::operations;

use super::id::FormationId;
use super::platform::{Server, Session};
use crate::error::Error;

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

    async fn begin(self) -> Result<ByteStream<Server>, Error> {
        let request = self.session.request(&operations::DOWNLOAD_FORMATION);
        let outcome = request.api.download_formation(request.segment(&self.formation)?).await;
        request.finish_bytes(outcome)
    }
}

download!(Server; DownloadFormation, "60 seconds");
