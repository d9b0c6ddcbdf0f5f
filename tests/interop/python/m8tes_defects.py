"""What is broken in the clients and has nothing to do with the backend: answers are from a script."""

import builtins
import json
import time

import m8tes
from cases import defect
from m8tes_expect import equal, raises
from m8tes_scripted import LOST, answer, frames, refusal, run, scripted

DONE = {"type": "done", "stop_reason": "end_turn"}
TEXT = {"type": "text-delta", "delta": "a"}
PENDING = [{"request_id": "r", "tool_name": "gmail_send", "status": "pending", "created_at": "2026-11-01T09:00:00Z"}]


def told(*sent):
    """The text of a stream that these frames are sent on."""
    with scripted(frames(*sent)) as (client, _):
        stream = client.runs.create(message="go")
        list(stream)
        return stream.text


# ── Streams ──────────────────────────────────────────────────────────────────────────────────────────


@defect("runs.create", only="4.49.0")
def a_frame_is_lost_that_has_a_line_of_its_own_in_it(_world):
    """U+2028, U+2029 and U+0085 end a line for it, and the frame is no JSON any more."""
    for odd in "\u2028\u2029\u0085":
        frame = json.dumps({"type": "text-delta", "delta": f"x{odd}y"}, ensure_ascii=False)
        equal(told(f"data: {frame}\n\n".encode(), TEXT, DONE), "a")


@defect("runs.create", only="4.49.0")
def a_frame_is_lost_whose_line_ends_in_two_pieces(_world):
    """The carriage return ends a line, and the line feed that comes with the next piece ends the frame."""
    equal(told(b'data: {"type": "text-delta",\r', b'\ndata: "delta": "b"}\r\n\r\n', TEXT, DONE), "a")


@defect("runs.create", only="4.49.0")
def a_stream_is_read_as_latin_1_unless_its_charset_is_said(_world):
    frame = 'data: {"type": "text-delta", "delta": "ä"}\n\n'.encode()
    with scripted(frames(frame, DONE, headers={"Content-Type": "text/event-stream"})) as (client, _):
        stream = client.runs.create(message="go")
        list(stream)
        equal(stream.text, "Ã¤")


@defect("runs.create", only="4.49.0")
def the_frame_behind_a_byte_order_mark_is_lost(_world):
    equal(told(b'\xef\xbb\xbfdata: {"type": "text-delta", "delta": "first"}\n\n', TEXT, DONE), "a")


@defect("runs.create", only="4.49.0")
def an_odd_frame_ends_the_whole_stream(_world):
    for odd in (
        [1],
        {"type": ["done"]},
        {"type": "metadata", "payload": {"run_id": "seven"}},
        {"type": "content_block_start", "content_block": 5},
        {"type": "content_block_delta", "delta": 5},
    ):
        with raises((AttributeError, TypeError, ValueError)):
            told(odd, TEXT, DONE)


@defect("runs.create", only="4.49.0")
def a_piece_of_text_that_is_none_spoils_the_text(_world):
    for odd in (None, 5):
        with raises(TypeError):
            told(TEXT, {"type": "text-delta", "delta": odd}, DONE)


@defect("runs.create", only="4.49.0")
def an_error_that_is_an_object_can_not_be_raised(_world):
    with scripted(frames({"type": "error", "error": {"message": "overloaded"}})) as (client, _):
        with raises(TypeError):
            list(client.runs.create(message="go", raise_on_error=True))


@defect("runs.create", only="4.49.0")
def json_in_the_place_of_a_stream_names_no_run(_world):
    with scripted(answer(run())) as (client, _):
        with raises(m8tes.StreamInterruptedError) as caught:
            list(client.runs.create(message="go"))
        equal(caught.error.run_id, None)


# ── What is sent ─────────────────────────────────────────────────────────────────────────────────────


@defect("runs.create", only="1.1.0")
def a_run_may_be_started_three_times(_world):
    with scripted(LOST, LOST, answer(run())) as (client, sent):
        client.runs.create(message="go", stream=False)
        equal([(one.line, one.headers["Idempotency-Key"]) for one in sent], [("POST /runs", None)] * 3)


@defect("runs.list", only="1.1.0")
def the_limit_is_forgotten_on_the_second_page(_world):
    with scripted(answer({"data": [run()], "has_more": True}), answer({"data": [], "has_more": False})) as (client, sent):
        list(client.runs.list(limit=1).auto_paging_iter())
        equal([one.line for one in sent], ["GET /runs?limit=1", "GET /runs?starting_after=42"])


@defect("runs.messages", only="4.49.0")
def twenty_messages_can_not_be_asked_for(_world):
    with scripted(answer([])) as (client, sent):
        client.runs.messages(42, tail=True, limit=20)
        equal(sent[0].line, "GET /runs/42/messages?tail=true")


def _toggles(sent):
    return {name: value for name, value in sent.body.items() if name in ("memory", "history", "task_setup_tools", "feedback")}


