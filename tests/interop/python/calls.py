"""Calls of the installed `mycel-sdk`, asked for on standard input and answered on standard output, one JSON object a line.

The backend's URL is the argument. Tokens come through standard input alone.
"""

import functools
import importlib
import inspect
import json
import ssl
import sys

import introspection
from mycel_sdk import ApiError, Client
from mycel_web_backend_client import AuthenticatedClient

# The client makes a TLS context for each call, for plain HTTP too, which takes many times as long as the call.
ssl.create_default_context = functools.cache(ssl.create_default_context)


class Refused(Exception):
    def __init__(self, status, detail):
        super().__init__(status)
        self.status = status
        self.detail = detail


class Actors:
    """Who acts: each with a client and a token."""

    def __init__(self, url):
        self._url = url
        self._tokens = {None: None}

    def add(self, name, token):
        self._tokens[name] = token

    def client(self, name):
        return Client(base_url=self._url, auth_token=self._tokens[name])

    def generated(self, name):
        return AuthenticatedClient(base_url=self._url, token=self._tokens[name])


def _generated_mark_read(client, chat_id, up_to_seq):
    body = importlib.import_module("mycel_web_backend_client.models.mark_read_body").MarkReadBody(up_to_seq=up_to_seq)
    return _sent("chats.mark_read_api_chats_chat_id_read_post", client, chat_id=chat_id, body=body)


def _generated_wait(client, **arguments):
    return _sent("runtime.wait_runtime_inbox_api_runtime_inbox_wait_post", client, **arguments)


# What the client's resources leave out or break, in the layer below them.
GENERATED = {"generated.mark_read": _generated_mark_read, "generated.wait": _generated_wait}


def _sent(module, client, **arguments):
    operation = importlib.import_module(f"mycel_web_backend_client.api.{module}")
    response = operation.sync_detailed(client=client, **arguments)
    content = json.loads(response.content)
    if response.status_code >= 400:
        raise Refused(int(response.status_code), content.get("detail"))
    return content


def _call(actors, actor, name, arguments):
    if name in GENERATED:
        return GENERATED[name](actors.generated(actor), **arguments)
    method = actors.client(actor)
    for part in name.split("."):
        method = getattr(method, part)
    result = method(**arguments)
    if not inspect.isgenerator(result):
        return result
    try:
        return next(result)
    finally:
        result.close()


def _detail(error):
    """The detail as it was sent: the client shows anything but a text as JSON."""
    try:
        return json.loads(error.detail)
    except ValueError:
        return error.detail


def _answer(actors, request):
    if "token" in request:
        actors.add(request["actor"], request["token"])
        return {"done": None}
    if "call" not in request:
        resources = [name for name in introspection.methods(actors.client(None)) if not name[0].isupper()]
        return {"done": [name for name in resources if not name.startswith("api.")]}
    try:
        return {"done": _call(actors, request["actor"], request["call"], request["arguments"])}
    except Refused as refused:
        return {"refused": refused.status, "detail": refused.detail}
    except ApiError as error:
        return {"refused": error.status_code, "detail": _detail(error)}
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def main():
    actors = Actors(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(_answer(actors, json.loads(line))), flush=True)


main()
