"""Every public method of the installed `mycel-sdk`.

Arguments: the URL of a backend that has everything, that of one of the profile `communication`, the first one's invite
code and its one-time code.
"""

import functools
import ssl
import sys

import cases
import introspection
import methods_accounts
import methods_agents
import methods_chats
import methods_client
import methods_join_requests
import methods_messages
import methods_notifications
import methods_relationships
import methods_tasks
import methods_wait
import methods_workflows
import report
from world import World

CASES = [
    methods_client,
    methods_accounts,
    methods_agents,
    methods_chats,
    methods_join_requests,
    methods_messages,
    methods_relationships,
    methods_workflows,
    methods_tasks,
    methods_notifications,
    methods_wait,
]

# The client opens a new connection for each call, and reads all certificates for it, which takes most of the time. No call
# here needs any.
ssl.create_default_context = functools.cache(ssl.create_default_context)

world = World(*sys.argv[1:])
for name in introspection.methods(world.client()):
    report.line("method", name)
cases.run_all(CASES, world)
