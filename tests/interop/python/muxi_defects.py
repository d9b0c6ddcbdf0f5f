"""What is broken in the client: what the document shows and does not work, and what is made of odd answers."""

import muxi
from cases import defect
from muxi_scripted import LOST, answer, events, scripted
from muxi_world import equal, errors, raises, refused

# ── What the document shows ──────────────────────────────────────────────────────────────────────────


@defect("formation.health")
def health_takes_a_key_that_the_formation_does_not(world):
    with raises(ValueError, "client key required"):
        world.with_keys().health()


@defect("formation.chat_stream")
def a_stream_has_no_text_and_no_session(world):
    """The document's events are of the types `text` and `done`, and one has a `session_id`."""
    events = list(world.formation.chat_stream({"message": "Hello!", "session_id": None}, user_id=world.user()))
    equal([event for event in events if event.get("type") or event.get("text") or event.get("session_id")], [])


@defect("formation.chat_stream")
def a_stream_that_is_refused_is_no_error(world):
    """The document catches an `AuthenticationError` where nothing is raised."""
    told = list(world.stranger().chat_stream({"message": "Hello!"}, user_id="user_123"))
    equal(all(event["event"] == "message" for event in told), True)


@defect("formation.get_agents")
def agents_are_no_list(world):
    """The document takes the keys of the answer for agents."""
    equal(next(iter(world.formation.get_agents())), "agents")


@defect("formation.get_agents", only="blocking")
def the_errors_are_not_where_the_document_has_them(_world):
    equal([name for name in dir(muxi) if name.endswith("Error")], [])


@defect("formation.fire_trigger")
def a_trigger_is_not_fired_by_its_data(world):
    with refused(errors.ValidationError, 422, "INVALID_PARAMS"):
        world.formation.fire_trigger(name="daily-report", data={"date": "2024-01-15"}, async_mode=False, user_id="user_123")


@defect("formation.fire_trigger")
def whether_a_trigger_is_waited_for_is_not_said(world):
    """`async_mode` is sent where nobody reads it."""
    answer = world.formation.fire_trigger("daily-report", {"data": {"date": "2024-01-15"}}, async_mode=False)
    equal(answer["status"], "processing")


@defect("formation.create_scheduler_job")
def a_job_of_the_documents_type_is_refused(world):
    with refused(errors.MuxiError, 400, "VALIDATION_ERROR"):
        world.formation.create_scheduler_job(job_type="prompt", schedule="0 9 * * *", message="Generate daily summary", user_id="user_123")


@defect("formation.create_scheduler_job")
def a_job_is_user_0s(world):
    """The user is sent where nobody reads it."""
    equal(world.formation.create_scheduler_job("recurring", "0 9 * * *", "Hi", "user_123")["user_id"], "0")


@defect("formation.get_scheduler_jobs")
def all_users_jobs_are_listed(world):
    world.formation.create_scheduler_job("recurring", "0 9 * * *", "Hi", "user_123")
    equal(world.formation.get_scheduler_jobs("nobody")["jobs"] == [], False)


# ── What does not work on any formation ──────────────────────────────────────────────────────────────


@defect("formation.get_secret")
def a_secret_is_not_told(world):
    with refused(errors.MuxiError, 405, "METHOD_NOT_ALLOWED"):
        world.formation.get_secret("OPENAI_API_KEY")


@defect("formation.set_secret")
def no_secret_is_made(world):
    with refused(errors.NotFoundError, 404, "SECRET_NOT_FOUND"):
        world.formation.set_secret("NEW_TOKEN", "value")


@defect("formation.clear_all_buffers")
def nothing_is_cleared(world):
    world.said(world.user())
    equal(world.formation.clear_all_buffers()["messages_cleared"], 0)


@defect("formation.get_user_identifiers_for_user")
def identifiers_are_asked_for_with_the_wrong_key(world):
    with refused(errors.AuthenticationError, 401, "UNAUTHORIZED"):
        world.formation.get_user_identifiers_for_user("none")


@defect("formation.link_user_identifier")
def identifiers_are_linked_with_the_wrong_key(world):
    with refused(errors.AuthenticationError, 401, "UNAUTHORIZED"):
        world.formation.link_user_identifier("none", ["ada@example.com"])


