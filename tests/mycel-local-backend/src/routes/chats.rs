//! Chats: list, open, create.

use axum::http::Method;
use local_backend_kit::CheckedRequest;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Handler::Signed, Route};
use crate::{
    app::Work,
    error::{Answer, Failure},
    store::{
        chats::{self, Chat, ChatType, Member},
        messages, relationships,
        users::{self, User},
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/api/chats", Signed(list_chats)),
    (Method::POST, "/api/chats", Signed(create_chat)),
    (Method::GET, "/api/chats/{chat_id}", Signed(get_chat)),
    (Method::POST, "/api/chats/{chat_id}/mute", Signed(mute_chat)),
];

fn list_chats(work: &mut Work<'_>, caller: &User, _: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Serialize)]
    struct Summary {
        id: String,
        title: String,
        status: String,
        created_at: f64,
        updated_at: f64,
        avatar_url: Option<String>,
        members: Vec<Member>,
        last_message: Option<LastMessage>,
        unread_count: i64,
    }

    #[derive(Serialize)]
    struct LastMessage {
        id: String,
        content: String,
        sender_name: String,
        seq: i64,
        created_at: f64,
    }

    let mut summaries = Vec::new();
    for chat in chats::of_member(work.db, &caller.id)? {
        let members = chats::members(work.db, &chat.id)?;
        let title = projected_title(&chat, &members, caller).map_err(Failure::unhandled)?;
        let last_message = messages::latest(work.db, &chat.id)?.map(|message| LastMessage {
            id: message.id,
            content: message.content,
            sender_name: message.sender_name,
            seq: message.seq,
            created_at: message.created_at,
        });
        summaries.push(Summary {
            title,
            unread_count: messages::unread_count(work.db, &chat.id, &caller.id)?,
            id: chat.id,
            status: chat.status,
            created_at: chat.created_at,
            updated_at: chat.updated_at,
            avatar_url: None,
            members,
            last_message,
        });
    }
    Answer::json(&summaries)
}

/// The title that `viewer` sees: the chat's own, else the names of the others.
///
/// # Errors
///
/// If there is neither, which breaks whatever wanted to show the chat.
pub(super) fn projected_title(chat: &Chat, members: &[Member], viewer: &User) -> Result<String, String> {
    if let Some(title) = chat.title.as_deref().filter(|title| !title.is_empty()) {
        return Ok(title.to_owned());
    }
    let others: Vec<_> =
        members.iter().filter(|member| member.id != viewer.id).map(|member| member.name.as_str()).collect();
    if others.is_empty() {
        return Err(format!("Chat {} has no projectable title", chat.id));
    }
    Ok(others.join(", "))
}

fn get_chat(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Serialize)]
    struct Detail {
        id: String,
        #[serde(rename = "type")]
        kind: ChatType,
        title: Option<String>,
        status: String,
        created_by_user_id: String,
        created_at: f64,
        members: Vec<Member>,
    }

    let chat = chat_of_participant(work, caller, call)?;
    Answer::json(&Detail {
        members: chats::members(work.db, &chat.id)?,
        id: chat.id,
        kind: chat.kind,
        title: chat.title,
        status: chat.status,
        created_by_user_id: chat.created_by_user_id,
        created_at: chat.created_at,
    })
}

/// The chat of the path.
pub(super) fn chat_of_path(work: &Work<'_>, call: &CheckedRequest) -> Result<Chat, Failure> {
    chats::find(work.db, call.path("chat_id")?)?.ok_or_else(|| Failure::not_found("Chat not found"))
}

