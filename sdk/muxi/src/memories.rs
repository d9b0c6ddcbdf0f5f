//! Memories: what is remembered of a user.

use agent_platform_core::{request, resource, scoped};
use muxi_formation_client::{operations, types};

use crate::id::MemoryId;
use crate::model::Memory;
use crate::platform::check_limit;

/// The most that are on a page.
const MOST: i64 = 100;

resource! {
    /// What is remembered of a user; from [`FormationClient::memories`](crate::FormationClient::memories). They take either key,
    /// and a user. Of the users `0`, `anonymous` and `default` nothing is kept.
    Memories
}

impl<'c> Memories<'c> {
    /// What is remembered, the newest first.
    pub fn list(self) -> ListMemories<'c> {
        ListMemories::new(self.session, (), MemoryQuery::default())
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
        CreateMemory::new(self.session, (), body)
    }
}

scoped! {
    Memories;
    /// Has it forgotten. MUXI does not look whose it is: any user's call forgets it.
    delete(memory: MemoryId) -> (), DELETE_MEMORY, |request, _user| {
        request.api.delete_memory(request.segment(&memory)?, None).await
    };
}

/// Which memories are listed.
#[derive(Clone, Debug, Default)]
struct MemoryQuery {
    limit: Option<i64>,
    offset: Option<i64>,
}

request! {
    /// The request of [`Memories::list`].
    ListMemories((), MemoryQuery) -> Vec<Memory>, LIST_MEMORIES {
        /// How many there are to be at most: 1 to 100, 10 unless set.
        number limit: limit;
        /// How many of the newest are passed over: none unless set.
        number offset: offset;
        /// The user of yours that they are remembered of, instead of the client's.
        scope user: user;
    }
    |request, _none, query, _user| {
        check_limit(&request, query.limit, MOST)?;
        request.api.list_memories(query.limit, query.offset, None, None).await
    }
}

request! {
    /// The request of [`Memories::create`].
    CreateMemory((), types::MemoryCreate) -> Memory, CREATE_MEMORY {
        /// What kind of thing it is, such as `preference`; `general` unless set.
        text kind: type_;
        /// What you keep with it: anything that serializes to a JSON object.
        object metadata: metadata;
        /// The user of yours that it is remembered of, instead of the client's.
        scope user: user;
    }
    |request, _none, body, _user| request.api.create_memory(None, &body).await
}
