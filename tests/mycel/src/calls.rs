//! The facade's method for each operation.

use std::fmt::Debug;
use std::time::Duration;

use mycel_sdk::{Client, Error, Message};
use serde_json::json;
use test_harness::{Peer, Reply};

/// A method for each operation, with arguments that do not matter but for the ids in its path. What a model's `Debug`
/// keeps to itself is shown by a closure.
macro_rules! calls {
    (
        |$client:ident, $first:ident, $second:ident, $message:ident|
        $($operation:literal => $call:expr $(; $shown:expr)?,)*
    ) => {
        /// The operations that there is a method for.
        pub const CALLED: &[&str] = &[$($operation),*];

        /// Calls an operation by its name, with these ids in its path, in their order. All that the model holds is
        /// returned as text; tokens too, since they are none of anybody.
        ///
        /// The message is for what marks one as read: it is in the chat of the path then.
        ///
        /// # Errors
        ///
        /// As the call.
        pub async fn call(
            $client: &Client,
            operation: &str,
            [$first, $second]: [&str; 2],
            $message: &Message,
        ) -> Result<String, Error> {
            match operation {
                $($operation => $call.await.map(calls!(@show $($shown)?)),)*
                other => panic!("tests/mycel/src/calls.rs has no method for {other}: say there which one calls it"),
            }
        }
    };
    (@show) => { shown };
    (@show $shown:expr) => { $shown };
}

fn shown(model: impl Debug) -> String {
    format!("{model:?}")
}

calls! { |client, first, second, message|
    "send_otp" => client.auth().send_otp("ada@example.com", "correct horse", "INVITE"),
    "verify_otp" => client.auth().verify_otp("ada@example.com", "000000"); |token| shown(token.expose_secret()),
    "complete_register" => client.auth().complete_register("temp", "INVITE");
        |session| shown((&session, session.token.expose_secret())),
    "login" => client.auth().login("ada@example.com", "correct horse");
        |session| shown((&session, session.token.expose_secret())),
    "create_guest_owner" => client.auth().create_guest_owner();
        |session| shown((&session, session.token.expose_secret())),
    "whoami" => client.me().whoami(),
    "create_external_user" => client.users().create_external("codex", "Codex");
        |session| shown((&session, session.token.expose_secret())),
    "list_agents" => client.agents().list(),
    "create_agent" => client.agents().create("Morel"); |agent| shown((&agent, &agent.config.mcp_servers)),
    "create_thread" => client.threads().create("m_1"),
    "list_chats" => client.chats().list(),
    "create_chat" => client.chats().ensure_direct("codex"),
    "get_chat" => client.chats().get(first),
    "add_chat_member" => client.chats().add_member(first, "codex"),
    "mute_chat_member" => client.chats().mute_member(first, "codex"),
    "list_messages" => client.messages().list(first),
    "list_unread_messages" => client.messages().unread(first),
    // In whose place it is, and whose answer it has.
    "read_unread_messages" => client.messages().unread(first),
    "mark_messages_read" => client.messages().mark_read(message),
    "send_message" => client.messages().send(first, "hello"),
    "get_join_target" => client.join_requests().target(first),
    "list_join_requests" => client.join_requests().list(first),
    "request_join" => client.join_requests().request(first),
    "approve_join_request" => client.join_requests().approve(first, second),
    "reject_join_request" => client.join_requests().reject(first, second),
    "list_relationships" => client.relationships().list(),
    "request_relationship" => client.relationships().request("codex"),
    "approve_relationship" => client.relationships().approve(first),
    "reject_relationship" => client.relationships().reject(first),
    "upgrade_relationship" => client.relationships().upgrade(first),
    "revoke_relationship" => client.relationships().revoke(first),
    "downgrade_relationship" => client.relationships().downgrade(first),
    "get_workflow" => client.workflows().get(first),
    "set_workflow" => client.workflows().set(first, "review").config(json!({})),
    "delete_workflow" => client.workflows().delete(first),
    "list_workflow_events" => client.workflow_events().list(first),
    "create_workflow_event" => client.workflow_events().create(first, "review", "codex"),
    "get_workflow_event" => client.workflow_events().get(first, second),
    "update_workflow_event" => client.workflow_events().update(first, second),
    "delete_workflow_event" => client.workflow_events().delete(first, second),
    "list_tasks" => client.tasks().list(first),
    "create_task" => client.tasks().create(first, "Review"),
    "get_task" => client.tasks().get(first, second),
    "update_task" => client.tasks().update(first, second),
    "delete_task" => client.tasks().delete(first, second),
    "drain_inbox" => client.notifications().drain(),
    "wait_for_inbox" => client.notifications().wait(Duration::from_millis(1)),
}

/// The operations that no method of the facade sends, and what it does instead.
pub const NOT_SENT: &[(&str, &str)] =
    &[("read_unread_messages", "what a lost answer held would be read; `read` is `unread` and `mark_read`")];

/// Whether a method of the facade sends it.
pub fn is_sent(operation: &str) -> bool {
    NOT_SENT.iter().all(|(name, _)| *name != operation)
}

/// A message in a chat with this id. It can only be had from a backend, so one answers with it.
pub async fn message_in(chat: &str) -> Message {
    let page = json!([{"id": "m", "chat_id": chat, "sender_id": "u", "sender_name": "U", "content": "x",
        "message_type": "human", "mentioned_ids": [], "seq": 1, "created_at": 1.5}]);
    let peer = Peer::start([Reply::json("200 OK", &page.to_string())]).await;
    Client::builder(peer.url()).build().unwrap().messages().list("c").await.unwrap().remove(0)
}
