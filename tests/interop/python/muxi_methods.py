"""Every public method of the installed `muxi`.

Arguments: the URL of a local backend, the id of its formation, which of the two clients is meant, `blocking` or `async`, and
the key pair of its management server.
"""

import inspect
import sys

import cases
import muxi
import muxi_configuration
import muxi_defects
import muxi_people
import muxi_server
import muxi_turns
import muxi_webhooks
import report
from muxi_world import World

CASES = [muxi_configuration, muxi_people, muxi_turns, muxi_webhooks, muxi_server, muxi_defects]

# The facades, and what their methods are called in cases.
FACADES = {
    "blocking": {"formation": muxi.FormationClient, "server": muxi.ServerClient},
    "async": {"formation": muxi.AsyncFormationClient, "server": muxi.AsyncServerClient},
}


def methods(kind):
    """Their names, as they are found in what is installed."""
    for name, facade in FACADES[kind].items():
        yield from (f"{name}.{method}" for method, _ in inspect.getmembers(facade, callable) if method[0] != "_")
    if kind == "blocking":
        yield from ("parse_ui_widgets", "webhook.parse", "webhook.verify_signature")


world = World(*sys.argv[1:])
for name in sorted(methods(world.version)):
    report.line("method", name)
cases.run_all(CASES, world)
