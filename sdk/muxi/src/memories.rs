//! Memories: what is remembered of a user.

mod ingestion;

pub use ingestion::{GetIngestion, IngestMemory};

use agent_platform_core::{request, resource};
use muxi_formation_client::{operations, types};

use crate::id::MemoryId;
use crate::model::{Memory, MemoryScope};
use crate::platform::check_limit;
use crate::scoped::Scoped;

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

impl<'c> Memories<'c> {
    /// Has it forgotten. MUXI does not look whose it is: any user's call forgets it.
    pub fn delete(self, memory: impl Into<MemoryId>) -> Scoped<'c, ()> {
        let memory = memory.into();
        Scoped::new(self.session, &operations::DELETE_MEMORY, async move |request, _user| {
            let outcome = request.api.delete_memory(request.segment(&memory)?, None).await;
            request.finish_deletion(outcome)
        })
    }
}

/// Which memories are listed.
#[derive(Clone, Debug, Default)]
struct MemoryQuery {
    limit: Option<i64>,
    offset: Option<i64>,
    scopes: Vec<MemoryScope>,
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
        let scopes: Vec<_> = query.scopes.iter().map(MemoryScope::as_str).collect();
        let scopes = Some(scopes.join(",")).filter(|scopes| !scopes.is_empty());
        request.api.list_memories(query.limit, query.offset, scopes.as_deref(), None).await
    }
}

impl ListMemories<'_> {
    /// Those alone that are remembered of these: of the user, of a group, or of the whole formation. As the formation is
    /// configured unless set.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = MemoryScope>) -> Self {
        self.body.scopes = scopes.into_iter().collect();
        self
    }
}

request! {
    /// The request of [`Memories::create`].
    CreateMemory((), types::MemoryCreate) -> Memory, CREATE_MEMORY {
        /// What kind of thing it is, such as `preference`; `general` unless set.
        text kind: type_;
        /// What you keep with it: anything that serializes to a JSON object.
        object metadata: metadata;
        /// Of which of them. A group has to be named.
        text scope_id: scope_id;
        /// The user of yours that it is remembered of, instead of the client's.
        scope user: user;
    }
    |request, _none, body, _user| request.api.create_memory(None, &body).await
}

impl CreateMemory<'_> {
    /// Of whom it is remembered: of the user unless set. The others take a permission.
    pub fn scope(mut self, scope: MemoryScope) -> Self {
        self.body.scope = Some(scope.as_str().to_owned());
        self
    }
}
