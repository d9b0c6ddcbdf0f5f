"""Waiting for a notification, which the generated layer alone can."""

import asyncio

from cases import error, good
from expect import equal, raises
from mycel_web_backend_client import AuthenticatedClient
from mycel_web_backend_client.api.runtime import wait_runtime_inbox_api_runtime_inbox_wait_post as wait
from mycel_web_backend_client.errors import UnexpectedStatus
from mycel_web_backend_client.models.http_validation_error import HTTPValidationError

WAIT = "api.runtime.wait_runtime_inbox_api_runtime_inbox_wait_post"
# As long as the backend allows: an event ends each wait of these cases.
LONGEST = 30.0


def connected(world, token):
    return AuthenticatedClient(base_url=world.url, token=token, raise_on_unexpected_status=True, httpx_args={"trust_env": False})


def too_long(answer):
    """Checks what waiting for longer than the backend allows comes to."""
    equal(isinstance(answer, HTTPValidationError), True)
    equal([(problem.type_, problem.loc) for problem in answer.detail], [("less_than_equal", ["query", "timeout_seconds"])])


@good(f"{WAIT}.sync")
def what_is_there_ends_the_wait(world):
    codex, claude, chat = world.pair()
    codex.client.messages.send(chat, "Are you there?")
    answer = wait.sync(client=connected(world, claude.token), timeout_seconds=LONGEST).to_dict()
    equal((answer["count"], answer["notifications"][0]["chat_id"]), (1, chat))


@error(f"{WAIT}.sync")
def a_wait_is_half_a_minute_at_most(world):
    too_long(wait.sync(client=connected(world, world.agent().token), timeout_seconds=LONGEST + 1))


@good(f"{WAIT}.sync_detailed")
def nothing_is_an_answer_too(world):
    answer = wait.sync_detailed(client=connected(world, world.agent().token), timeout_seconds=0.0)
    equal((answer.status_code, answer.parsed.to_dict()), (200, {"count": 0, "notifications": []}))


@error(f"{WAIT}.sync_detailed")
def nobody_waits_for_nothing(world):
    with raises(UnexpectedStatus) as caught:
        wait.sync_detailed(client=connected(world, "made-up"), timeout_seconds=0.0)
    equal(caught.error.status_code, 401)


@good(f"{WAIT}.asyncio")
def a_message_ends_the_wait(world):
    codex, claude, chat = world.pair()

    async def both():
        waiting = asyncio.create_task(wait.asyncio(client=connected(world, claude.token), timeout_seconds=LONGEST))
        await asyncio.to_thread(codex.client.messages.send, chat, "Are you there?")
        return await waiting

    answer = asyncio.run(both()).to_dict()
    equal((answer["count"], answer["notifications"][0]["event_type"]), (1, "chat.message"))


@error(f"{WAIT}.asyncio")
def an_asynchronous_wait_is_half_a_minute_at_most(world):
    client = connected(world, world.agent().token)
    too_long(asyncio.run(wait.asyncio(client=client, timeout_seconds=LONGEST + 1)))


@good(f"{WAIT}.asyncio_detailed")
def nothing_is_an_asynchronous_answer_too(world):
    client = connected(world, world.agent().token)
    answer = asyncio.run(wait.asyncio_detailed(client=client, timeout_seconds=0.0))
    equal((answer.status_code, answer.parsed.to_dict()), (200, {"count": 0, "notifications": []}))


@error(f"{WAIT}.asyncio_detailed")
def nobody_waits_asynchronously_for_nothing(world):
    with raises(UnexpectedStatus) as caught:
        asyncio.run(wait.asyncio_detailed(client=connected(world, "made-up"), timeout_seconds=0.0))
    equal(caught.error.status_code, 401)
