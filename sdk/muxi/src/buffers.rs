//! Buffers: the messages that the formation has in mind.

use agent_platform_core::resource;
use muxi_formation_client::operations;

use crate::error::{Error, ErrorKind};
use crate::id::SessionId;
use crate::model::{BufferStats, ClearedBuffer, UserBuffer};
use crate::platform::request_for;
use crate::scoped::scoped_request;

/// What the runtime fails with once it has cleared all.
const CLEARED: &str = "MEMORY_BUFFER_CLEARED";

resource! {
    /// The messages that the formation has in mind: one ring for all users, in which new messages take the place of old ones.
    /// From [`FormationClient::buffers`](crate::FormationClient::buffers).
    Buffers
}

impl<'c> Buffers<'c> {
    /// How much of it is a user's. It takes either key, and a user.
    pub fn get(self) -> GetBuffer<'c> {
        GetBuffer::new(self.session, ())
    }

    /// Forgets a user's messages. It takes either key, and a user: without one MUXI would clear nothing.
    pub fn clear(self) -> ClearBuffer<'c> {
        ClearBuffer::new(self.session, ())
    }

    /// Forgets the messages of one of a user's conversations. It takes either key, and a user.
    pub fn clear_session(self, session: impl Into<SessionId>) -> ClearSessionBuffer<'c> {
        ClearSessionBuffer::new(self.session, session.into())
    }

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

fn is_cleared(error: &Error) -> bool {
    let says_so = [error.code(), error.detail()].into_iter().flatten().any(|text| text.contains(CLEARED));
    error.kind() == ErrorKind::BackendFailed && says_so
}

scoped_request! {
    /// The request of [`Buffers::get`].
    GetBuffer(()) -> UserBuffer, GET_BUFFER, |request, _all| request.api.get_buffer(None).await
}

scoped_request! {
    /// The request of [`Buffers::clear`].
    ClearBuffer(()) -> ClearedBuffer, CLEAR_BUFFER, |request, _all| request.api.clear_buffer(None).await
}

scoped_request! {
    /// The request of [`Buffers::clear_session`].
    ClearSessionBuffer(SessionId) -> ClearedBuffer, CLEAR_SESSION_BUFFER,
    |request, id| request.api.clear_session_buffer(request.segment(&id)?, None).await
}
