"""Seconds on the clock, and of the processor, that the installed `muxi` takes for each piece of text of a chat's stream, printed.

The URL at which the stream is played and the number of pieces are the arguments.
"""

import json
import sys
import time

import muxi

url, count = sys.argv[1:]
formation = muxi.FormationClient(url=url, client_key="ck", admin_key="ak")
started, spent = time.perf_counter(), time.process_time()
pieces = 0
for event in formation.chat_stream({"message": "go"}, user_id="ada"):
    # What is in an event it leaves to its users.
    token = json.loads(event["data"]).get("token", {})
    pieces += token.get("type") == "content"
taken, spent = time.perf_counter() - started, time.process_time() - spent
if pieces != int(count):
    sys.exit(f"{pieces} of {count} pieces of text came")
print(taken / pieces, spent / pieces)
