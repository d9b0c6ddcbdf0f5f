"""Groups, their members and their tasks."""

import json
import re

from cases import defect, error, good
from cel_agents import CLAUDE, CODEX
from expect import equal, refused
from mycel_sdk import Client

AT = "owner"
TITLE = "Release 1.0"


def made(told):
    """The id in what `cel group create` says."""
    return re.search(r"'([0-9a-f-]{36})'", told).group(1)


@good("group config")
def a_machine_has_defaults(life):
    told = life.home.cel("group", "config", "--terminal", "tmux", "--workers-enabled", "true", at=AT)
    equal((f"Base URL: {life.url} (config)" in told, "Default Terminal: tmux" in told), (True, True))


@good("group create")
def an_owner_makes_a_group(life):
    life.group = made(life.home.cel("group", "create", "--title", TITLE, at=AT))
    chat = Client(base_url=life.url, auth_token=life.token).chats.get(life.group)
    equal((chat["type"], chat["title"], chat["created_by_user_id"]), ("group", TITLE, life.owner))


@defect("group create")
def a_group_without_a_title_breaks_its_owners_list_of_chats(life):
    owner = Client(base_url=life.url, auth_token=life.token)
    equal(TITLE in [chat["title"] for chat in owner.chats.list()], True)
    untitled = made(life.home.cel("group", "create", at=AT))
    with refused(500, "Internal Server Error"):
        owner.chats.list()
    life.home.cel("group", "add-member", untitled, CODEX, at=AT)
    equal("Codex" in [chat["title"] for chat in owner.chats.list()], True)
    life.home.cel("group", "remove", untitled, at=AT)


@good("group add-member")
def the_owner_adds_both_agents(life):
    for agent in (CODEX, CLAUDE):
        added = life.home.json("group", "add-member", life.group, agent, at=AT)
        equal(added["member"], {"chat_id": life.group, "user_id": agent, "state": "member"})


@error("group add-member")
def nobody_of_this_name_is_added(life):
    problem = life.home.refused("group", "add-member", life.group, "nobody", at=AT)
    equal(problem, "HTTP 400: Unknown chat participant id: nobody")


@good("group list")
def the_group_is_listed(life):
    equal(f"{life.group} ({TITLE}) — 0 workers, 0 tasks" in life.home.cel("group", "list", at=AT), True)


@good("group ls")
def the_group_is_listed_in_short(life):
    equal(life.home.cel("group", "ls", at=AT), life.home.cel("group", "list", at=AT))


@good("group show")
def a_group_shows_its_members(life):
    shown = life.home.cel("group", "show", life.group, at=AT)
    for line in ("Kind: group", "Members: 3", "- Ada (human): ", "- Codex (external): codex", "Workflow: none"):
        equal((line, line in shown), (line, True))


@good("send-message")
def everybody_in_a_group_is_written_to(life):
    life.home.cel("send-message", life.group, "Hello, everybody", "--mention", CLAUDE, at=CODEX)
    sent = life.home.json("send-message", f"{life.group}@{CLAUDE}", "And you", at=CODEX)["message"]
    equal((sent["delivery_scope"], sent["addressed_to_user_ids"], sent["seq"]), ("addressed", [CLAUDE], 2))
    read = life.home.json("read-message", life.group, at=CLAUDE)["messages"]
    equal([(message["content"], message["mentioned_ids"]) for message in read], [("Hello, everybody", [CLAUDE]), ("And you", [])])


@good("group ID task create")
def a_task_starts_the_workflow(life):
    told = life.home.cel("group", life.group, "task", "create", "Read API", at=AT)
    equal(told, "Task '1' created: Read API\n")
    shown = life.home.cel("group", "show", life.group, at=AT)
    equal("Workflow: keep" in shown, True)


@good("group ID task list")
def a_task_is_proposed_first(life):
    equal(life.home.cel("group", life.group, "task", "list", at=AT), "#1 [proposed] Read API\n")
    equal(life.home.cel(life.group, "task", "list", "--status", "completed", at=AT), "(无 task)\n")


@good("group ID task show")
def a_task_is_shown(life):
    shown = json.loads(life.home.cel("group", life.group, "task", "show", "1", at=AT))
    equal((shown["id"], shown["subject"], shown["status"], shown["blockedBy"]), ("1", "Read API", "proposed", []))


@error("group ID task show")
def a_task_that_does_not_exist_is_not_shown(life):
    problem = life.home.refused("group", life.group, "task", "show", "7", at=AT)
    equal(problem, "error: HTTP 404: Chat task not found")


@good("group update")
def the_workflow_gets_its_prompt(life):
    life.home.cel("group", "update", life.group, "Finish the release", at=AT)
    equal("Prompt: Finish the release" in life.home.cel("group", "show", life.group, at=AT), True)
    workflow = Client(base_url=life.url, auth_token=life.token).chats.get_workflow(life.group)
    equal((workflow["kind"], workflow["config"]["group_prompt"]), ("cel-group", "Finish the release"))


@error("group start")
def a_group_without_roles_does_not_start(life):
    equal("supervisor create" in life.home.refused("group", "start", life.group, at=AT), True)
