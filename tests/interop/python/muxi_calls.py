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
server = muxi.ServerClient(url=url, key_id="id", secret_key="secret")
made = 0


def count(_request):
    global made
    made += 1


formation._transport._client.event_hooks["request"].append(count)
server.transport._client.event_hooks["request"].append(count)
for method, arguments in calls:
    made = 0
    try:
        client = server if method.startswith("server.") else formation
        result = getattr(client, method.removeprefix("server."))(**arguments)
        if inspect.isgenerator(result):
            list(result)
    except muxi.formation.MuxiError:
        # What comes of it does not count.
        pass
    print(made, flush=True)


def methods(client, prefix):
    return [prefix + name for name, _ in inspect.getmembers(client, inspect.ismethod) if not name.startswith("_")]


print(json.dumps({"methods": methods(formation, "") + methods(server, "server.")}))
