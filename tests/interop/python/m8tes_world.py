"""What the cases of `m8tes` run in: a client, and what they make with it."""

import itertools

import m8tes

_numbers = itertools.count(1)


class World:
    """A client of a local backend. A run does what its message says; see `script` in `src/m8tes.rs`."""

    def __init__(self, base_url, key, version):
        self.base_url = base_url
        self.key = key
        self.version = version
        self.client = self.with_key(key)

    @property
    def is_first(self):
        return self.version == "1.1.0"

    def with_key(self, key):
        return m8tes.M8tes(api_key=key, base_url=self.base_url, timeout=30)

    def stranger(self):
        """A client whose key no account has."""
        return self.with_key("m8_bad")

    def teammate(self, **more):
        return self.client.teammates.create(name="Ada", **more)

    def run(self, message="go", **more):
        """A run that is under way, or over."""
        return self.client.runs.create(message=message, stream=False, **more)

    def over(self, message="go", **more):
        """A run that is over."""
        return self.client.runs.poll(self.run(message, **more).id, interval=0.01, timeout=20)

    def waiting(self, message="send", mode="approval"):
        """A run that waits for a person, and what it waits for."""
        run = self.run(message, human_in_the_loop=True, permission_mode=mode)
        for _ in range(2000):
            pending = [asked for asked in self.client.runs.permissions(run.id) if asked.status == "pending"]
            if pending:
                return run, pending[0]
        raise AssertionError("nobody is asked")

    def user(self):
        """The id of an end user whom nobody has used."""
        return f"cust_{next(_numbers)}"
