//! Groups let in whom their owner lets in: requests to join, and members that the owner adds.

use axum::http::{Method, StatusCode};
use local_backend_kit::CheckedRequest;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Handler::Signed,
    Route,
    chats::{chat_of_path, participant},
    messages::deliver,
};
use crate::{
    app::Work,
    error::{Answer, Failure},
    store::{
        chats::{self, Chat, ChatType},
        join_requests::{self, JoinRequest},
        messages::NewMessage,
        users::User,
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/api/chats/{chat_id}/join-target", Signed(get_chat_join_target)),
    (Method::GET, "/api/chats/{chat_id}/join-requests", Signed(list_chat_join_requests)),
    (Method::POST, "/api/chats/{chat_id}/join-requests", Signed(request_chat_join)),
    (Method::POST, "/api/chats/{chat_id}/join-requests/{request_id}/approve", Signed(approve_chat_join)),
    (Method::POST, "/api/chats/{chat_id}/join-requests/{request_id}/reject", Signed(reject_chat_join)),
    (Method::POST, "/api/chats/{chat_id}/members", Signed(add_chat_member)),
];

/// The chat of the path, if it is one that can be joined. `refusal` is the status if it is not.
fn joinable(work: &Work<'_>, call: &CheckedRequest, refusal: StatusCode) -> Result<Chat, Failure> {
    let chat = chat_of_path(work, call)?;
    if chat.kind != ChatType::Group {
        return Err(Failure::new(refusal, "Join requests are only supported for group chats"));
    }
    if chat.status != "active" {
        return Err(Failure::new(refusal, "Chat is not active"));
    }
    Ok(chat)
}

fn require_owner(chat: &Chat, caller: &User) -> Result<(), Failure> {
    if chat.created_by_user_id == caller.id {
        Ok(())
    } else {
        Err(Failure::forbidden("Only the chat owner can manage join requests"))
    }
}

fn get_chat_join_target(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Serialize)]
    struct Target {
        id: String,
        #[serde(rename = "type")]
        kind: ChatType,
        title: Option<String>,
        status: String,
        created_by_user_id: String,
        is_member: bool,
        current_request: Option<JoinRequest>,
    }

    let chat = joinable(work, call, StatusCode::CONFLICT)?;
    let request_id = join_requests::id_of(&chat.id, &caller.id);
    Answer::json(&Target {
        is_member: chats::is_member(work.db, &chat.id, &caller.id)?,
        current_request: join_requests::find(work.db, &chat.id, &request_id)?,
        id: chat.id,
        kind: chat.kind,
        title: chat.title,
        status: chat.status,
        created_by_user_id: chat.created_by_user_id,
    })
}

fn list_chat_join_requests(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let chat = joinable(work, call, StatusCode::CONFLICT)?;
    require_owner(&chat, caller)?;
    Answer::json(&join_requests::of_chat(work.db, &chat.id)?)
}

fn request_chat_join(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        message: Option<String>,
    }

    let chat = joinable(work, call, StatusCode::CONFLICT)?;
    if chats::is_member(work.db, &chat.id, &caller.id)? {
        return Err(Failure::conflict("Already a participant of this chat"));
    }
    let Body { message } = call.body()?;
    join_requests::ask(work.db, work.now, &chat.id, &caller.id, message.as_deref())?;
    let said = match message.as_deref().filter(|message| !message.is_empty()) {
        Some(message) => format!("{} requested to join this chat: {message}", caller.id),
        None => format!("{} requested to join this chat.", caller.id),
    };
    write_notification(work, caller, &chat, &said, &chat.created_by_user_id)?;
    Answer::json(&found(work, &chat, &join_requests::id_of(&chat.id, &caller.id))?)
}

fn approve_chat_join(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (chat, request) = pending_request(work, caller, call)?;
    let requester = &request.requester_user_id;
    join_requests::decide(work.db, work.now, &request.id, "approved", &caller.id)?;
    chats::add_member(work.db, &chat.id, requester)?;
    let said = format!("Approved chat join request for {requester}.");
    write_notification(work, caller, &chat, &said, requester)?;
    Answer::json(&found(work, &chat, &request.id)?)
}

fn reject_chat_join(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let (chat, request) = pending_request(work, caller, call)?;
    let requester = &request.requester_user_id;
    join_requests::decide(work.db, work.now, &request.id, "rejected", &caller.id)?;
    let said = format!("Rejected chat join request for {requester}.");
    write_notification(work, caller, &chat, &said, requester)?;
    // Who was let in learns it from the chat; who was not can't see the chat.
    let told = json!({
        "event_type": "chat.join.rejected",
        "sender_id": caller.id,
        "sender_name": caller.name,
        "summary": format!("{} rejected your request to join chat {}.", caller.name, chat.id),
        "chat_join_request_id": request.id,
        "chat_id": chat.id,
        "state": "rejected",
        "notification_type": "chat_join",
        "source": "external",
    });
    work.notify(requester, &told)?;
    Answer::json(&found(work, &chat, &request.id)?)
}

/// The request of the path, for the owner of its chat to decide on.
fn pending_request(work: &Work<'_>, caller: &User, call: &CheckedRequest) -> Result<(Chat, JoinRequest), Failure> {
    let chat = joinable(work, call, StatusCode::CONFLICT)?;
    require_owner(&chat, caller)?;
    let request = found(work, &chat, call.path("request_id")?)?;
    if request.state != "pending" {
        return Err(Failure::conflict("Chat join request is not pending"));
    }
    Ok((chat, request))
}

fn found(work: &Work<'_>, chat: &Chat, request_id: &str) -> Result<JoinRequest, Failure> {
    join_requests::find(work.db, &chat.id, request_id)?.ok_or_else(|| Failure::not_found("Chat join request not found"))
}

/// Writes a notification into the chat. It is a message like others: it takes a number, and is unread.
fn write_notification(
    work: &mut Work<'_>,
    sender: &User,
    chat: &Chat,
    content: &str,
    mentioned: &str,
) -> Result<(), Failure> {
    let new = NewMessage {
        chat_id: &chat.id,
        content,
        is_notification: true,
        mentioned_ids: vec![mentioned.to_owned()],
        ..NewMessage::default()
    };
    deliver(work, sender, new)?;
    Ok(())
}

fn add_chat_member(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        user_id: String,
    }

    #[derive(Serialize)]
    struct Added<'a> {
        chat_id: &'a str,
        user_id: &'a str,
        state: &'static str,
    }

    let Body { user_id } = call.body()?;
    let added = participant(work, caller, &user_id)?;
    // The texts are those of join requests, but the status here is 400.
    let chat = joinable(work, call, StatusCode::BAD_REQUEST)?;
    require_owner(&chat, caller)?;
    chats::add_member(work.db, &chat.id, &added.id)?;
    Answer::json(&Added { chat_id: &chat.id, user_id: &added.id, state: "member" })
}
