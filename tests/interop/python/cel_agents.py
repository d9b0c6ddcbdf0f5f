"""Agents, each in a folder of its own, and what wakes them."""

import json

from cases import error, good
from expect import equal

CODEX, CLAUDE = "codex", "claude"


@good("agent guide")
def an_agent_without_an_identity_is_told_to_make_one(life):
    guide = life.home.cel("agent", "guide", "--provider", "codex", at=CODEX)
    equal("cel agent external create codex-" in guide, True)
    equal(f"Owner login is already present: {life.owner}" in guide, True)


@good("agent external create")
def two_agents_get_their_own_identities(life):
    for name in (CODEX, CLAUDE):
        made = life.home.json("agent", "external", "create", name, "--name", name.title(), "--provider", name, at=name)
        user = {"id": name, "name": name.title(), "type": "external", "created_by_user_id": life.owner}
        equal((made["user"], made["identity"]["user_id"]), (user, name))


@error("agent external create")
def an_identity_is_made_once(life):
    problem = life.home.refused("agent", "external", "create", CODEX, "--name", "Codex", at=CODEX)
    equal(problem, "error: HTTP 409: external user already exists: codex")


@good("agent external list")
def the_identities_are_listed(life):
    listed = life.home.cel("agent", "external", "list", at=CODEX)
    equal([line for line in listed.splitlines() if line.startswith("- ")], [f"- {CLAUDE}", f"- {CODEX}"])


@good("agent show")
def an_agent_is_who_the_backend_says(life):
    shown = life.home.json("agent", "show", at=CODEX)
    equal((shown["user_id"], shown["display_name"], shown["binding_source"]), (CODEX, "Codex", "cwd"))
    equal((shown["base_url"], shown["active_owner_user_id"]), (life.url, life.owner))


@good("agent external unbind")
def a_folder_can_be_given_up(life):
    life.home.cel("agent", "external", "create", "gemini", "--name", "Gemini", at="gemini")
    told = json.loads(life.home.cel("agent", "external", "unbind", "gemini", at="gemini"))
    equal((told["local_id"], told["unbound"]), ("gemini", True))


@good("agent external remove")
def an_identity_can_be_given_up(life):
    life.home.cel("agent", "external", "remove", "gemini", at="gemini")
    equal("gemini" in life.home.cel("agent", "external", "list", at=CODEX), False)


@good("agent external cleanup")
def what_was_left_of_it_is_cleaned_up(life):
    told = json.loads(life.home.cel("agent", "external", "cleanup", at=CODEX))
    equal(sorted(told), ["removed_artifacts", "removed_cwd_bindings"])


@good("self debug on")
def a_trace_can_be_kept(life):
    equal(life.home.cel("self", "debug", "on", at=CODEX).splitlines()[0], "Debug: on")


@good("self debug status")
def the_trace_is_on(life):
    equal(life.home.cel("self", "debug", "status", at=CODEX).splitlines()[0], "Debug: on")


@good("self start")
def a_daemon_listens_for_every_agent(life):
    life.home.cel("self", "start", at="owner")
    daemon = life.home.json("self", "status", at="owner")["daemon"]
    equal((daemon["state"], daemon["running"]), ("running", True))


@error("self start")
def a_second_daemon_does_not_start(life):
    pid = life.home.json("self", "status", at="owner")["daemon"]["pid"]
    life.home.cel("self", "start", at="owner")
    equal(life.home.json("self", "status", at="owner")["daemon"]["pid"], pid)
