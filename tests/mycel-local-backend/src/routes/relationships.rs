//! Relationships: asked for, visited, hired.

use axum::http::Method;
use local_backend_kit::{CheckedRequest, clock};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Handler::Signed, Route};
use crate::{
    app::Work,
    error::{Answer, Failure},
    store::{
        relationships::{self, Relationship},
        users::{self, User},
    },
};

pub(super) const ROUTES: &[Route] = &[
    (Method::GET, "/api/relationships", Signed(list_relationships)),
    (Method::POST, "/api/relationships/request", Signed(request_relationship)),
    (Method::POST, "/api/relationships/{relationship_id}/approve", Signed(|w, u, c| act(w, u, c, Event::Approve))),
    (Method::POST, "/api/relationships/{relationship_id}/reject", Signed(|w, u, c| act(w, u, c, Event::Reject))),
    (Method::POST, "/api/relationships/{relationship_id}/upgrade", Signed(|w, u, c| act(w, u, c, Event::Upgrade))),
    (Method::POST, "/api/relationships/{relationship_id}/revoke", Signed(|w, u, c| act(w, u, c, Event::Revoke))),
    (Method::POST, "/api/relationships/{relationship_id}/downgrade", Signed(|w, u, c| act(w, u, c, Event::Downgrade))),
];

/// What can be done to a relationship.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Request,
    Approve,
    Reject,
    Upgrade,
    Revoke,
    Downgrade,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Upgrade => "upgrade",
            Self::Revoke => "revoke",
            Self::Downgrade => "downgrade",
        }
    }
}

/// The state that `event` leads to, if it may happen in `state`. `initiator` is whether the one who wants it asked for
/// the relationship.
fn next_state(state: &str, event: Event, initiator: bool) -> Option<&'static str> {
    match (state, event) {
        ("pending", Event::Approve) if !initiator => Some("visit"),
        ("pending", Event::Reject) if !initiator => Some("none"),
        ("pending", Event::Revoke) if initiator => Some("none"),
        ("visit", Event::Upgrade) => Some("hire"),
        ("hire", Event::Downgrade) => Some("visit"),
        ("visit" | "hire", Event::Revoke) => Some("none"),
        _ => None,
    }
}

fn invalid_transition(state: &str, event: Event, initiator: bool) -> Failure {
    Failure::conflict(format!(
        "Invalid transition: state='{state}' event='{}' requester_is_initiator={}",
        event.name(),
        // As Python writes it.
        if initiator { "True" } else { "False" }
    ))
}

/// A relationship as one of the two sees it.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    other_user_id: &'a str,
    state: &'a str,
    is_requester: bool,
    message: Option<&'a str>,
    created_at: String,
    updated_at: String,
}

impl<'a> Shown<'a> {
    fn to(viewer: &User, relationship: &'a Relationship) -> Self {
        Self {
            id: &relationship.id,
            other_user_id: relationship.other_party(&viewer.id).unwrap_or_default(),
            state: &relationship.state,
            is_requester: relationship.state == "pending" && relationship.initiator_user_id == viewer.id,
            message: relationship.message.as_deref(),
            created_at: clock::iso(relationship.created_at),
            updated_at: clock::iso(relationship.updated_at),
        }
    }
}

fn list_relationships(work: &mut Work<'_>, caller: &User, _: &CheckedRequest) -> Result<Answer, Failure> {
    let relationships = relationships::of_user(work.db, &caller.id)?;
    Answer::json(&relationships.iter().map(|relationship| Shown::to(caller, relationship)).collect::<Vec<_>>())
}

fn request_relationship(work: &mut Work<'_>, caller: &User, call: &CheckedRequest) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    struct Body {
        target_user_id: String,
        message: Option<String>,
    }

    let Body { target_user_id, message } = call.body()?;
    if target_user_id == caller.id {
        return Err(Failure::bad_request("Cannot request relationship with yourself"));
    }
    let requested = Relationship::requested(work.now, &caller.id, &target_user_id, message);
    if let Some(existing) = relationships::find(work.db, &requested.id)? {
        let initiator = existing.initiator_user_id == caller.id;
        return Err(invalid_transition(&existing.state, Event::Request, initiator));
    }
    relationships::insert(work.db, &requested)?;
    // The real backend stores the row first and stumbles over the missing user when it wants to tell them.
    if users::find(work.db, &target_user_id)?.is_none() {
        return Ok(Answer::StoredThenCrashed(format!("there is no user {target_user_id}")));
    }

    let said = requested.message.as_deref().filter(|message| !message.is_empty());
    let said = said.map(|message| format!("Message: {message} ")).unwrap_or_default();
    let told = json!({
        "event_type": "relationship.requested",
        "sender_id": caller.id,
        "sender_name": caller.name,
        "summary": format!(
            "{} requested a relationship with you. {said}Review the pending relationship request in Mycel, then \
             approve or reject it.",
            caller.name
        ),
        "relationship_id": requested.id,
        "notification_type": "relationship",
        "source": "external",
    });
    work.notify(&target_user_id, &told)?;
    Answer::json(&Shown::to(caller, &requested))
}

fn act(work: &mut Work<'_>, caller: &User, call: &CheckedRequest, event: Event) -> Result<Answer, Failure> {
    let id = call.path("relationship_id")?;
    let mut relationship =
        relationships::find(work.db, id)?.ok_or_else(|| Failure::not_found("Relationship not found"))?;
    let other = relationship.other_party(&caller.id).map(str::to_owned);
    let other = other.ok_or_else(|| Failure::forbidden("Not a party of this relationship"))?;
    let initiator = relationship.initiator_user_id == caller.id;
    if initiator && matches!(event, Event::Approve | Event::Reject) {
        return Err(Failure::conflict(format!("Cannot {} your own request", event.name())));
    }
    let state = next_state(&relationship.state, event, initiator)
        .ok_or_else(|| invalid_transition(&relationship.state, event, initiator))?;

    if state == "none" {
        relationships::delete(work.db, id)?;
    } else {
        relationships::set_state(work.db, work.now, id, state)?;
    }
    state.clone_into(&mut relationship.state);
    relationship.updated_at = work.now;
    if let Some(past) = told_in_the_past_tense(event) {
        let told = json!({
            "event_type": format!("relationship.{past}"),
            "sender_id": caller.id,
            "sender_name": caller.name,
            "summary": format!("{} {past} your relationship request.", caller.name),
            "relationship_id": relationship.id,
            "event": event.name(),
            "state": state,
            "notification_type": "relationship",
            "source": "external",
        });
        work.notify(&other, &told)?;
    }
    Answer::json(&Shown::to(caller, &relationship))
}

/// What the other one is told of `event`, if anything.
fn told_in_the_past_tense(event: Event) -> Option<&'static str> {
    match event {
        Event::Approve => Some("approved"),
        Event::Reject => Some("rejected"),
        Event::Request | Event::Upgrade | Event::Revoke | Event::Downgrade => None,
    }
}
