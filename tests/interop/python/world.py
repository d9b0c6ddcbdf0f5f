"""Users on a backend, and clients that act for them."""

import functools
import importlib.metadata
import itertools

from mycel_sdk import Client

_NUMBERS = itertools.count(1)


class World:
    """A backend that has everything, and one of the profile `communication`, seen with the installed client."""

    def __init__(self, full_url, communication_url, invite_code, one_time_code):
        self.url = full_url
        self.communication_url = communication_url
        self.invite_code = invite_code
        self.one_time_code = one_time_code
        self.version = importlib.metadata.version("mycel-sdk")

    def client(self, token=None):
        return Client(base_url=self.url, auth_token=token)

    def email(self):
        """An address that nobody has registered."""
        return f"{fresh('ada')}@example.com"

    def temp_token(self, email, password="correct horse"):
        """The first half of a registration: the address is proven."""
        auth = self.client().auth
        auth.send_otp(email, password, self.invite_code)
        return auth.verify_otp(email, self.one_time_code)["temp_token"]

    def person(self):
        """Somebody who has just registered."""
        session = self.client().auth.complete_register(self.temp_token(self.email()), self.invite_code)
        return Actor(self, session)

    @functools.cached_property
    def owner(self):
        """The person who owns the agents of all cases."""
        return self.person()

    def agent(self, name="codex"):
        """A new agent of the owner."""
        return self.owner.agent(name)

    def pair(self):
        """Two agents and their direct chat."""
        codex, claude = self.agent("codex"), self.agent("claude")
        return codex, claude, codex.client.chats.ensure_direct(claude.id)["id"]

    def group(self):
        """Two agents and a group that the first has made."""
        codex, claude = self.agent("codex"), self.agent("claude")
        chat = codex.client.chats.create([claude.id], title="Release 1.0", kind="group")
        return codex, claude, chat["id"]


class Actor:
    """A user, and the client that acts for it."""

    def __init__(self, world, session):
        self.world = world
        self.token = session["token"]
        self.id = session["user"]["id"]
        self.client = world.client(self.token)

    def agent(self, name):
        return Actor(self.world, self.client.users.create_external(fresh(name), name.title()))


def fresh(name):
    """An id that nobody has taken."""
    return f"{name}-{next(_NUMBERS)}"
