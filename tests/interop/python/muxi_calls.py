"""Makes calls of `muxi` as it is told, and says how many requests each has made.

Arguments: the URL of a server, and the calls as JSON: a method and its arguments each.
"""

import inspect
import json
import sys

import muxi
from muxi_world import ADMIN, CLIENT

url, calls = sys.argv[1], json.loads(sys.argv[2])
formation = muxi.FormationClient(url=url, client_key=CLIENT, admin_key=ADMIN)
made = 0


def count(_request):
    global made
    made += 1


formation._transport._client.event_hooks["request"].append(count)
for method, arguments in calls:
    made = 0
    try:
        result = getattr(formation, method)(**arguments)
        if inspect.isgenerator(result):
            list(result)
    except muxi.formation.MuxiError:
        # What comes of it does not count.
        pass
    print(made, flush=True)
print(json.dumps({"methods": [name for name, _ in inspect.getmembers(formation, callable) if not name.startswith("_")]}))
