//! Ingestion: what other systems tell, for the formation to remember.

use agent_platform_core::{Timestamp, json_object, send_on_await};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Memories;
use crate::custom::{CustomRequest, Key, Method};
use crate::error::Error;
use crate::id::{IngestionId, UserId};
use crate::model::{Ingested, MemoryScope};
use crate::platform::Session;

impl<'c> Memories<'c> {
    /// Gives the formation something that another system has told, such as an e-mail, to remember what is worth it. It takes the
    /// client key, and is sent once; what has the same [`source_id`](IngestMemory::source_id) is taken in once.
    ///
    /// ```no_run
    /// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
    /// let mail = serde_json::json!({"from": "ada@example.com", "text": "We meet on Tuesdays"});
    /// let taken = formation.memories().ingest("gmail", mail).source_id("msg-1").user("user_123").await?;
    /// if let Some(id) = taken.id {
    ///     println!("{:?}", formation.memories().ingestion(id).user("user_123").await?.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Unavailable`](crate::ErrorKind::Unavailable) if the formation is not set up for it.
    pub fn ingest(self, source: impl Into<String>, content: impl Serialize) -> IngestMemory<'c> {
        let mut body = Map::new();
        body.insert("source".to_owned(), source.into().into());
        let problem = match serde_json::to_value(content) {
            Ok(text @ Value::String(_)) => {
                body.insert("content".to_owned(), text);
                None
            }
            Ok(other) => match json_object(other) {
                Ok(object) => {
                    body.insert("content".to_owned(), object.into());
                    None
                }
                Err(problem) => Some(format!("`content` {problem}, and no text")),
            },
            Err(error) => Some(format!("`content` can't be written as JSON ({error})")),
        };
        IngestMemory { session: self.session, body, user: None, problem }
    }

    /// How far something is that is being taken in. It takes the client key.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none such, and as [`ingest`](Self::ingest).
    pub fn ingestion(self, id: impl Into<IngestionId>) -> GetIngestion<'c> {
        GetIngestion { session: self.session, id: id.into(), user: None }
    }
}

/// The request of [`Memories::ingest`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct IngestMemory<'c> {
    session: &'c Session,
    body: Map<String, Value>,
    user: Option<UserId>,
    problem: Option<String>,
}

agent_platform_core::for_user!(IngestMemory, GetIngestion);

impl IngestMemory<'_> {
    /// The id that the source has for it, by which it is taken in once.
    pub fn source_id(self, id: impl Into<String>) -> Self {
        self.with("source_id", id.into())
    }

    /// When it happened; now unless set.
    pub fn timestamp(self, time: Timestamp) -> Self {
        self.with("timestamp", time.to_string())
    }

    /// Whom or what it is about.
    pub fn subject(self, subject: impl Into<String>) -> Self {
        self.with("subject", subject.into())
    }

    /// Of whom it is remembered: of the user unless set.
    pub fn scope(self, scope: MemoryScope) -> Self {
        self.with("scope", scope.as_str().to_owned())
    }

    /// Of which of them. A group has to be named.
    pub fn scope_id(self, id: impl Into<String>) -> Self {
        self.with("scope_id", id.into())
    }

    fn with(mut self, field: &str, value: String) -> Self {
        self.body.insert(field.to_owned(), value.into());
        self
    }

    async fn send(self) -> Result<Ingested, Error> {
        let path = vec!["memories".to_owned()];
        let mut request = CustomRequest::new(self.session, Method::Post, path, Key::Client).body(self.body);
        if let Some(problem) = self.problem {
            request = request.refused(problem);
        }
        of_user(request, self.user).json().await
    }
}

send_on_await!(IngestMemory, Ingested);

/// The request of [`Memories::ingestion`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct GetIngestion<'c> {
    session: &'c Session,
    id: IngestionId,
    user: Option<UserId>,
}

impl GetIngestion<'_> {
    async fn send(self) -> Result<Ingested, Error> {
        let path = vec!["memories".to_owned(), "ingestion".to_owned(), self.id.into()];
        let request = CustomRequest::new(self.session, Method::Get, path, Key::Client);
        of_user(request, self.user).json().await
    }
}

send_on_await!(GetIngestion, Ingested);

fn of_user(request: CustomRequest<'_>, user: Option<UserId>) -> CustomRequest<'_> {
    match user {
        Some(user) => request.user(user),
        None => request,
    }
}
