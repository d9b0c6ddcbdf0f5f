//! What there is to be seen.

use serde_json::{Map, Value, json};

use crate::clients::Invocation;

/// A call that changes nothing, and what it shows.
pub struct View {
    pub name: String,
    pub call: Invocation,
}

/// What every actor can see of itself.
const OWN: [&str; 3] = ["me.whoami", "chats.list", "relationships.list"];

/// What every actor can see of a chat, or is refused.
const OF_ALL: [&str; 2] = ["messages.unread", "chats.join_target"];

/// What is the same for all members, and is looked at by the one who made the chat.
const OF_ONE: [&str; 6] = [
    "chats.get",
    "messages.list",
    "chats.list_join_requests",
    "chats.get_workflow",
    "chats.list_workflow_events",
    "chats.list_tasks",
];

/// Everything, for these actors and these chats with their makers.
pub fn views(actors: &[String], chats: &[(String, String)]) -> Vec<View> {
    let mut views = Vec::new();
    for actor in actors {
        views.extend(OWN.map(|call| View::new(actor, call, None)));
    }
    for (chat, maker) in chats {
        for actor in actors {
            views.extend(OF_ALL.map(|call| View::new(actor, call, Some(chat))));
        }
        views.extend(OF_ONE.map(|call| View::new(maker, call, Some(chat))));
    }
    views
}

impl View {
    fn new(actor: &str, call: &str, chat: Option<&String>) -> Self {
        let arguments = match chat {
            None => Map::new(),
            Some(chat) => Map::from_iter([("chat_id".to_owned(), json!(format!("{{{chat}.id}}")))]),
        };
        let of = chat.map(|chat| format!(" of {chat}")).unwrap_or_default();
        let name = format!("{call}{of} as {actor}");
        Self { name, call: Invocation { actor: Some(actor.to_owned()), call: call.to_owned(), arguments } }
    }
}

/// What lists are sorted by, where the backend promises no order or ours is another one.
pub fn order(call: &str) -> Option<&'static str> {
    match call {
        "chats.list" => Some("created_at"),
        "relationships.list" | "chats.list_tasks" => Some("id"),
        "chats.list_workflow_events" => Some("event_id"),
        _ => None,
    }
}

/// Whether a call's result is no more than that it was done. The backend puts this in several ways, and ours in none.
pub fn only_done(call: &str) -> bool {
    matches!(
        call,
        "chats.mute_member"
            | "chats.unmute_member"
            | "chats.delete_workflow"
            | "chats.delete_workflow_event"
            | "chats.delete_task"
            | "generated.mark_read"
    )
}

/// The list that a result is about, where it is wrapped and counted.
pub fn unwrapped(result: &Value) -> Option<&Vec<Value>> {
    let list = result.get("notifications")?.as_array()?;
    (result.get("count")?.as_u64()? == list.len() as u64).then_some(list)
}
