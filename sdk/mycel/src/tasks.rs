//! Tasks of chats.

use agent_platform_core::{JsonObject, json_object, resource, send_on_await};
use mycel_web_backend_client::{operations, types};
use serde::Serialize;
use serde_json::Map;

use crate::error::Error;
use crate::id::{ChatId, TaskId, UserId};
use crate::model::Task;
use crate::platform::Session;

resource! {
    /// Tasks of chats; from [`Client::tasks`](crate::Client::tasks). Any member of a chat can see, make and
    /// change them.
    Tasks
}

impl<'c> Tasks<'c> {
    /// A chat's tasks, in the order of their numbers.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub async fn list(self, chat: impl Into<ChatId>) -> Result<Vec<Task>, Error> {
        let request = self.session.request(&operations::LIST_TASKS);
        let chat = chat.into();
        let outcome = request.api.list_tasks(request.segment(&chat)?).await;
        let mut tasks: Vec<Task> = request.finish(outcome)?;
        tasks.sort_by_key(|task| task.id.number());
        Ok(tasks)
    }

    /// Makes a task. It is not repeated once it may have reached the backend.
    ///
    /// ```
    /// # async fn example(agent: mycel_sdk::Client, chat: mycel_sdk::ChatId, codex: mycel_sdk::UserId) -> Result<(), mycel_sdk::Error> {
    /// let draft = agent.tasks().create(&chat, "Draft the release notes").owner(&codex).await?;
    /// let review = agent.tasks().create(&chat, "Review them").blocked_by([&draft.id]).await?;
    /// agent.tasks().update(&chat, &draft.id).status("completed").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chat's id can't be addressed, or if the
    ///   metadata is no JSON object, or nested more than 120 levels deep.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - [`BackendFailed`](crate::ErrorKind::BackendFailed) if there is no such owner.
    /// - What can befall any call.
    pub fn create(self, chat: impl Into<ChatId>, subject: impl Into<String>) -> CreateTask<'c> {
        let body = types::CreateChatTaskBody {
            subject: subject.into(),
            description: String::new(),
            status: None,
            active_form: None,
            owner: None,
            blocks: None,
            blocked_by: None,
            metadata: None,
        };
        CreateTask { session: self.session, chat: chat.into(), body, metadata: Ok(Map::new()) }
    }

    /// One task.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if an id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat or task.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub async fn get(self, chat: impl Into<ChatId>, task: impl Into<TaskId>) -> Result<Task, Error> {
        let request = self.session.request(&operations::GET_TASK);
        let (chat, task) = (chat.into(), task.into());
        let outcome = request.api.get_task(request.segment(&chat)?, request.segment(&task)?).await;
        request.finish(outcome)
    }

    /// Changes a task. What is not set stays as it is; an owner or an active form can be replaced, but the
    /// backend has no way to take it off. It is not repeated once it may have reached the backend.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if an id can't be addressed, or if the metadata is no
    ///   JSON object, or nested more than 120 levels deep.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat or task.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - [`BackendFailed`](crate::ErrorKind::BackendFailed) if there is no such owner.
    /// - What can befall any call.
    pub fn update(self, chat: impl Into<ChatId>, task: impl Into<TaskId>) -> UpdateTask<'c> {
        let body = types::UpdateChatTaskBody {
            subject: None,
            description: None,
            status: None,
            active_form: None,
            owner: None,
            blocks: None,
            blocked_by: None,
            metadata: None,
        };
        UpdateTask { session: self.session, chat: chat.into(), task: task.into(), body, metadata: None }
    }

    /// Deletes a task. Where there is none, nothing happens. The number of the last task is free again after
    /// that, which is why a deletion is not repeated once it may have reached the backend.
    ///
    /// # Errors
    ///
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if an id can't be addressed.
    /// - [`NotFound`](crate::ErrorKind::NotFound) if there is no such chat.
    /// - [`Forbidden`](crate::ErrorKind::Forbidden) if the caller is not a member.
    /// - What can befall any call.
    pub async fn delete(self, chat: impl Into<ChatId>, task: impl Into<TaskId>) -> Result<(), Error> {
        let request = self.session.request(&operations::DELETE_TASK);
        let (chat, task) = (chat.into(), task.into());
        let outcome = request.api.delete_task(request.segment(&chat)?, request.segment(&task)?).await;
        request.finish(outcome)
    }
}

