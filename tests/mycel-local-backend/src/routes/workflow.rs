//! A chat's workflow and its events.

use axum::http::Method;
use local_backend_kit::CheckedRequest;
use serde::Deserialize;
use serde_json::{Map, Number, Value, json};

use super::{Deleted, Handler::Signed, Route, chats::chat_of_participant};
use crate::{
    app::Work,
    error::{Answer, Failure},
    store::{
        chats,
        users::{self, User},
        workflows::{self, Event, Workflow},
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/api/chats/{chat_id}/workflow", Signed(get_chat_workflow)),
    (Method::PUT, "/api/chats/{chat_id}/workflow", Signed(set_chat_workflow)),
    (Method::DELETE, "/api/chats/{chat_id}/workflow", Signed(delete_chat_workflow)),
    (Method::GET, "/api/chats/{chat_id}/workflow/events", Signed(list_chat_workflow_events)),
    (Method::POST, "/api/chats/{chat_id}/workflow/events", Signed(create_chat_workflow_event)),
    (Method::GET, "/api/chats/{chat_id}/workflow/events/{event_id}", Signed(get_chat_workflow_event)),
    (Method::PATCH, "/api/chats/{chat_id}/workflow/events/{event_id}", Signed(update_chat_workflow_event)),
    (Method::DELETE, "/api/chats/{chat_id}/workflow/events/{event_id}", Signed(delete_chat_workflow_event)),
];

/// The state that a workflow has if none is given.
const FIRST_STATE: &str = "active";

/// The state of a new event.
const FIRST_EVENT_STATE: &str = "open";

/// A state that was given, or the first one if it is empty.
fn state_or(first: &str, given: String) -> String {
    if given.is_empty() { first.to_owned() } else { given }
}

/// Whether the version that a caller expects, if any, is not the one there is.
fn is_stale(expected: Option<&Number>, actual: Option<i64>) -> bool {
    expected.is_some_and(|expected| expected.as_i64() != actual || actual.is_none())
}

fn get_chat_workflow(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let chat = chat_of_participant(work, caller, call)?;
    let workflow = workflows::find(work.db, &chat.id)?;
    Answer::json(&workflow.ok_or_else(|| Failure::not_found("Chat workflow not found"))?)
}

fn set_chat_workflow(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        kind: String,
        state: String,
        config: Map<String, Value>,
        expected_state_version: Option<Number>,
    }

    let chat = chat_of_participant(work, caller, call)?;
    let body: Body = call.body()?;
    let existing = workflows::find(work.db, &chat.id)?;
    let version = existing.as_ref().map(|workflow| workflow.state_version);
    if is_stale(body.expected_state_version.as_ref(), version) {
        return Err(Failure::conflict_with(json!({
            "error": "stale_chat_workflow_state_version",
            "chat_id": chat.id,
            "expected_state_version": body.expected_state_version,
            "actual_state_version": version,
        })));
    }
    let workflow = Workflow {
        chat_id: chat.id,
        kind: body.kind,
        state: state_or(FIRST_STATE, body.state),
        config: body.config,
        state_version: version.map_or(0, |version| version + 1),
        updated_by_user_id: Some(caller.id.clone()),
        created_at: existing.map_or(work.now, |workflow| workflow.created_at),
        updated_at: Some(work.now),
    };
    workflows::replace(work.db, &workflow)?;
    Answer::json(&workflow)
}

fn delete_chat_workflow(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let chat = chat_of_participant(work, caller, call)?;
    workflows::delete(work.db, &chat.id)?;
    Answer::json(&Deleted::default())
}

fn list_chat_workflow_events(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let chat = chat_of_participant(work, caller, call)?;
    Answer::json(&workflows::events(work.db, &chat.id)?)
}

