"""Seconds on the clock, and of the processor, that the installed `m8tes` takes for each piece of text of a run's stream, printed.

The URL at which the stream is played and the number of pieces are the arguments.
"""

import sys
import time

import m8tes

url, count = sys.argv[1:]
client = m8tes.M8tes(api_key="m8_5fa8a7c1b2d34e6f", base_url=f"{url}/v2")
started, spent = time.perf_counter(), time.process_time()
pieces = sum(event.type == "text-delta" for event in client.runs.create(message="go"))
taken, spent = time.perf_counter() - started, time.process_time() - spent
if pieces != int(count):
    sys.exit(f"{pieces} of {count} pieces of text came")
print(taken / pieces, spent / pieces)
