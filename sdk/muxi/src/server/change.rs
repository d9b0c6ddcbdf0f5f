//! Starting, restarting and rolling back.

use std::time::Duration;

use agent_platform_core::send_on_await;
use muxi_server_client::operations;

use super::deploy::{SILENCE, progress, request};
use super::deployed::Deployed;
use super::id::FormationId;
use super::platform::Session;
use super::progress::ProgressStream;
use crate::error::Error;

/// Defines the request of what is done to a formation, and may be answered with its progress.
macro_rules! change {
    ($(#[$doc:meta])* $name:ident, $operation:ident, $call:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[must_use = "a request is not sent until it is awaited"]
        pub struct $name<'c> {
            session: &'c Session,
            formation: FormationId,
            silence: Duration,
        }

        impl<'c> $name<'c> {
            pub(super) fn new(session: &'c Session, formation: FormationId) -> Self {
                Self { session, formation, silence: SILENCE }
            }

            /// How long the server may say nothing: before its answer begins, and between two events. 10 minutes unless set.
            pub fn silence(mut self, limit: Duration) -> Self {
                self.silence = limit;
                self
            }

            /// Begins, and tells the progress as it comes.
            ///
            /// # Errors
            ///
            /// What kept it from beginning. That there is no such formation is an error in the stream, too.
            pub async fn stream(self) -> Result<ProgressStream, Error> {
                let request = request(self.session, &operations::$operation, self.silence);
                let outcome = request.api.$call(request.segment(&self.formation)?).await;
                let begun = request.finish_json_or_events(outcome)?;
                Ok(progress(self.session, &operations::$operation, self.silence, begun))
            }

            async fn send(self) -> Result<Deployed, Error> {
                self.stream().await?.finish().await
            }
        }

        send_on_await!($name, Deployed);
    };
}

change! {
    /// The request of [`ServerClient::start`](crate::ServerClient::start).
    ///
    /// Awaited, it fails with [`NotFound`](crate::ErrorKind::NotFound) if no formation is deployed with that id, with
    /// [`Conflict`](crate::ErrorKind::Conflict) if it runs already, and with
    /// [`BackendFailed`](crate::ErrorKind::BackendFailed) if it does not come up.
    Start, START_FORMATION, start_formation
}

change! {
    /// The request of [`ServerClient::restart`](crate::ServerClient::restart).
    ///
    /// Awaited, it fails with [`NotFound`](crate::ErrorKind::NotFound) if no formation is deployed with that id, and with
    /// [`BackendFailed`](crate::ErrorKind::BackendFailed) if it does not come up.
    Restart, RESTART_FORMATION, restart_formation
}

change! {
    /// The request of [`ServerClient::rollback`](crate::ServerClient::rollback).
    ///
    /// Awaited, it fails with [`NotFound`](crate::ErrorKind::NotFound) if no formation is deployed with that id, with
    /// [`Rejected`](crate::ErrorKind::Rejected) if it was never updated, and with
    /// [`BackendFailed`](crate::ErrorKind::BackendFailed) if what it was before does not come up.
    Rollback, ROLLBACK_FORMATION, rollback_formation
}
