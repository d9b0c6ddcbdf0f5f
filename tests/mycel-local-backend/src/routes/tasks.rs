//! A chat's tasks.

use axum::http::Method;
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Deleted, Handler::Signed, Route, chats::chat_of_participant};
use crate::{
    app::Work,
    error::{Answer, Failure},
    store::{
        tasks::{self, Task},
        users::User,
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/api/chats/{chat_id}/tasks", Signed(list_chat_tasks)),
    (Method::POST, "/api/chats/{chat_id}/tasks", Signed(create_chat_task)),
    (Method::GET, "/api/chats/{chat_id}/tasks/{task_id}", Signed(get_chat_task)),
    (Method::PATCH, "/api/chats/{chat_id}/tasks/{task_id}", Signed(update_chat_task)),
    (Method::DELETE, "/api/chats/{chat_id}/tasks/{task_id}", Signed(delete_chat_task)),
];

fn list_chat_tasks(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let chat = chat_of_participant(work, caller, call)?;
    Answer::json(&tasks::of_chat(work.db, &chat.id)?)
}

fn create_chat_task(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        subject: String,
        description: String,
        status: String,
        active_form: Option<String>,
        owner: Option<String>,
        blocks: Vec<String>,
        blocked_by: Vec<String>,
        metadata: Map<String, Value>,
    }

    let chat = chat_of_participant(work, caller, call)?;
    let body: Body = call.body()?;
    let task = Task {
        id: tasks::next_id(work.db, &chat.id)?,
        subject: body.subject,
        description: body.description,
        status: body.status,
        active_form: body.active_form,
        owner: body.owner,
        blocks: body.blocks,
        blocked_by: body.blocked_by,
        metadata: body.metadata,
    };
    tasks::replace(work.db, &chat.id, &task)?;
    Answer::json(&task)
}

fn get_chat_task(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let chat = chat_of_participant(work, caller, call)?;
    Answer::json(&task_of_chat(work, &chat.id, call)?)
}

fn task_of_chat(work: &Work<'_>, chat_id: &str, call: &CheckedRequest) -> Result<Task, Failure> {
    let task = tasks::find(work.db, chat_id, call.path("task_id")?)?;
    task.ok_or_else(|| Failure::not_found("Chat task not found"))
}

fn update_chat_task(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        status: Option<String>,
        subject: Option<String>,
        description: Option<String>,
        active_form: Option<String>,
        owner: Option<String>,
        blocks: Option<Vec<String>>,
        blocked_by: Option<Vec<String>>,
        metadata: Option<Map<String, Value>>,
    }

    let chat = chat_of_participant(work, caller, call)?;
    let task = task_of_chat(work, &chat.id, call)?;
    let body: Body = call.body()?;
    // A field that is null is left as it is: an owner or an active form can't be taken away.
    let task = Task {
        id: task.id,
        subject: body.subject.unwrap_or(task.subject),
        description: body.description.unwrap_or(task.description),
        status: body.status.unwrap_or(task.status),
        active_form: body.active_form.or(task.active_form),
        owner: body.owner.or(task.owner),
        blocks: body.blocks.unwrap_or(task.blocks),
        blocked_by: body.blocked_by.unwrap_or(task.blocked_by),
        metadata: body.metadata.unwrap_or(task.metadata),
    };
    tasks::replace(work.db, &chat.id, &task)?;
    Answer::json(&task)
}

fn delete_chat_task(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let chat = chat_of_participant(work, caller, call)?;
    tasks::delete(work.db, &chat.id, call.path("task_id")?)?;
    Answer::json(&Deleted::default())
}
