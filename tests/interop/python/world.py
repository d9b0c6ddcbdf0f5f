"""Users on a backend, and clients that act for them."""

import importlib.metadata

from mycel_sdk import Client


class World:
    """The backend at a URL, seen with the installed client."""

    def __init__(self, url):
        self.url = url
        self.version = importlib.metadata.version("mycel-sdk")

    def client(self, token=None):
        return Client(base_url=self.url, auth_token=token)