fn texts(ids: impl IntoIterator<Item = impl Into<TaskId>>) -> Vec<String> {
    ids.into_iter().map(|id| id.into().into()).collect()
}

/// The request of [`Tasks::create`]; `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct CreateTask<'c> {
    session: &'c Session,
    chat: ChatId,
    body: types::CreateChatTaskBody,
    metadata: JsonObject,
}

impl CreateTask<'_> {
    /// What is to be done, at length. Empty unless set.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.body.description = description.into();
        self
    }

    /// The status, a free text. `pending` unless set.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.body.status = Some(status.into());
        self
    }

    /// What is shown while it is being done, such as "Reviewing".
    pub fn active_form(mut self, text: impl Into<String>) -> Self {
        self.body.active_form = Some(text.into());
        self
    }

    /// Whose task it is.
    pub fn owner(mut self, user: impl Into<UserId>) -> Self {
        self.body.owner = Some(user.into().into());
        self
    }

    /// The tasks that wait for it.
    pub fn blocks(mut self, tasks: impl IntoIterator<Item = impl Into<TaskId>>) -> Self {
        self.body.blocks = Some(texts(tasks));
        self
    }

    /// The tasks that it waits for.
    pub fn blocked_by(mut self, tasks: impl IntoIterator<Item = impl Into<TaskId>>) -> Self {
        self.body.blocked_by = Some(texts(tasks));
        self
    }

    /// Whatever else belongs to it: anything that serializes to a JSON object.
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = json_object(metadata);
        self
    }

    async fn send(self) -> Result<Task, Error> {
        let request = self.session.request(&operations::CREATE_TASK);
        let mut body = self.body;
        let metadata = self.metadata.map_err(|problem| request.refuse(format!("the metadata {problem}")))?;
        body.metadata = Some(metadata).filter(|metadata| !metadata.is_empty());
        let outcome = request.api.create_task(request.segment(&self.chat)?, &body).await;
        request.finish(outcome)
    }
}

send_on_await!(CreateTask, Task);

/// The request of [`Tasks::update`]; `.await` sends it.
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct UpdateTask<'c> {
    session: &'c Session,
    chat: ChatId,
    task: TaskId,
    body: types::UpdateChatTaskBody,
    metadata: Option<JsonObject>,
}

impl UpdateTask<'_> {
    /// What is to be done, in a line.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.body.subject = Some(subject.into());
        self
    }

    /// What is to be done, at length.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.body.description = Some(description.into());
        self
    }

    /// The status, a free text.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.body.status = Some(status.into());
        self
    }

    /// What is shown while it is being done, such as "Reviewing".
    pub fn active_form(mut self, text: impl Into<String>) -> Self {
        self.body.active_form = Some(text.into());
        self
    }

    /// Whose task it is.
    pub fn owner(mut self, user: impl Into<UserId>) -> Self {
        self.body.owner = Some(user.into().into());
        self
    }

    /// The tasks that wait for it, in place of those that were there.
    pub fn blocks(mut self, tasks: impl IntoIterator<Item = impl Into<TaskId>>) -> Self {
        self.body.blocks = Some(texts(tasks));
        self
    }

    /// The tasks that it waits for, in place of those that were there.
    pub fn blocked_by(mut self, tasks: impl IntoIterator<Item = impl Into<TaskId>>) -> Self {
        self.body.blocked_by = Some(texts(tasks));
        self
    }

    /// Whatever else belongs to it, in place of what was there: anything that serializes to a JSON object.
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = Some(json_object(metadata));
        self
    }

    async fn send(self) -> Result<Task, Error> {
        let request = self.session.request(&operations::UPDATE_TASK);
        let mut body = self.body;
        body.metadata =
            self.metadata.transpose().map_err(|problem| request.refuse(format!("the metadata {problem}")))?;
        let outcome = request.api.update_task(request.segment(&self.chat)?, request.segment(&self.task)?, &body).await;
        request.finish(outcome)
    }
}

send_on_await!(UpdateTask, Task);