@defect("runs.create", only="1.1.0")
def what_a_teammate_is_set_to_is_overridden_by_each_run(_world):
    with scripted(answer(run("completed"))) as (client, sent):
        client.runs.create(message="go", stream=False)
        client.tasks.run(10, stream=False)
        equal([_toggles(one) for one in sent], [{"memory": True, "history": True}] * 2)


@defect("runs.create_and_wait", only="4.49.0")
def what_a_teammate_is_set_to_is_overridden_by_runs_that_are_waited_for(_world):
    all_on = {"memory": True, "history": True, "task_setup_tools": True, "feedback": True}
    with scripted(answer(run("completed"))) as (client, sent):
        client.runs.create_and_wait(message="go")
        equal(_toggles(sent[0]), all_on)
    with scripted(answer(run("completed"))) as (client, sent):
        client.tasks.run_and_wait(10)
        equal(_toggles(sent[0]), all_on)
    with scripted(frames(TEXT, DONE)) as (client, sent):
        list(client.runs.stream_text(message="go"))
        equal(_toggles(sent[0]), all_on)


@defect("settings.get", only="4.49.0")
def nothing_says_which_client_it_is(_world):
    with scripted(answer({"retention_mode": "standard"})) as (client, sent):
        client.settings.get()
        equal("m8tes" in sent[0].headers["User-Agent"].lower(), False)


# ── Waiting ──────────────────────────────────────────────────────────────────────────────────────────


@defect("runs.wait", only="4.49.0")
def who_waits_for_a_user_asks_for_permissions_of_nobody(_world):
    waiting = answer(run("awaiting_approval", user_id="u"))
    with scripted(waiting, answer(PENDING), answer(PENDING[0]), answer(run("completed"))) as (client, sent):
        client.runs.wait(42, user_id="u", on_approval=lambda _: "allow", interval=0.01)
        equal([one.line for one in sent[:2]], ["GET /runs/42?user_id=u", "GET /runs/42/permissions"])


@defect("runs.wait", only="4.49.0")
def a_request_that_is_decided_is_asked_again(_world):
    asked = []
    waiting, pending, decided = answer(run("awaiting_approval")), answer(PENDING), answer(PENDING[0])
    with scripted(waiting, pending, decided, waiting, pending, decided, answer(run("completed"))) as (client, _):
        client.runs.wait(42, on_approval=lambda request: asked.append(request.request_id) or "allow", interval=0.01)
        equal(asked, ["r", "r"])


@defect("runs.wait", only="4.49.0")
def a_code_that_is_not_in_the_details_is_overlooked(_world):
    gone = answer({"error": {"message": "no", "code": 404, "error_code": "gate_cancelled"}}, 404)
    with scripted(answer(run("awaiting_approval")), answer(PENDING), gone, answer(run("completed"))) as (client, _):
        with raises(m8tes.NotFoundError):
            client.runs.wait(42, on_approval=lambda _: "allow", interval=0.01)


@defect("runs.poll", only="4.49.0")
def a_wait_that_is_too_long_is_not_the_errors_of_this_name(_world):
    with scripted(answer(run())) as (client, _):
        with raises(builtins.TimeoutError) as caught:
            client.runs.poll(42, interval=0.01, timeout=0.02)
        equal((isinstance(caught.error, m8tes.M8tesError), m8tes.TimeoutError is builtins.TimeoutError), (False, False))


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────


@defect("runs.get")
def an_answer_that_lacks_its_id_is_no_error_of_the_client(_world):
    with scripted(answer({"status": "running"})) as (client, _):
        with raises(KeyError):
            client.runs.get(42)


@defect("runs.get")
def an_answer_that_is_a_web_page_is_no_error_of_the_client(_world):
    with scripted((200, {"Content-Type": "text/html"}, [b"<p>hello</p>"])) as (client, _):
        with raises(ValueError) as caught:
            client.runs.get(42)
        equal(isinstance(caught.error, m8tes.M8tesError), False)


@defect("users.update", only="4.49.0")
def what_was_refused_for_now_is_not_tried_again(_world):
    with scripted(refusal(429, **{"Retry-After": "0"}), answer({"id": 1, "user_id": "u"})) as (client, sent):
        with raises(m8tes.RateLimitError):
            client.users.update("u", name="n")
        equal(len(sent), 1)


@defect("runs.get", only="4.49.0")
def a_date_to_wait_for_is_not_read(_world):
    later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 5))
    with scripted(refusal(429, **{"Retry-After": later}), answer(run())) as (client, sent):
        begun = time.monotonic()
        client.runs.get(42)
        equal((len(sent), time.monotonic() - begun < 2), (2, True))


@defect("auth.get_usage", only="1.1.0")
def how_long_to_wait_is_not_told(_world):
    with scripted(refusal(429, **{"Retry-After": "0"})) as (client, _):
        with raises(m8tes.RateLimitError) as caught:
            client.auth.get_usage()
        equal(hasattr(caught.error, "retry_after"), False)
