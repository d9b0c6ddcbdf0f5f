"""The fields of answers, and the types of their values."""

NOTHING = type(None)
TEXT_OR_NOTHING = (str, NOTHING)
NUMBER_OR_NOTHING = (int, NOTHING)
TIME_OR_NOTHING = (float, NOTHING)

PERSON = {"id": str, "name": str, "mycel_id": int, "email": str, "avatar": NOTHING}
FIRST_AGENT = {"id": str, "name": str, "type": str, "avatar": TEXT_OR_NOTHING}
SESSION = {"token": str, "user": dict, "agent": dict}
GUEST = {
    "id": str,
    "name": str,
    "type": str,
    "is_guest": bool,
    "email": NOTHING,
    "mycel_id": NOTHING,
    "avatar": NOTHING,
}
EXTERNAL = {"id": str, "name": str, "type": str, "created_by_user_id": str}
ME = {
    "id": str,
    "name": str,
    "type": str,
    "email": TEXT_OR_NOTHING,
    "mycel_id": NUMBER_OR_NOTHING,
    "is_guest": bool,
    "avatar": TEXT_OR_NOTHING,
}

AGENT = {
    "id": str,
    "name": str,
    "description": str,
    "model": TEXT_OR_NOTHING,
    "status": str,
    "version": str,
    "avatar_url": TEXT_OR_NOTHING,
    "created_at": int,
    "updated_at": int,
}
AGENT_CREATED = {**AGENT, "config": dict}
THREAD = {
    "thread_id": str,
    "sandbox": str,
    "agent_user_id": str,
    "agent_name": str,
    "branch_index": int,
    "sidebar_label": NOTHING,
    "avatar_url": TEXT_OR_NOTHING,
    "is_main": bool,
}

MEMBER = {"id": str, "name": str, "type": str, "avatar_url": TEXT_OR_NOTHING}
CHAT_CREATED = {"id": str, "title": TEXT_OR_NOTHING, "status": str, "created_at": float}
CHAT_DETAIL = {**CHAT_CREATED, "type": str, "created_by_user_id": str, "members": list}
CHAT_SUMMARY = {
    "id": str,
    "title": str,
    "status": str,
    "created_at": float,
    "updated_at": float,
    "avatar_url": TEXT_OR_NOTHING,
    "members": list,
    "last_message": (dict, NOTHING),
    "unread_count": int,
}
LAST_MESSAGE = {"id": str, "content": str, "sender_name": str, "seq": int, "created_at": float}
MESSAGE = {
    "id": str,
    "chat_id": str,
    "sender_id": str,
    "sender_name": str,
    "content": str,
    "message_type": str,
    "mentioned_ids": list,
    "delivery_scope": str,
    "addressed_to_user_ids": list,
    "seq": int,
    "signal": TEXT_OR_NOTHING,
    "retracted_at": NOTHING,
    "created_at": float,
}
JOIN_TARGET = {
    "id": str,
    "type": str,
    "title": TEXT_OR_NOTHING,
    "status": str,
    "created_by_user_id": str,
    "is_member": bool,
    "current_request": (dict, NOTHING),
}
JOIN_REQUEST = {
    "id": str,
    "chat_id": str,
    "requester_user_id": str,
    "state": str,
    "message": TEXT_OR_NOTHING,
    "decided_by_user_id": TEXT_OR_NOTHING,
    "decided_at": TIME_OR_NOTHING,
    "created_at": float,
    "updated_at": float,
    "requester_name": str,
    "requester_type": str,
}
RELATIONSHIP = {
    "id": str,
    "other_user_id": str,
    "state": str,
    "is_requester": bool,
    "message": TEXT_OR_NOTHING,
    "created_at": str,
    "updated_at": str,
}

WORKFLOW = {
    "chat_id": str,
    "kind": str,
    "state": str,
    "config": dict,
    "state_version": int,
    "updated_by_user_id": TEXT_OR_NOTHING,
    "created_at": float,
    "updated_at": TIME_OR_NOTHING,
}
WORKFLOW_EVENT = {
    "chat_id": str,
    "event_id": str,
    "kind": str,
    "state": str,
    "resource_refs": list,
    "requested_by_user_id": TEXT_OR_NOTHING,
    "decision_states": dict,
    "rationales": dict,
    "final_state": dict,
    "metadata": dict,
    "state_version": int,
    "created_at": float,
    "updated_at": TIME_OR_NOTHING,
    "settled_at": TIME_OR_NOTHING,
}
TASK = {
    "id": str,
    "subject": str,
    "description": str,
    "status": str,
    "activeForm": TEXT_OR_NOTHING,
    "owner": TEXT_OR_NOTHING,
    "blocks": list,
    "blockedBy": list,
    "metadata": dict,
}

INBOX = {"count": int, "notifications": list}
CHAT_NOTIFICATION = {
    "seq": int,
    "event_type": str,
    "notification_type": str,
    "chat_id": str,
    "message_id": str,
    "message_seq": int,
    "sender_name": str,
    "unread_count": int,
}
FRAME = {"type": str, "seq": int, "fingerprint": str, "ts": float, "metadata": dict}
