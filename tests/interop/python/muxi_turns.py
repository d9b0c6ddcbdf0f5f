"""Turns: chats, their streams, sessions, requests, triggers, events and logs."""

import json
import threading

from cases import error, good
from muxi_world import equal, errors, raises, refused

import muxi


def told(events):
    """The tokens of a stream."""
    return [json.loads(event["data"])["token"] for event in events if event["event"] == "message"]


@good("formation.chat")
def a_chat_is_answered(world):
    answer = world.formation.chat({"message": "Hello!", "stream": False}, user_id=world.user())
    equal(answer["message"]["content"], "Echo: Hello!")


@error("formation.chat")
def a_chat_without_a_message_is_refused(world):
    with refused(errors.ValidationError, 422, "INVALID_PARAMS"):
        world.formation.chat({"stream": False})


@good("formation.chat_stream")
def a_chat_is_streamed(world):
    events = list(world.formation.chat_stream({"message": "Hello!"}, user_id=world.user()))
    equal("".join(token["content"] for token in told(events) if token["type"] == "content"), "Echo: Hello!")
    equal(events[-1]["event"], "done")


@error("formation.chat_stream")
def a_turn_that_is_broken_off_raises(world):
    with raises(errors.MuxiError) as caught:
        list(world.formation.chat_stream({"message": "boom"}, user_id=world.user()))
    equal((caught.error.code, caught.error.status_code), ("RuntimeError", 0))


AUDIO = {"files": [{"filename": "a.ogg", "content_type": "audio/ogg", "content": "T2dnUw=="}]}
TEXT = {"files": [{"filename": "a.txt", "content_type": "text/plain", "content": "T2dnUw=="}]}


@good("formation.audio_chat")
def what_is_said_is_answered(world):
    answer = world.formation.audio_chat({**AUDIO, "stream": False}, user_id=world.user())
    equal(answer["message"]["role"], "assistant")


@error("formation.audio_chat")
def what_is_no_sound_is_refused(world):
    with refused(errors.MuxiError, 400, "VALIDATION_ERROR"):
        world.formation.audio_chat({**TEXT, "stream": False}, user_id=world.user())


@good("formation.audio_chat_stream")
def what_is_said_is_streamed(world):
    events = list(world.formation.audio_chat_stream(AUDIO, user_id=world.user()))
    equal((told(events)[-1]["type"], events[-1]["event"]), ("completed", "done"))


@good("parse_ui_widgets", only="blocking")
def widgets(world):
    events = world.formation.chat_stream({"message": "ui"}, user_id=world.user())
    found = [widget["type"] for event in events for widget in muxi.parse_ui_widgets(event)]
    equal(found, ["options", "action_link"])


@error("parse_ui_widgets", only="blocking")
def what_holds_no_widgets_has_none(_world):
    for odd in ({}, {"event": "done"}, {"event": "ui", "data": "{"}, {"event": "ui", "data": '{"ui": 7}'}):
        equal(muxi.parse_ui_widgets(odd), [])


# ── Sessions ─────────────────────────────────────────────────────────────────────────────────────────


@good("formation.get_sessions")
def sessions(world):
    user = world.user()
    made = [world.said(user), world.said(user)]
    equal([session["session_id"] for session in world.formation.get_sessions(user_id=user)["sessions"]], made[::-1])


@error("formation.get_sessions")
def sessions_are_some_users(world):
    with refused(errors.MuxiError, 400, "INVALID_REQUEST"):
        world.formation.get_sessions("")


@good("formation.get_session")
def one_session(world):
    user = world.user()
    equal(world.formation.get_session(world.said(user), user)["message_count"], 2)


@error("formation.get_session")
def no_session(world):
    with refused(errors.NotFoundError, 404, "RESOURCE_NOT_FOUND"):
        world.formation.get_session("none", world.user())