@defect("formation.unlink_user_identifier")
def identifiers_are_unlinked_with_the_wrong_key(world):
    with refused(errors.AuthenticationError, 401, "UNAUTHORIZED"):
        world.formation.unlink_user_identifier("ada@example.com")


@defect("formation.resolve_user")
def a_user_is_made_where_none_is_to_be(world):
    made = world.formation.resolve_user(f"{world.user()}@example.com", create_user=False)
    equal(bool(made["muxi_user_id"]), True)


@defect("formation.audio_chat")
def a_whole_answer_is_a_text_unless_it_is_said_that_it_is_to_be_whole(world):
    """A chat is a stream unless its body says otherwise, and the client does not say so."""
    equal(isinstance(world.formation.chat({"message": "Hi"}), str), True)


@defect("formation.audio_chat_stream")
def an_answer_that_is_no_stream_is_an_event(world):
    told = list(world.formation.audio_chat_stream({"files": []}))
    equal([event["event"] for event in told] in ([], ["message"]), True)


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────


@defect("formation.get_agent")
def the_code_of_an_error_is_an_object_and_its_text_is_lost(world):
    with raises(errors.NotFoundError) as caught:
        world.formation.get_agent("none")
    equal((caught.error.code["code"], caught.error.message), ("AGENT_NOT_FOUND", "Not Found"))


@defect("formation.get_agent")
def an_id_reaches_another_route(world):
    equal("secrets" in world.formation.get_agent("../secrets"), True)


@defect("formation.get_status")
def a_wait_that_is_no_whole_number_is_no_error_of_its_own(world):
    for after in ("0.5", "Sun, 29 Nov 2026 13:35:00 GMT"):
        with scripted(world, answer({}, 429, **{"Retry-After": after})) as (client, _):
            with raises(ValueError):
                client.get_status()


@defect("formation.get_status")
def only_429_says_how_long_to_wait(world):
    with scripted(world, answer({}, 503, **{"Retry-After": "7"})) as (client, _):
        with raises(errors.ServerError) as caught:
            client.get_status()
    equal(hasattr(caught.error, "retry_after"), False)


@defect("formation.get_status")
def a_redirect_is_an_answer(world):
    with scripted(world, answer("elsewhere", 307, Location="/v1/other")) as (client, _):
        equal(client.get_status(), "elsewhere")


@defect("formation.add_memory")
def a_memory_is_sent_again_when_its_answer_is_lost(world):
    """And nothing but the key of the attempts says that they are one; MUXI looks at none here."""
    with scripted(world, LOST, answer({"data": {"id": "m"}}), max_retries=1) as (client, sent):
        client.add_memory("ada", "fact", "one")
    equal(len(sent), 2)


# ── Streams ──────────────────────────────────────────────────────────────────────────────────────────

TOKEN = 'data: {"token": {"type": "content", "content": "%s"}}\n\n'


def _read(world, *pieces):
    with scripted(world, events(*pieces)) as (client, _):
        return [event["data"] for event in client.chat_stream({"message": "Hi"})]


@defect("formation.chat_stream")
def a_stream_that_breaks_off_is_at_its_end(world):
    equal(len(_read(world, (TOKEN % "Half an ans").encode())), 1)


@defect("formation.chat_stream")
def a_frame_is_torn_that_has_a_line_of_its_own_in_it(world):
    """U+2028, U+2029 and U+0085 end a line for it; MUXI sends the first two as they are."""
    for odd in "\u2028\u2029\u0085":
        (data,) = _read(world, (TOKEN % f"x{odd}y").encode())
        equal(data.endswith("x"), True)


@defect("formation.stream_events")
def events_that_are_badly_separated_are_one(world):
    """MUXI writes the line breaks between events as letters."""
    body = b'data: {"type": "a"}\\n\\ndata: {"type": "b"}\\n\\n'
    with scripted(world, events(body)) as (client, _):
        equal(len(list(client.stream_events("ada"))), 1)


@defect("formation.stream_request")
def a_refused_stream_of_a_turn_is_no_error(world):
    with scripted(world, answer({"error": {"code": "INTERNAL_ERROR"}}, 500)) as (client, _):
        equal(list(client.stream_request("ada", "s", "r")), [])


@defect("formation.stream_logs")
def a_refused_stream_of_logs_is_no_error(world):
    with scripted(world, answer({"error": {"code": "INVALID_REQUEST"}}, 400)) as (client, _):
        equal(list(client.stream_logs()), [])
