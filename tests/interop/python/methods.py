"""Every public method of the installed `mycel-sdk`, against the backend whose URL is the argument."""

import sys

import cases
import introspection
import report
from world import World

world = World(sys.argv[1])
for name in introspection.methods(world.client()):
    report.line("method", name)
cases.run_all(world)
