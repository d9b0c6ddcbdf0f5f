//! Reading and sending.

use std::collections::HashSet;

use axum::http::Method;
use local_backend_kit::{CheckedRequest, python};
use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::{Handler::Signed, Route};
use crate::{
    app::Work,
    error::{Answer, Failure},
    store::{
        chats, is_refused_text,
        messages::{self, DeliveryScope, Message, NewMessage},
        users::User,
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/api/chats/{chat_id}/messages", Signed(list_messages)),
    (Method::GET, "/api/chats/{chat_id}/messages/unread", Signed(list_unread_messages)),
    (Method::POST, "/api/chats/{chat_id}/messages/read", Signed(read_unread_messages)),
    (Method::POST, "/api/chats/{chat_id}/read", Signed(mark_read)),
    (Method::POST, "/api/chats/{chat_id}/messages", Signed(send_message)),
];

/// The chat of the path, for a member of it. A chat that doesn't exist has no members.
fn chat_of_member<'a>(work: &Work<'_>, caller: &User, call: &'a CheckedRequest) -> Result<&'a str, Failure> {
    let chat_id = call.path("chat_id")?;
    if chats::is_member(work.db, chat_id, &caller.id)? {
        Ok(chat_id)
    } else {
        Err(Failure::forbidden("Not a participant of this chat"))
    }
}

fn list_messages(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Query {
        limit: i64,
        before: Option<String>,
    }

    let chat_id = chat_of_member(work, caller, call)?;
    let Query { limit, before } = call.query()?;
    let before = match before.as_deref() {
        None | Some("") => i64::MAX,
        Some(before) => python::int(before).ok_or_else(|| Failure::unhandled("before is not an integer"))?,
    };
    Answer::json(&messages::page(work.db, chat_id, before, limit)?)
}

fn list_unread_messages(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let chat_id = chat_of_member(work, caller, call)?;
    Answer::json(&messages::unread(work.db, chat_id, &caller.id)?)
}

fn read_unread_messages(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let chat_id = chat_of_member(work, caller, call)?;
    let unread = messages::unread(work.db, chat_id, &caller.id)?;
    if let Some(last) = unread.last() {
        messages::advance_cursor(work.db, chat_id, &caller.id, last.seq)?;
    }
    Answer::json(&unread)
}

fn mark_read(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        up_to_seq: Number,
    }

    #[derive(Serialize)]
    struct Done {
        status: &'static str,
    }

    let chat_id = chat_of_member(work, caller, call)?;
    let Body { up_to_seq } = call.body()?;
    let up_to_seq = up_to_seq.as_i64().ok_or_else(|| Failure::unhandled("up_to_seq is out of range for a bigint"))?;
    messages::advance_cursor(work.db, chat_id, &caller.id, up_to_seq)?;
    Answer::json(&Done { status: "ok" })
}

fn send_message(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        content: String,
        mentioned_ids: Option<Vec<String>>,
        delivery_scope: DeliveryScope,
        addressed_to_user_ids: Option<Vec<String>>,
        reply_to: Option<String>,
        enforce_caught_up: bool,
    }

    let chat_id = chat_of_member(work, caller, call)?;
    let body: Body = call.body()?;
    if python::strip(&body.content).is_empty() {
        return Err(Failure::bad_request("Content cannot be empty"));
    }
    let addressees = addressees(work, caller, chat_id, body.delivery_scope, body.addressed_to_user_ids)?;
    // One transaction holds both the check and the insert: nothing can arrive in between.
    if body.enforce_caught_up && messages::unread_count(work.db, chat_id, &caller.id)? > 0 {
        return Err(Failure::conflict("Read unread messages before sending."));
    }
    let new = NewMessage {
        chat_id,
        content: &body.content,
        is_notification: false,
        mentioned_ids: body.mentioned_ids.unwrap_or_default(),
        delivery_scope: body.delivery_scope,
        addressed_to_user_ids: addressees,
        reply_to: body.reply_to,
    };
    let message = match deliver(work, caller, new) {
        // The number is taken first, and stays taken.
        Err(refused) if is_refused_text(&refused) => return Ok(Answer::StoredThenCrashed(refused.to_string())),
        delivered => delivered?,
    };
    if body.enforce_caught_up {
        messages::advance_cursor(work.db, chat_id, &caller.id, message.seq)?;
    }
    Answer::json(&message)
}

/// Whom an addressed message is for: every one once, and never the sender.
fn addressees(
    work: &Work<'_>,
    sender: &User,
    chat_id: &str,
    scope: DeliveryScope,
    asked: Option<Vec<String>>,
) -> Result<Vec<String>, Failure> {
    let mut addressees = asked.unwrap_or_default();
    addressees.retain(|id| !id.is_empty());
    match scope {
        DeliveryScope::Broadcast if addressees.is_empty() => return Ok(addressees),
        DeliveryScope::Broadcast => {
            return Err(Failure::bad_request("broadcast messages must not include addressed_to_user_ids"));
        }
        DeliveryScope::Addressed => {}
    }
    let mut seen = HashSet::from([sender.id.clone()]);
    addressees.retain(|id| seen.insert(id.clone()));
    if addressees.is_empty() {
        let detail = "addressed messages require at least one recipient other than the sender";
        return Err(Failure::bad_request(detail));
    }
    for id in &addressees {
        if !chats::is_member(work.db, chat_id, id)? {
            return Err(Failure::bad_request(format!("Addressed recipient is not a chat member: {id}")));
        }
    }
    Ok(addressees)
}

/// Stores a message and wakes whom it wants: if it names some, only those. Who muted the chat is left alone.
pub(super) fn deliver(work: &mut Work<'_>, sender: &User, new: NewMessage<'_>) -> rusqlite::Result<Message> {
    let message = messages::insert(work.db, work.now, sender, new)?;
    let named: Vec<_> = message.mentioned_ids.iter().chain(&message.addressed_to_user_ids).collect();
    for (user_id, kind) in chats::wakeable(work.db, &message.chat_id, &sender.id)? {
        if named.is_empty() || named.contains(&&user_id) {
            work.wake(&user_id, kind);
        }
    }
    Ok(message)
}
