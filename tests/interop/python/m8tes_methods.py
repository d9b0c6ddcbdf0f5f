"""The public methods of the installed `m8tes` that its documents show.

Arguments: the base URL of a local backend, its API key, and the version of the client.
"""

import inspect
import sys

import cases
import m8tes
import m8tes_account
import m8tes_apps
import m8tes_command
import m8tes_defects
import m8tes_people
import m8tes_runs
import m8tes_streams
import m8tes_tasks
import m8tes_teammates
import m8tes_tenants
import m8tes_webhooks
import report
from m8tes_world import World

CASES = [
    m8tes_teammates, m8tes_runs, m8tes_streams, m8tes_people, m8tes_tenants, m8tes_tasks, m8tes_apps, m8tes_webhooks,
    m8tes_account, m8tes_defects, m8tes_command,
]

# What came later, and is part of the documents' intentions.
LATER = {
    "auth.is_verified",
    "runs.messages",
    "runs.outcome",
    "runs.retry",
    "runs.stream",
    "runs.wait",
    "tasks.run_and_wait",
    "teammates.disable",
    "teammates.enable",
    "teammates.set_webhook_enabled",
}
# The methods of 1.1.0, all of which the documents show. Later ones have many more.
FIRST = {
    "apps": "connect connect_complete disconnect list",
    "auth": "get_usage resend_verify",
    "memories": "create delete list",
    "permissions": "create delete list",
    "runs": "answer approve cancel create create_and_wait download_file get list list_files permissions poll reply"
    " reply_and_wait stream_text update_permission_mode",
    "settings": "get update",
    "tasks": "create delete get list run update",
    "teammates": "create delete disable_email_inbox disable_webhook enable_email_inbox enable_webhook get list update",
    "triggers": "create delete list",
    "users": "create delete get list update",
    "webhooks": "create delete get list list_deliveries update verify_signature",
}
SHOWN = {f"{resource}.{method}" for resource, methods in FIRST.items() for method in methods.split()} | LATER


def methods(client, version):
    """Their names, as they are found in what is installed: of 1.1.0 all, of a later one those that are shown."""
    found = {f"{name}.{method}" for name in FIRST for method in _of(_resource(client, name))}
    if version != "1.1.0":
        # What is shown and gone is told as a case of a method that doesn't exist.
        found &= SHOWN
    return sorted(found | {name for name in ("get_token", "signup") if callable(getattr(m8tes, name, None))})


def _resource(client, name):
    return client.tasks.triggers if name == "triggers" else getattr(client, name)


def _of(resource):
    return [name for name, _ in inspect.getmembers(resource, callable) if not name.startswith("_")]


world = World(*sys.argv[1:])
for name in methods(world.client, world.version):
    report.line("method", name)
cases.run_all(CASES, world)
