//! Memories: what is remembered of a user.

use agent_platform_core::{json_object, resource, send_on_await};
use muxi_formation_client::{operations, types};
use serde::Serialize;

use crate::error::Error;
use crate::id::{MemoryId, UserId};
use crate::model::Memory;
use crate::platform::{Session, request_for};
use crate::scoped::{scoped_request, user};

/// The most that are on a page.
const MOST: u32 = 100;

resource! {
    /// What is remembered of a user; from [`FormationClient::memories`](crate::FormationClient::memories). They take either key,
    /// and a user. Of the users `0`, `anonymous` and `default` nothing is kept.
    Memories
}

impl<'c> Memories<'c> {
    /// What is remembered, the newest first.
    pub fn list(self) -> ListMemories<'c> {
        ListMemories { session: self.session, user: None, limit: None, offset: None }
    }

    /// Has it remembered. It is sent once: each time that it arrives, another memory is kept.
    ///
    /// ```no_run
    /// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
    /// formation.memories().create("Likes Rust").kind("preference").user("user_123").await?;
    /// for memory in formation.memories().list().user("user_123").await? {
    ///     println!("{}", memory.content);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::ErrorKind::Unavailable) if the formation has no memory that lasts.
    pub fn create(self, detail: impl Into<String>) -> CreateMemory<'c> {
        let body = types::MemoryCreate { detail: Some(detail.into()), ..types::MemoryCreate::default() };
        CreateMemory { session: self.session, user: None, body, problem: None }
    }

    /// Has it forgotten. MUXI does not look whose it is: any user's call forgets it.
    pub fn delete(self, memory: impl Into<MemoryId>) -> DeleteMemory<'c> {
        DeleteMemory::new(self.session, memory.into())
    }
}

/// The request of [`Memories::list`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ListMemories<'c> {
    session: &'c Session,
    user: Option<UserId>,
    limit: Option<u32>,
    offset: Option<u32>,
}

user!(ListMemories, CreateMemory);

impl ListMemories<'_> {
    /// How many there are to be at most: 1 to 100, 10 unless set.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// How many of the newest are passed over: none unless set.
    pub fn offset(mut self, offset: u32) -> Self {
        self.offset = Some(offset);
        self
    }

    async fn send(self) -> Result<Vec<Memory>, Error> {
        let request = request_for(self.session, &operations::LIST_MEMORIES, self.user.as_ref())?;
        if self.limit.is_some_and(|limit| !(1..=MOST).contains(&limit)) {
            return Err(request.refuse("the limit has to be from 1 to 100"));
        }
        let (limit, offset) = (self.limit.map(i64::from), self.offset.map(i64::from));
        let outcome = request.api.list_memories(limit, offset, None, None).await;
        request.finish(outcome)
    }
}

send_on_await!(ListMemories, Vec<Memory>);

/// The request of [`Memories::create`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct CreateMemory<'c> {
    session: &'c Session,
    user: Option<UserId>,
    body: types::MemoryCreate,
    problem: Option<String>,
}

impl CreateMemory<'_> {
    /// What kind of thing it is, such as `preference`; `general` unless set.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.body.type_ = Some(kind.into());
        self
    }

    /// What you keep with it: anything that serializes to a JSON object.
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        match json_object(metadata) {
            Ok(object) => self.body.metadata = Some(object),
            Err(problem) => self.problem = Some(format!("`metadata` {problem}")),
        }
        self
    }

    async fn send(self) -> Result<Memory, Error> {
        let request = request_for(self.session, &operations::CREATE_MEMORY, self.user.as_ref())?;
        if let Some(problem) = self.problem {
            return Err(request.refuse(problem));
        }
        let outcome = request.api.create_memory(None, &self.body).await;
        request.finish(outcome)
    }
}

send_on_await!(CreateMemory, Memory);

scoped_request! {
    /// The request of [`Memories::delete`].
    DeleteMemory(MemoryId) -> (), DELETE_MEMORY,
    |request, id| request.api.delete_memory(request.segment(&id)?, None).await
}
