//! What our client returns, in the form that the backend has it: what the official client hands on as it came.

use mycel_sdk::{
    Chat, ChatSummary, CreatedChat, ExternalSession, GuestSession, JoinRequest, JoinTarget, LastMessage, Member,
    Membership, Message, Notification, Relationship, Task, Timestamp, User, Workflow, WorkflowEvent,
};
use serde_json::{Value, json};

/// A result that has the form of the backend. Points in time are nanoseconds since 1970.
pub trait Shown {
    fn shown(&self) -> Value;
}

impl Shown for () {
    fn shown(&self) -> Value {
        Value::Null
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(&self) -> Value {
        self.iter().map(T::shown).collect()
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::shown)
    }
}

impl Shown for Timestamp {
    fn shown(&self) -> Value {
        self.as_nanosecond().to_string().into()
    }
}

impl Shown for User {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "type": self.kind.as_str(), "is_guest": self.is_guest,
            "email": self.email, "mycel_id": self.mycel_id, "avatar": self.avatar,
        })
    }
}

impl Shown for GuestSession {
    fn shown(&self) -> Value {
        json!({"token": self.token.expose_secret(), "user": self.user.shown()})
    }
}

impl Shown for ExternalSession {
    fn shown(&self) -> Value {
        let user = json!({
            "id": self.user.id, "name": self.user.name, "type": self.user.kind.as_str(),
            "created_by_user_id": self.user.created_by,
        });
        json!({"token": self.token.expose_secret(), "user": user})
    }
}

impl Shown for Member {
    fn shown(&self) -> Value {
        json!({"id": self.id, "name": self.name, "type": self.kind.as_str(), "avatar_url": self.avatar_url})
    }
}

impl Shown for Chat {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "type": self.kind.as_str(), "title": self.title, "status": self.status.as_str(),
            "created_by_user_id": self.created_by, "created_at": self.created_at.shown(),
            "members": self.members.shown(),
        })
    }
}

impl Shown for CreatedChat {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "title": self.title, "status": self.status.as_str(), "created_at": self.created_at.shown(),
        })
    }
}

impl Shown for ChatSummary {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "title": self.title, "status": self.status.as_str(), "created_at": self.created_at.shown(),
            "updated_at": self.updated_at.shown(), "avatar_url": self.avatar_url, "members": self.members.shown(),
            "last_message": self.last_message.shown(), "unread_count": self.unread_count,
        })
    }
}

impl Shown for LastMessage {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "content": self.content, "sender_name": self.sender_name, "seq": self.seq,
            "created_at": self.created_at.shown(),
        })
    }
}

impl Shown for Membership {
    fn shown(&self) -> Value {
        json!({"chat_id": self.chat_id, "user_id": self.user_id, "state": self.state.as_str()})
    }
}

impl Shown for Message {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "chat_id": self.chat_id, "sender_id": self.sender_id, "sender_name": self.sender_name,
            "content": self.content, "message_type": self.kind.as_str(), "mentioned_ids": self.mentions,
            "delivery_scope": self.delivery_scope.as_str(), "addressed_to_user_ids": self.addressed_to,
            "seq": self.seq, "signal": self.signal.as_ref().map(|signal| signal.as_str()),
            "retracted_at": self.retracted_at.shown(), "created_at": self.created_at.shown(),
        })
    }
}

impl Shown for JoinRequest {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "chat_id": self.chat_id, "requester_user_id": self.requester_id,
            "requester_name": self.requester_name, "requester_type": self.requester_kind.as_str(),
            "state": self.state.as_str(), "message": self.message, "decided_by_user_id": self.decided_by,
            "decided_at": self.decided_at.shown(), "created_at": self.created_at.shown(),
            "updated_at": self.updated_at.shown(),
        })
    }
}

impl Shown for JoinTarget {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "type": self.kind.as_str(), "title": self.title, "status": self.status.as_str(),
            "created_by_user_id": self.created_by, "is_member": self.is_member,
            "current_request": self.current_request.shown(),
        })
    }
}

impl Shown for Relationship {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "other_user_id": self.other_user_id, "state": self.state.as_str(),
            "is_requester": self.is_requester, "message": self.message, "created_at": self.created_at.shown(),
            "updated_at": self.updated_at.shown(),
        })
    }
}

impl Shown for Workflow {
    fn shown(&self) -> Value {
        json!({
            "chat_id": self.chat_id, "kind": self.kind, "state": self.state, "config": self.config,
            "state_version": self.state_version, "updated_by_user_id": self.updated_by,
            "created_at": self.created_at.shown(), "updated_at": self.updated_at.shown(),
        })
    }
}

impl Shown for WorkflowEvent {
    fn shown(&self) -> Value {
        json!({
            "event_id": self.id, "chat_id": self.chat_id, "kind": self.kind, "state": self.state,
            "resource_refs": self.resource_refs, "requested_by_user_id": self.requested_by,
            "decision_states": self.decision_states, "rationales": self.rationales, "final_state": self.final_state,
            "metadata": self.metadata, "state_version": self.state_version, "created_at": self.created_at.shown(),
            "updated_at": self.updated_at.shown(), "settled_at": self.settled_at.shown(),
        })
    }
}

impl Shown for Task {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "subject": self.subject, "description": self.description, "status": self.status,
            "activeForm": self.active_form, "owner": self.owner, "blocks": self.blocks, "blockedBy": self.blocked_by,
            "metadata": self.metadata,
        })
    }
}

impl Shown for Notification {
    fn shown(&self) -> Value {
        let mut shown = self.metadata.clone();
        shown.insert("seq".to_owned(), self.seq.into());
        Value::Object(shown)
    }
}
