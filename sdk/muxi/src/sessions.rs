//! Sessions: a user's conversations.

use agent_platform_core::{resource, send_on_await};
use muxi_formation_client::{operations, types};

use crate::error::Error;
use crate::id::{SessionId, UserId};
use crate::model::{ConversationSession, PastMessage, RestoredSession, SessionMessage};
use crate::platform::{Session, request_for};
use crate::scoped::{scoped_request, user};

/// The most that are listed.
const MOST: u32 = 1000;

resource! {
    /// A user's conversations, as far as the formation's buffer holds them; from
    /// [`FormationClient::sessions`](crate::FormationClient::sessions). They take the client key and a user.
    Sessions
}

impl<'c> Sessions<'c> {
    /// Those that the buffer holds messages of, the one with the newest first.
    pub fn list(self) -> ListSessions<'c> {
        ListSessions { session: self.session, user: None, limit: None, active_only: None }
    }

    /// One of them.
    pub fn get(self, id: impl Into<SessionId>) -> GetSession<'c> {
        GetSession::new(self.session, id.into())
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
    ) -> RestoreSession<'c> {
        RestoreSession::new(self.session, (id.into(), messages.into_iter().collect()))
    }

    /// The messages of one of them, oldest first. One that is unknown has none.
    pub fn messages(self, id: impl Into<SessionId>) -> ListSessionMessages<'c> {
        ListSessionMessages { session: self.session, id: id.into(), user: None, limit: MOST }
    }
}

user!(ListSessions, ListSessionMessages);

/// The request of [`Sessions::list`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ListSessions<'c> {
    session: &'c Session,
    user: Option<UserId>,
    limit: Option<u32>,
    active_only: Option<bool>,
}

impl ListSessions<'_> {
    /// How many there are to be at most: 1 to 1000, 50 unless set.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Whether only those are meant that are active.
    pub fn active_only(mut self, active_only: bool) -> Self {
        self.active_only = Some(active_only);
        self
    }

    async fn send(self) -> Result<Vec<ConversationSession>, Error> {
        let request = request_for(self.session, &operations::LIST_SESSIONS, self.user.as_ref())?;
        if let Some(problem) = self.limit.and_then(limit_problem) {
            return Err(request.refuse(problem));
        }
        let outcome = request.api.list_sessions(self.active_only, self.limit.map(i64::from), None).await;
        request.finish(outcome)
    }
}

send_on_await!(ListSessions, Vec<ConversationSession>);

scoped_request! {
    /// The request of [`Sessions::get`].
    GetSession(SessionId) -> ConversationSession, GET_SESSION,
    |request, id| request.api.get_session(request.segment(&id)?, None).await
}

scoped_request! {
    /// The request of [`Sessions::restore`].
    RestoreSession((SessionId, Vec<PastMessage>)) -> RestoredSession, RESTORE_SESSION,
    |request, of| {
        let (id, messages) = of;
        let messages = messages.into_iter().map(PastMessage::into_body).collect::<Result<_, _>>();
        let messages = messages.map_err(|problem| request.refuse(problem))?;
        let body = types::SessionRestoreRequest { messages };
        request.api.restore_session(request.segment(&id)?, None, &body).await
    }
}

/// The request of [`Sessions::messages`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ListSessionMessages<'c> {
    session: &'c Session,
    id: SessionId,
    user: Option<UserId>,
    limit: u32,
}

impl ListSessionMessages<'_> {
    /// How many there are to be at most, of the oldest: 1 to 1000, 1000 unless set. MUXI has no way to ask for those behind.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    async fn send(self) -> Result<Vec<SessionMessage>, Error> {
        let request = request_for(self.session, &operations::LIST_SESSION_MESSAGES, self.user.as_ref())?;
        if let Some(problem) = limit_problem(self.limit) {
            return Err(request.refuse(problem));
        }
        let id = request.segment(&self.id)?;
        let outcome = request.api.list_session_messages(id, None, Some(i64::from(self.limit)), None).await;
        request.finish(outcome)
    }
}

send_on_await!(ListSessionMessages, Vec<SessionMessage>);

fn limit_problem(limit: u32) -> Option<&'static str> {
    (!(1..=MOST).contains(&limit)).then_some("the limit has to be from 1 to 1000")
}
