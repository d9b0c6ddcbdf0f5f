//! Sessions: a user's conversations.

use agent_platform_core::{resource, send_on_await};
use muxi_formation_client::operations;

use crate::error::Error;
use crate::id::{SessionId, UserId};
use crate::model::{ConversationSession, SessionMessage};
use crate::platform::{Session, request_for};

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
        GetSession { session: self.session, id: id.into(), user: None }
    }

    /// The messages of one of them, oldest first. One that is unknown has none.
    pub fn messages(self, id: impl Into<SessionId>) -> ListSessionMessages<'c> {
        ListSessionMessages { session: self.session, id: id.into(), user: None, limit: MOST }
    }
}

macro_rules! user {
    ($($name:ident),*) => {$(
        impl $name<'_> {
            /// The user whose conversations are meant, instead of the client's.
            pub fn user(mut self, user: impl Into<UserId>) -> Self {
                self.user = Some(user.into());
                self
            }
        }
    )*};
}

user!(ListSessions, GetSession, ListSessionMessages);

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

/// The request of [`Sessions::get`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct GetSession<'c> {
    session: &'c Session,
    id: SessionId,
    user: Option<UserId>,
}

impl GetSession<'_> {
    async fn send(self) -> Result<ConversationSession, Error> {
        let request = request_for(self.session, &operations::GET_SESSION, self.user.as_ref())?;
        let outcome = request.api.get_session(request.segment(&self.id)?, None).await;
        request.finish(outcome)
    }
}

send_on_await!(GetSession, ConversationSession);

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
