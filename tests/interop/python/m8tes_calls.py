"""Calls of the installed `m8tes`, asked for on standard input and answered on standard output, one JSON object a line.

Arguments: the base URL of a local backend, and its API key.
"""

import dataclasses
import json
import sys

import m8tes

# Who decides is a function; what it decides is given.
HANDLERS = ("on_approval", "on_question")


def _call(client, name, arguments):
    method = client
    for part in name.split("."):
        method = getattr(method, part)
    for handler in HANDLERS:
        if handler in arguments:
            arguments[handler] = lambda _, decided=arguments[handler]: decided
    return _shown(method(**arguments))


def _shown(result):
    if hasattr(result, "auto_paging_iter"):
        return [_shown(item) for item in result.auto_paging_iter()]
    if isinstance(result, m8tes.RunStream):
        events = [str(event.type) for event in result]
        return {"events": events, "text": result.text, "run_id": result.run_id}
    if dataclasses.is_dataclass(result):
        # Secrets are nobody else's.
        return {name: value for name, value in dataclasses.asdict(result).items() if name != "secret"}
    if isinstance(result, list):
        return [_shown(item) for item in result]
    return result.decode() if isinstance(result, bytes) else result


def _answer(client, request):
    try:
        return {"done": _call(client, request["call"], request["arguments"])}
    except m8tes.M8tesError as error:
        if error.status_code is None:
            return {"failed": f"{type(error).__name__}: {error}"}
        return {"refused": error.status_code, "detail": error.error_code or error.code}
    except Exception as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def main():
    url, key = sys.argv[1:]
    client = m8tes.M8tes(api_key=key, base_url=url, timeout=60)
    for line in sys.stdin:
        print(json.dumps(_answer(client, json.loads(line))), flush=True)


main()
