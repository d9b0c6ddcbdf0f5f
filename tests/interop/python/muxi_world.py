"""What the cases of `muxi` run in: a client, and what they make with it."""

import asyncio
import inspect
import itertools
from contextlib import contextmanager

import muxi
from assertions import equal, raises
from muxi import errors

__all__ = ["ADMIN", "CLIENT", "World", "code_of", "equal", "errors", "raises", "refused"]

_numbers = itertools.count(1)

# The keys of a local formation.
ADMIN, CLIENT = "ak", "ck"


def code_of(error):
    """The platform's own code of an error. What the client has as the code is the whole of the error's object."""
    return error.code["code"] if isinstance(error.code, dict) else error.code


@contextmanager
def refused(kind, status, code):
    """The formation answers with this status and code, which the client raises as this kind."""
    with raises(kind) as caught:
        yield caught
    equal((type(caught.error), caught.error.status_code, code_of(caught.error)), (kind, status, code))


class Waiting:
    """An asynchronous client, each call of which is waited for. Of a stream all is read."""

    def __init__(self, client, loop):
        self._client, self._loop = client, loop

    def __getattr__(self, name):
        method = getattr(self._client, name)

        def call(*given, **named):
            return self._loop.run_until_complete(_whole(method(*given, **named)))

        return call


async def _whole(awaited):
    result = await awaited
    return [event async for event in result] if inspect.isasyncgen(result) else result


class World:
    """Clients of a local backend; `kind` is `blocking` or `async`."""

    def __init__(self, url, formation_id, kind, key_id, secret_key):
        self.url, self.formation_id, self.version = url, formation_id, kind
        self.key_pair = key_id, secret_key
        self._loop = asyncio.new_event_loop()
        self.formation = self.with_keys(client_key=CLIENT, admin_key=ADMIN)
        self.server = self.server_with(secret_key)

    def with_keys(self, **settings):
        """A client of the formation, directly."""
        return self.client(url=self.url, **settings)

    def client(self, **settings):
        if self.version == "blocking":
            return muxi.FormationClient(**settings)
        return Waiting(muxi.AsyncFormationClient(**settings), self._loop)

    def server_with(self, secret_key, url=None):
        """A client of the management server, who signs with this secret."""
        settings = {"url": url or self.url, "key_id": self.key_pair[0], "secret_key": secret_key}
        if self.version == "blocking":
            return muxi.ServerClient(**settings)
        return Waiting(muxi.AsyncServerClient(**settings), self._loop)

    def stranger(self):
        """A client whose keys no formation has."""
        return self.with_keys(client_key="no", admin_key="no")

    def user(self):
        """The id of a user whom nobody has used."""
        return f"cust_{next(_numbers)}"

    def said(self, user, message="Hi", **more):
        """The session of a turn that is over."""
        return self.formation.chat({"message": message, "stream": False, **more}, user_id=user)["session_id"]
