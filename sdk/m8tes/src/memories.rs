//! Memories: what teammates remember of a user of yours, or of the account.

use agent_platform_core::{for_user, request, resource, scoped};
use m8tes_web_backend_client::{operations, types};

use crate::id::MemoryId;
use crate::model::{Audience, Memory};
use crate::pages::list;

resource! {
    /// Memories; from [`Client::memories`](crate::Client::memories). Those of the account and of each user never mix.
    Memories
}

impl<'c> Memories<'c> {
    /// Has it remembered: 1 to 300 characters.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// client.memories().create("prefers email over Slack").user("cust_123").await?;
    /// for memory in client.memories().list().user("cust_123").await?.data {
    ///     println!("{}", memory.content);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Conflict`](crate::ErrorKind::Conflict) if it is remembered already.
    pub fn create(self, content: impl Into<String>) -> CreateMemory<'c> {
        let body = types::MemoryCreate { audience: None, content: content.into(), user_id: None };
        CreateMemory::new(self.session, (), body)
    }

    /// What is remembered.
    pub fn list(self) -> ListMemories<'c> {
        ListMemories::new(self.session, ())
    }

    /// Changes what is remembered. At least one thing has to be said.
    pub fn update(self, memory: impl Into<MemoryId>) -> UpdateMemory<'c> {
        UpdateMemory::new(self.session, memory.into(), types::MemoryUpdate::default())
    }
}

scoped! {
    Memories;
    /// Has it forgotten.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such memory, or if it is another user's.
    delete(memory: MemoryId) -> (), DELETE_MEMORY, finish_deletion, |request, user| request.api.delete_memory(memory.get(), user).await;
}

request! {
    /// The request of [`Memories::create`].
    CreateMemory((), types::MemoryCreate) -> Memory, CREATE_MEMORY {
        /// The user of yours that it is remembered of, instead of the client's.
        scope user: user;
        /// Whom it is for.
        choice audience: audience as Audience;
    }
    |request, _none, body, user| {
        body.user_id = user;
        request.api.create_memory(&body).await
    }
}

request! {
    /// The request of [`Memories::update`].
    UpdateMemory(MemoryId, types::MemoryUpdate) -> Memory, UPDATE_MEMORY {
        /// What is remembered: 1 to 300 characters.
        text content: content;
        /// Whom it is for.
        choice audience: audience as Audience;
        /// The user of yours that it is remembered of, instead of the client's.
        scope user: user;
    }
    |request, memory, body, user| request.api.update_memory(memory.get(), user.as_deref(), &body).await
}

list! {
    /// The request of [`Memories::list`].
    ListMemories(()) of Memory, LIST_MEMORIES {
        /// Those that match this alone.
        query: String;
    }
    |request, this, limit, cursor, user| request.api.list_memories(limit, this.query.as_deref(), cursor, user).await
}
for_user!(ListMemories);
