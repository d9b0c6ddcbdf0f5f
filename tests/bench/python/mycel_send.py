"""Seconds that a `send` of the installed `mycel-sdk` takes, printed.

The backend's URL, the number of calls, the chat and the content are the arguments; the token comes through standard input.
"""

import sys
import time

from mycel_sdk import Client

url, calls, chat, content = sys.argv[1:]
client = Client(base_url=url, auth_token=sys.stdin.readline().strip())
client.messages.send(chat, content)
started = time.perf_counter()
for _ in range(int(calls)):
    client.messages.send(chat, content)
print((time.perf_counter() - started) / int(calls))