@good("formation.get_session_messages")
def messages(world):
    user = world.user()
    found = world.formation.get_session_messages(session_id=world.said(user), user_id=user)["messages"]
    equal([(one["metadata"]["role"], one["text"]) for one in found], [("user", "Hi"), ("assistant", "Echo: Hi")])


@error("formation.get_session_messages")
def messages_are_some_users(world):
    with refused(errors.MuxiError, 400, "INVALID_REQUEST"):
        world.formation.get_session_messages("s", "")


@good("formation.restore_session")
def a_session_is_restored(world):
    user = world.user()
    message = {"role": "user", "content": "My name is Ada", "timestamp": "2026-01-02T10:00:00Z"}
    equal(world.formation.restore_session("restored", user, [message]), None)
    equal(world.formation.get_session("restored", user)["message_count"], 1)


@error("formation.restore_session")
def a_message_without_a_time_is_not_restored(world):
    with refused(errors.ValidationError, 422, "INVALID_PARAMS"):
        world.formation.restore_session("restored", world.user(), [{"role": "user", "content": "Hi"}])


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────


@good("formation.get_requests")
def requests(world):
    user = world.user()
    world.said(user, request_id=f"{user}-1")
    equal([request["request_id"] for request in world.formation.get_requests(user)["requests"]], [f"{user}-1"])


@error("formation.get_requests")
def requests_are_some_users(world):
    with refused(errors.MuxiError, 400, "INVALID_REQUEST"):
        world.formation.get_requests("")


@good("formation.get_request_status")
def one_request(world):
    user = world.user()
    world.said(user, request_id=f"{user}-1")
    equal(world.formation.get_request_status(f"{user}-1", user)["status"], "completed")


@error("formation.get_request_status")
def another_users_request(world):
    user = world.user()
    world.said(user, request_id=f"{user}-1")
    with refused(errors.AuthorizationError, 403, "FORBIDDEN"):
        world.formation.get_request_status(f"{user}-1", world.user())


@good("formation.cancel_request")
def a_request_is_cancelled(world):
    user = world.user()
    payload = {"message": "hold", "request_id": f"{user}-1"}
    blocking = muxi.FormationClient(url=world.url, client_key="ck")
    told_of = []
    holding = threading.Thread(target=lambda: told_of.extend(blocking.chat_stream(payload, user_id=user)))
    holding.start()
    while not world.formation.get_requests(user)["requests"]:
        pass
    equal(world.formation.cancel_request(f"{user}-1", user), None)
    holding.join()
    equal(told(told_of)[-1]["type"], "cancelled")


@error("formation.cancel_request")
def a_request_that_is_over_is_not_cancelled(world):
    user = world.user()
    world.said(user, request_id=f"{user}-1")
    with refused(errors.MuxiError, 400, "OPERATION_FAILED"):
        world.formation.cancel_request(f"{user}-1", user)


# ── Triggers ─────────────────────────────────────────────────────────────────────────────────────────


@good("formation.get_triggers")
def triggers(world):
    equal("github-issue" in world.formation.get_triggers()["triggers"], True)


@good("formation.get_trigger")
def one_trigger(world):
    equal(world.formation.get_trigger("daily-report")["data_fields"], ["date"])


@error("formation.get_trigger")
def no_trigger(world):
    with refused(errors.NotFoundError, 404, "TRIGGER_NOT_FOUND"):
        world.formation.get_trigger("none")


@good("formation.fire_trigger")
def a_trigger_is_fired_by_who_knows_its_body(world):
    body = {"data": {"date": "2024-01-15"}, "use_async": False}
    answer = world.formation.fire_trigger("daily-report", body, user_id=world.user())
    equal((answer["status"], answer["content"]), ("completed", "Echo: Write the report for 2024-01-15.\n"))


@error("formation.fire_trigger")
def a_trigger_without_its_data_is_refused(world):
    with refused(errors.MuxiError, 400, "INVALID_REQUEST"):
        world.formation.fire_trigger("daily-report", {"data": {}, "use_async": False})
