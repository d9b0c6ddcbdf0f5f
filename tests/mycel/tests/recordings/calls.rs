//! The facade's method for each operation, with arguments that do not matter.

use std::time::Duration;

use mycel_sdk::{Client, Error, Message};

/// Calls it, and returns all that the model holds, as text; tokens too, since they are none of anybody.
pub async fn call(client: &Client, operation: &str, message: &Message) -> Result<String, Error> {
    macro_rules! shown {
        ($call:expr) => {
            $call.await.map(|model| format!("{model:?}"))
        };
    }
    macro_rules! shown_with_token {
        ($call:expr) => {
            $call.await.map(|session| format!("{session:?} {:?}", session.token.expose_secret()))
        };
    }
    match operation {
        "send_otp" => shown!(client.auth().send_otp("ada@example.com", "correct horse", "INVITE")),
        "verify_otp" => {
            let token = client.auth().verify_otp("ada@example.com", "000000").await;
            token.map(|token| format!("{:?}", token.expose_secret()))
        }
        "complete_register" => shown_with_token!(client.auth().complete_register("temp", "INVITE")),
        "login" => shown_with_token!(client.auth().login("ada@example.com", "correct horse")),
        "create_guest_owner" => shown_with_token!(client.auth().create_guest_owner()),
        "whoami" => shown!(client.me().whoami()),
        "create_external_user" => shown_with_token!(client.users().create_external("codex", "Codex")),
        "list_agents" => shown!(client.agents().list()),
        "create_agent" => shown!(client.agents().create("Morel")),
        "create_thread" => shown!(client.threads().create("m_1")),
        "list_chats" => shown!(client.chats().list()),
        "create_chat" => shown!(client.chats().ensure_direct("codex")),
        "get_chat" => shown!(client.chats().get("c")),
        "add_chat_member" => shown!(client.chats().add_member("c", "codex")),
        "mute_chat_member" => shown!(client.chats().mute_member("c", "codex")),
        "list_messages" => shown!(client.messages().list("c")),
        "list_unread_messages" => shown!(client.messages().unread("c")),
        "read_unread_messages" => shown!(client.messages().read("c")),
        "mark_messages_read" => shown!(client.messages().mark_read(message)),
        "send_message" => shown!(client.messages().send("c", "hello")),
        "get_join_target" => shown!(client.join_requests().target("c")),
        "list_join_requests" => shown!(client.join_requests().list("c")),
        "request_join" => shown!(client.join_requests().request("c")),
        "approve_join_request" => shown!(client.join_requests().approve("c", "j")),
        "reject_join_request" => shown!(client.join_requests().reject("c", "j")),
        "list_relationships" => shown!(client.relationships().list()),
        "request_relationship" => shown!(client.relationships().request("codex")),
        "approve_relationship" => shown!(client.relationships().approve("r")),
        "reject_relationship" => shown!(client.relationships().reject("r")),
        "upgrade_relationship" => shown!(client.relationships().upgrade("r")),
        "revoke_relationship" => shown!(client.relationships().revoke("r")),
        "downgrade_relationship" => shown!(client.relationships().downgrade("r")),
        "get_workflow" => shown!(client.workflows().get("c")),
        "set_workflow" => shown!(client.workflows().set("c", "review")),
        "delete_workflow" => shown!(client.workflows().delete("c")),
        "list_workflow_events" => shown!(client.workflow_events().list("c")),
        "create_workflow_event" => shown!(client.workflow_events().create("c", "review", "codex")),
        "get_workflow_event" => shown!(client.workflow_events().get("c", "1")),
        "update_workflow_event" => shown!(client.workflow_events().update("c", "1")),
        "delete_workflow_event" => shown!(client.workflow_events().delete("c", "1")),
        "list_tasks" => shown!(client.tasks().list("c")),
        "create_task" => shown!(client.tasks().create("c", "Review")),
        "get_task" => shown!(client.tasks().get("c", "1")),
        "update_task" => shown!(client.tasks().update("c", "1")),
        "delete_task" => shown!(client.tasks().delete("c", "1")),
        "drain_inbox" => shown!(client.notifications().drain()),
        "wait_for_inbox" => shown!(client.notifications().wait(Duration::from_secs(1))),
        other => panic!("no method for {other} here"),
    }
}