fn event_of_path(work: &Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Event, Failure> {
    let chat = chat_of_participant(work, caller, call)?;
    let event = workflows::find_event(work.db, &chat.id, call.path("event_id")?)?;
    event.ok_or_else(|| Failure::not_found("Chat workflow event not found"))
}

fn get_chat_workflow_event(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    Answer::json(&event_of_path(work, caller, call)?)
}

fn create_chat_workflow_event(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        kind: String,
        resource_refs: Vec<Value>,
        requested_by_user_id: Option<String>,
        decision_states: Map<String, Value>,
        rationales: Map<String, Value>,
        final_state: Map<String, Value>,
        metadata: Map<String, Value>,
    }

    let chat = chat_of_participant(work, caller, call)?;
    let body: Body = call.body()?;
    let Some(requested_by) = body.requested_by_user_id else {
        return Err(Failure::unhandled("Workflow event change requires requested_by_user_id"));
    };
    let mut event = Event {
        event_id: workflows::next_event_id(work.db, &chat.id)?,
        chat_id: chat.id,
        kind: body.kind,
        state: FIRST_EVENT_STATE.to_owned(),
        resource_refs: body.resource_refs,
        requested_by_user_id: Some(requested_by.clone()),
        decision_states: body.decision_states,
        rationales: body.rationales,
        final_state: body.final_state,
        metadata: body.metadata,
        state_version: 0,
        created_at: work.now,
        updated_at: Some(work.now),
        settled_at: None,
    };
    workflows::replace_event(work.db, &event)?;
    tell_members(work, &event, &requested_by, "created")?;
    // The answer shows what was asked for, before the database has dated it.
    event.updated_at = None;
    Answer::json(&event)
}

fn update_chat_workflow_event(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        state: Option<String>,
        decision_states: Option<Map<String, Value>>,
        rationales: Option<Map<String, Value>>,
        final_state: Option<Map<String, Value>>,
        metadata: Option<Map<String, Value>>,
        settled_at: Option<f64>,
        expected_state_version: Option<Number>,
    }

    let mut event = event_of_path(work, caller, call)?;
    let body: Body = call.body()?;
    if is_stale(body.expected_state_version.as_ref(), Some(event.state_version)) {
        return Err(Failure::conflict_with(json!({
            "error": "stale_chat_workflow_event_state_version",
            "chat_id": event.chat_id,
            "event_id": event.event_id,
            "expected_state_version": body.expected_state_version,
            "actual_state_version": event.state_version,
        })));
    }
    // A field that is null is left as it is, and a map that is given replaces the whole one.
    event.state = body.state.map_or(event.state, |state| state_or(FIRST_EVENT_STATE, state));
    event.decision_states = body.decision_states.unwrap_or(event.decision_states);
    event.rationales = body.rationales.unwrap_or(event.rationales);
    event.final_state = body.final_state.unwrap_or(event.final_state);
    event.metadata = body.metadata.unwrap_or(event.metadata);
    event.settled_at = body.settled_at.or(event.settled_at);
    event.state_version += 1;
    event.updated_at = Some(work.now);
    workflows::replace_event(work.db, &event)?;
    tell_members(work, &event, &caller.id, "updated")?;
    Answer::json(&event)
}

fn delete_chat_workflow_event(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    let chat = chat_of_participant(work, caller, call)?;
    workflows::delete_event(work.db, &chat.id, call.path("event_id")?)?;
    Answer::json(&Deleted::default())
}

/// Puts a notification of what `actor_id` did into the inbox of every other member.
fn tell_members(work: &mut Work<'_>, event: &Event, actor_id: &str, operation: &str) -> Result<(), Failure> {
    let members = chats::members(work.db, &event.chat_id)?;
    let actor = users::find(work.db, actor_id)?;
    let correlation_id = format!("workflow:{}:{}", event.chat_id, event.event_id);
    let delivery_id = format!("{correlation_id}:{}", event.state_version);
    let told = json!({
        "event_type": "chat.workflow.event",
        "sender_id": actor_id,
        "sender_name": actor.map(|actor| actor.name),
        "summary": format!("Workflow event {} was {operation} and is {}.", event.kind, event.state),
        "chat_id": event.chat_id,
        "event_id": event.event_id,
        "kind": event.kind,
        "operation": operation,
        "actor_user_id": actor_id,
        "resource_refs": event.resource_refs,
        "state": event.state,
        "state_version": event.state_version,
        "delivery_id": delivery_id,
        "correlation_id": correlation_id,
        "idempotency_key": delivery_id,
        "notification_type": "workflow_event",
        "source": "external",
    });
    for member in members.iter().filter(|member| member.id != actor_id) {
        work.notify(&member.id, &told)?;
    }
    Ok(())
}
