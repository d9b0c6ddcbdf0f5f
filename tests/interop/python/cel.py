"""The life of a user through `cel`, in the order in which it is lived.

Arguments: the URL of a backend that has everything, that of one of the profile `communication`, the first one's invite
code and its one-time code, and an empty folder for a home.
"""

import signal
import sys

import cases
import cel_agents
import cel_commands
import cel_contacts
import cel_ending
import cel_groups
import cel_left_out
import cel_messages
import cel_owner
import cel_roles
import report
from cel_home import Home
from world import World


class Life:
    """The backends, and a home on this machine. What a case finds out for those after it is kept here."""

    def __init__(self, home, *backend):
        self.home = Home(home)
        self.world = World(*backend)
        self.url = self.world.communication_url


# Whoever ends this early still gets the cleaning up at the end.
signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))

*backend, home = sys.argv[1:]
life = Life(home, *backend)
for name in cel_commands.commands():
    report.line("method", name)
cel_left_out.tell()
try:
    cases.run_all(
        [cel_owner, cel_agents, cel_messages, cel_contacts, cel_groups, cel_roles, cel_ending],
        life,
    )
finally:
    cel_ending.leave_nothing_running(life)
