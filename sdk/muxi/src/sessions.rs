//! Sessions: a user's conversations.

use agent_platform_core::{request, resource, scoped};
use muxi_formation_client::{operations, types};

use crate::id::SessionId;
use crate::model::{ConversationSession, PastMessage, RestoredSession, SessionMessage};
use crate::platform::check_limit;
use crate::scoped::Scoped;

/// The most that are listed.
const MOST: i64 = 1000;

resource! {
    /// A user's conversations, as far as the formation's buffer holds them; from
    /// [`FormationClient::sessions`](crate::FormationClient::sessions). They take the client key and a user.
    Sessions
}

impl<'c> Sessions<'c> {
    /// Those that the buffer holds messages of, the one with the newest first.
    pub fn list(self) -> ListSessions<'c> {
        ListSessions::new(self.session, (), SessionQuery::default())
    }

    /// Puts these messages in the place of those that the buffer holds of it, in the order of their times. It is sent once.
    ///
    /// ```no_run
    /// use muxi_sdk::PastMessage;
    ///
    /// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), Box<dyn std::error::Error>> {
    /// let messages = [
    ///     PastMessage::new("user", "My name is Ada", "2026-01-02T10:00:00Z".parse()?),
    ///     PastMessage::new("assistant", "Hello, Ada", "2026-01-02T10:00:05Z".parse()?).agent("helper"),
    /// ];
    /// formation.sessions().restore("sess_1", messages).user("user_123").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn restore(
        self,
        id: impl Into<SessionId>,
        messages: impl IntoIterator<Item = PastMessage>,
    ) -> Scoped<'c, RestoredSession> {
        let messages: Result<_, String> = messages.into_iter().map(PastMessage::into_body).collect();
        let id = id.into();
        Scoped::new(self.session, &operations::RESTORE_SESSION, async move |request, _user| {
            let messages = messages.map_err(|problem| request.refuse(problem))?;
            let body = types::SessionRestoreRequest { messages };
            let outcome = request.api.restore_session(request.segment(&id)?, None, &body).await;
            request.finish(outcome)
        })
    }

    /// The messages of one of them, oldest first. One that is unknown has none.
    pub fn messages(self, id: impl Into<SessionId>) -> ListSessionMessages<'c> {
        ListSessionMessages::new(self.session, id.into(), MessageQuery { limit: Some(MOST) })
    }
}

scoped! {
    Sessions;
    /// One of them.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the buffer holds no message of it.
    get(id: SessionId) -> ConversationSession, GET_SESSION, |request, _user| {
        request.api.get_session(request.segment(&id)?, None).await
    };
}

/// Which conversations are listed.
#[derive(Clone, Debug, Default)]
struct SessionQuery {
    limit: Option<i64>,
    active_only: Option<bool>,
}

request! {
    /// The request of [`Sessions::list`].
    ListSessions((), SessionQuery) -> Vec<ConversationSession>, LIST_SESSIONS {
        /// How many there are to be at most: 1 to 1000, 50 unless set.
        number limit: limit;
        /// Whether only those are meant that are active.
        flag active_only: active_only;
        /// The user of yours whose they are, instead of the client's.
        scope user: user;
    }
    |request, _none, query, _user| {
        check_limit(&request, query.limit, MOST)?;
        request.api.list_sessions(query.active_only, query.limit, None).await
    }
}

/// Which messages are listed.
#[derive(Clone, Debug)]
struct MessageQuery {
    limit: Option<i64>,
}

request! {
    /// The request of [`Sessions::messages`].
    ListSessionMessages(SessionId, MessageQuery) -> Vec<SessionMessage>, LIST_SESSION_MESSAGES {
        /// How many there are to be at most, of the oldest: 1 to 1000, 1000 unless set. MUXI has no way to ask for those
        /// behind.
        number limit: limit;
        /// The user of yours whose they are, instead of the client's.
        scope user: user;
    }
    |request, id, query, _user| {
        check_limit(&request, query.limit, MOST)?;
        request.api.list_session_messages(request.segment(&id)?, None, query.limit, None).await
    }
}
