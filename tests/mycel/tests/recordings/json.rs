//! Models in JSON: what is read of a recorded answer by serde alone is what the facade returns for it, and what is written
//! of that is the answer again.

use std::fmt::Debug;

use mycel_sdk::{
    AccountSession, Agent, AgentSummary, Chat, ChatSummary, CreatedChat, ExternalSession, GuestSession, JoinRequest,
    JoinTarget, Membership, Message, Notification, Relationship, StreamedNotification, Task, Thread, Timestamp, User,
    Workflow, WorkflowEvent,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use test_harness::recordings::{read_back, written_as_read};

/// What serde reads of an operation's answer, shown as `call` shows it. `None` where the facade returns no model.
pub fn read(operation: &str, answer: &Value) -> Option<String> {
    let shown = match operation {
        "send_otp"
        | "verify_otp"
        | "mark_messages_read"
        | "mute_chat_member"
        | "delete_workflow"
        | "delete_workflow_event"
        | "delete_task" => return None,
        "complete_register" | "login" => {
            let session = read_back::<AccountSession>(answer);
            format!("{:?}", (&session, session.token.expose_secret()))
        }
        "create_guest_owner" => {
            let session = read_back::<GuestSession>(answer);
            same(&answer["user"], &session.user);
            format!("{:?}", (&session, session.token.expose_secret()))
        }
        "create_external_user" => {
            let session = read_back::<ExternalSession>(answer);
            same(&answer["user"], &session.user);
            format!("{:?}", (&session, session.token.expose_secret()))
        }
        "whoami" => there_and_back::<User>(answer),
        "list_agents" => there_and_back::<Vec<AgentSummary>>(&answer["items"]),
        "create_agent" => {
            let agent = read_back::<Agent>(answer);
            same(answer, &agent);
            format!("{:?}", (&agent, &agent.config.mcp_servers))
        }
        "create_thread" => there_and_back::<Thread>(answer),
        "list_chats" => there_and_back::<Vec<ChatSummary>>(answer),
        "create_chat" => there_and_back::<CreatedChat>(answer),
        "get_chat" => there_and_back::<Chat>(answer),
        "add_chat_member" => there_and_back::<Membership>(answer),
        "list_messages" | "list_unread_messages" | "read_unread_messages" => there_and_back::<Vec<Message>>(answer),
        "send_message" => there_and_back::<Message>(answer),
        "get_join_target" => there_and_back::<JoinTarget>(answer),
        "list_join_requests" => there_and_back::<Vec<JoinRequest>>(answer),
        "request_join" | "approve_join_request" | "reject_join_request" => there_and_back::<JoinRequest>(answer),
        "list_relationships" => there_and_back::<Vec<Relationship>>(answer),
        "request_relationship"
        | "approve_relationship"
        | "reject_relationship"
        | "upgrade_relationship"
        | "revoke_relationship"
        | "downgrade_relationship" => there_and_back::<Relationship>(answer),
        "get_workflow" | "set_workflow" => there_and_back::<Workflow>(answer),
        "list_workflow_events" => by_number(answer, |event: &WorkflowEvent| event.id.as_str()),
        "create_workflow_event" | "get_workflow_event" | "update_workflow_event" => {
            there_and_back::<WorkflowEvent>(answer)
        }
        "list_tasks" => by_number(answer, |task: &Task| task.id.as_str()),
        "create_task" | "get_task" | "update_task" => there_and_back::<Task>(answer),
        "drain_inbox" | "wait_for_inbox" => there_and_back::<Vec<Notification>>(&answer["notifications"]),
        other => {
            panic!("tests/mycel/tests/recordings/json.rs has no model for {other}: say there which one it returns")
        }
    };
    Some(shown)
}

/// What serde reads of a frame of the stream, shown as `Debug` shows it.
pub fn read_frame(frame: &Value) -> String {
    there_and_back::<StreamedNotification>(frame)
}

fn there_and_back<T: DeserializeOwned + Serialize + Debug + PartialEq>(json: &Value) -> String {
    let model: T = read_back(json);
    same(json, &model);
    format!("{model:?}")
}

/// The same for a list that the facade sorts.
fn by_number<T: DeserializeOwned + Serialize + Debug + PartialEq>(json: &Value, id: fn(&T) -> &str) -> String {
    let mut rows: Vec<T> = read_back(json);
    same(json, &rows);
    rows.sort_by_key(|row| id(row).parse().unwrap_or(u64::MAX));
    format!("{rows:?}")
}

fn same<T: DeserializeOwned + Serialize + Debug + PartialEq>(json: &Value, model: &T) {
    written_as_read(json, model, is_same_time);
}

/// Whether it is the same time, which may be written in another way.
fn is_same_time(json: &Value, written: &Value) -> bool {
    let time = |text: &str| text.parse::<Timestamp>().ok();
    match (json, written) {
        (Value::String(text), Value::String(written)) => time(text).is_some_and(|text| Some(text) == time(written)),
        // `retracted_at`, which the backend writes in either way.
        (Value::Number(number), Value::String(written)) => {
            let millis = number.as_f64().map(|seconds| (seconds * 1000.0) as i64);
            millis.is_some() && millis == time(written).map(|time| time.as_millisecond())
        }
        _ => false,
    }
}
