"""What is broken in the client's command `m8tes`: answers are from a script."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from cases import defect
from m8tes_expect import equal
from m8tes_scripted import answer, frames, refusal, scripted

COMMAND = pathlib.Path(sys.executable).parent / "m8tes"
MATE = answer({"id": 7, "name": "Ada", "status": "enabled", "tools": [], "created_at": "2026-11-01T09:00:00Z"})
PIECE = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "hi"}}
EVENTS = frames({"type": "metadata", "payload": {"run_id": 42}}, PIECE, {"type": "done", "stop_reason": "end_turn"})


def ran(log, *arguments):
    """What has become of the command, in a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        return subprocess.run(
            [COMMAND, "--api-key", "m8_key", "--base-url", log.host, *arguments],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
            env={"PATH": os.environ["PATH"], "HOME": home, "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        )


@defect("runs.create")
def an_apostrophe_in_a_message_ends_the_command(_world):
    """The message is split as a shell would do it, once more."""
    with scripted(MATE, EVENTS) as (_, log):
        ended = ran(log, "mate", "task", "7", "what's up", "--output", "json")
        equal((ended.returncode, "No closing quotation" in ended.stderr, len(log)), (1, True, 0))


@defect("runs.create")
def blanks_within_a_message_are_lost(_world):
    with scripted(MATE, EVENTS) as (_, log):
        ran(log, "mate", "task", "7", "a   b", "--output", "json")
        equal(list(log[1].body.values())[0], "a b")


@defect("runs.create")
def the_type_of_an_event_is_not_the_one_that_it_was_given(_world):
    with scripted(MATE, EVENTS) as (_, log):
        ended = ran(log, "mate", "task", "7", "hello", "--output", "json")
        equal([json.loads(line)["type"] for line in ended.stdout.splitlines()], ["metadata", "content_block_delta", "done"])


@defect("teammates.get", only="1.1.0")
def what_has_failed_is_told_as_done(_world):
    with scripted(refusal(404)) as (_, log):
        equal(ran(log, "mate", "get", "7").returncode, 0)