/// The chat of the path, for a member of it.
pub(super) fn chat_of_participant(work: &Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Chat, Failure> {
    let chat = chat_of_path(work, call)?;
    if !chats::is_member(work.db, &chat.id, &caller.id)? {
        return Err(Failure::forbidden("Not a participant of this chat"));
    }
    Ok(chat)
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WantedKind {
    Auto,
    Direct,
    Group,
}

fn create_chat(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        user_ids: Vec<String>,
        title: Option<String>,
        kind: WantedKind,
    }

    #[derive(Serialize)]
    struct Created {
        id: String,
        title: Option<String>,
        status: String,
        created_at: f64,
    }

    let Body { user_ids, title, kind } = call.body()?;
    let others = participants(work, caller, user_ids)?;
    let chat = match (kind, others.as_slice()) {
        (WantedKind::Auto | WantedKind::Direct, []) => {
            return Err(Failure::bad_request("Chat must include at least one other participant"));
        }
        (WantedKind::Auto | WantedKind::Direct, [other]) => match chats::find_direct(work.db, &caller.id, &other.id)? {
            Some(chat) => chat,
            None => store_chat(work, caller, &others, ChatType::Direct, title)?,
        },
        (WantedKind::Direct, _) => return Err(Failure::bad_request("Use create_group_chat() for 3+ users")),
        (WantedKind::Auto | WantedKind::Group, _) => {
            require_acquaintance(work, caller, &others)?;
            store_chat(work, caller, &others, ChatType::Group, title)?
        }
    };
    Answer::json(&Created { id: chat.id, title: chat.title, status: chat.status, created_at: chat.created_at })
}

/// The users that `ids` name, each once.
fn participants(work: &Work<'_>, caller: &User, ids: Vec<String>) -> Result<Vec<User>, Failure> {
    let mut participants: Vec<User> = Vec::with_capacity(ids.len());
    for id in ids {
        if participants.iter().all(|participant| participant.id != id) {
            participants.push(participant(work, caller, &id)?);
        }
    }
    Ok(participants)
}

/// Somebody else whom the caller wants in a chat.
pub(super) fn participant(work: &Work<'_>, caller: &User, id: &str) -> Result<User, Failure> {
    if id == caller.id {
        return Err(Failure::bad_request("Chat participant ids must not include the authenticated user"));
    }
    users::find(work.db, id)?.ok_or_else(|| Failure::bad_request(format!("Unknown chat participant id: {id}")))
}

/// Checks that `caller` knows each of `others` well enough for a group: as kin by ownership, or by a relationship with
/// them or with their owner.
fn require_acquaintance(work: &Work<'_>, caller: &User, others: &[User]) -> Result<(), Failure> {
    for other in others {
        let owner = other.owner_user_id.as_deref();
        let is_own = owner == Some(caller.id.as_str());
        let is_sibling = owner.is_some() && owner == caller.owner_user_id.as_deref();
        let mut knows = is_own || is_sibling || relationships::are_connected(work.db, &caller.id, &other.id)?;
        if let (false, Some(owner)) = (knows, owner) {
            knows = relationships::are_connected(work.db, &caller.id, owner)?;
        }
        if !knows {
            let detail = format!("Active relationship required for group chat participant: {}", other.id);
            return Err(Failure::bad_request(detail));
        }
    }
    Ok(())
}

fn store_chat(
    work: &Work<'_>,
    creator: &User,
    others: &[User],
    kind: ChatType,
    title: Option<String>,
) -> Result<Chat, Failure> {
    let chat = Chat {
        id: Uuid::new_v4().to_string(),
        kind,
        title,
        status: "active".to_owned(),
        created_by_user_id: creator.id.clone(),
        created_at: work.now,
        updated_at: work.now,
    };
    chats::insert(work.db, &chat)?;
    for member in [creator].into_iter().chain(others) {
        chats::add_member(work.db, &chat.id, &member.id)?;
    }
    Ok(chat)
}

fn mute_chat(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        user_id: String,
        muted: bool,
        mute_until: Option<f64>,
    }

    #[derive(Serialize)]
    struct Muted {
        status: &'static str,
        muted: bool,
    }

    let Body { user_id, muted, mute_until } = call.body()?;
    let user = users::find(work.db, &user_id)?.ok_or_else(|| Failure::forbidden("User not found"))?;
    if user.id != caller.id && user.owner_user_id.as_deref() != Some(caller.id.as_str()) {
        return Err(Failure::forbidden("User does not belong to you"));
    }
    // The real backend hands its database a text for a number here. Zero is no time to it, and does no harm.
    if mute_until.is_some_and(|until| until != 0.0) {
        return Err(Failure::unhandled("mute_until is a text where the database wants a number"));
    }
    chats::set_muted(work.db, call.path("chat_id")?, &user.id, muted)?;
    Answer::json(&Muted { status: "ok", muted })
}
