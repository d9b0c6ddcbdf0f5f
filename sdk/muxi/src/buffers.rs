//! Buffers: the messages that the formation has in mind.

use agent_platform_core::{ErrorResponse, Operation, resource, scoped};
use muxi_formation_client::operations;

use crate::error::{Error, ErrorKind};
use crate::id::SessionId;
use crate::model::{BufferStats, ClearedBuffer, UserBuffer};
use crate::platform::request_for;

/// What the runtime fails with once it has cleared all.
const CLEARED: &str = "MEMORY_BUFFER_CLEARED";

resource! {
    /// The messages that the formation has in mind: one ring for all users, in which new messages take the place of old ones.
    /// From [`FormationClient::buffers`](crate::FormationClient::buffers).
    Buffers
}

scoped! {
    Buffers;
    /// How much of it is a user's. It takes either key, and a user.
    get() -> UserBuffer, GET_BUFFER, |request, _user| request.api.get_buffer(None).await;
    /// Forgets a user's messages. It takes either key, and a user: without one MUXI would clear nothing.
    clear() -> ClearedBuffer, CLEAR_BUFFER, |request, _user| request.api.clear_buffer(None).await;
    /// Forgets the messages of one of a user's conversations. It takes either key, and a user.
    clear_session(session: SessionId) -> ClearedBuffer, CLEAR_SESSION_BUFFER, |request, _user| {
        request.api.clear_session_buffer(request.segment(&session)?, None).await
    };
}

impl Buffers<'_> {
    /// Forgets everybody's messages. It takes the admin key. The runtime does so and fails to say so: that one failure counts as
    /// success.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) without an admin key, before anything is sent.
    pub async fn clear_all(self) -> Result<(), Error> {
        let request = request_for(self.session, &operations::CLEAR_ALL_BUFFERS, None)?;
        let outcome = request.api.clear_all_buffers().await;
        match request.finish(outcome) {
            Err(error) if is_cleared(&error) => Ok(()),
            outcome => outcome,
        }
    }

    /// How full it is. It takes the admin key.
    pub async fn stats(self) -> Result<BufferStats, Error> {
        let request = request_for(self.session, &operations::GET_MEMORY_STATS, None)?;
        let outcome = request.api.get_memory_stats().await;
        request.finish(outcome)
    }
}

/// Whether a failure is that one, after which there is nothing left to be done.
pub(crate) fn has_cleared(operation: &'static Operation, response: &ErrorResponse) -> bool {
    let says_so = response.body.as_ref().is_some_and(|body| body.to_string().contains(CLEARED));
    operation.id == operations::CLEAR_ALL_BUFFERS.id && says_so
}

fn is_cleared(error: &Error) -> bool {
    let says_so = [error.code(), error.detail()].into_iter().flatten().any(|text| text.contains(CLEARED));
    error.kind() == ErrorKind::BackendFailed && says_so
}
