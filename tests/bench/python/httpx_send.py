"""Seconds that the same request takes with httpx and one connection that is kept, printed.

The backend's URL, the number of calls, the chat and the content are the arguments; the token comes through standard input.
"""

import sys
import time

import httpx

url, calls, chat, content = sys.argv[1:]
headers = {"Authorization": f"Bearer {sys.stdin.readline().strip()}", "Accept": "application/json"}
with httpx.Client(base_url=url, headers=headers) as client:

    def send():
        response = client.post(f"/api/chats/{chat}/messages", json={"content": content, "enforce_caught_up": True})
        return response.raise_for_status().json()

    send()
    started = time.perf_counter()
    for _ in range(int(calls)):
        send()
    print((time.perf_counter() - started) / int(calls))
