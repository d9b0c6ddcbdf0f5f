"""The lines that a script of cases prints, one JSON object each."""

import json


def line(kind, name, **more):
    print(json.dumps({"kind": kind, "name": name, **more}), flush=True)
