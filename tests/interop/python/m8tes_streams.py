"""Runs as they go on."""

from cases import error, good
from m8tes import ConflictError, NotFoundError
from m8tes_expect import equal, refused
from m8tes_teammates import ABSENT


def told(stream):
    """The types of a stream's events, each once, in their order."""
    return list(dict.fromkeys(event.type for event in stream))


@good("runs.create")
def a_run_is_seen_as_it_goes_on(world):
    with world.client.runs.create(message="use a tool") as stream:
        events = list(stream)
    kinds = [event.type for event in events]
    for kind in ("metadata", "text-delta", "tool-call-start", "tool-result-end", "done"):
        equal(kind in kinds, True)
    call = next(event for event in events if event.type == "tool-call-start")
    equal((call.tool_name, stream.text), ("gmail_send", "You said: use a tool"))


@error("runs.create")
def a_stream_that_is_refused_tells_why(world):
    with refused(NotFoundError, 404):
        list(world.client.runs.create(message="go", teammate_id=ABSENT))


@good("runs.create")
def a_failure_is_an_event(world):
    events = list(world.client.runs.create(message="fail"))
    equal([event.error for event in events if event.type == "error"], ["it was asked to"])


@good("runs.stream_text")
def the_text_of_a_run_alone(world):
    equal("".join(world.client.runs.stream_text(message="inbox")), "You said: inbox")


@error("runs.stream_text")
def a_text_that_is_refused_tells_why(world):
    with refused(NotFoundError, 404):
        list(world.client.runs.stream_text(message="go", teammate_id=ABSENT))


@good("runs.reply")
def a_reply_is_seen_as_it_goes_on(world):
    run = world.over()
    stream = world.client.runs.reply(run.id, message="and then?")
    equal(("done" in told(stream), stream.text), (True, "You said: and then?"))
    equal(world.client.runs.reply(run.id, message="more", stream=False).id, run.id)
    world.client.runs.poll(run.id, interval=0.01)


@error("runs.reply")
def there_is_nothing_to_reply_to(world):
    with refused(NotFoundError, 404):
        list(world.client.runs.reply(ABSENT, message="hello"))


@good("runs.stream", only="4.49.0")
def a_run_is_joined_while_it_goes_on(world):
    run = world.run("wait a little")
    stream = world.client.runs.stream(run.id)
    equal(("done" in told(stream), stream.text), (True, "You said: wait a little"))


@error("runs.stream", only="4.49.0")
def what_is_over_cannot_be_joined(world):
    with refused(ConflictError, 409, "run_not_active"):
        list(world.client.runs.stream(world.over().id))
