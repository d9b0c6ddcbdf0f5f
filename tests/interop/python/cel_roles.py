"""Roles in a group, and what those who have one do with its tasks.

The roles are given without the terminals that `cel` would open for them.
"""

import json

from cases import defect, error, good
from cel_agents import CLAUDE, CODEX
from cel_groups import AT
from expect import equal
from mycel_sdk import Client

SUPERVISOR, WORKER, REVIEWER = "supervisor-1", "worker-1", "reviewer-1"


def supervising(life):
    """The environment in which a supervisor works."""
    return {"MYCEL_GROUP_ID": life.group, "MYCEL_USER_SESSION": SUPERVISOR, "MYCEL_LOCAL_ID": CODEX}


def participants(life):
    workflow = Client(base_url=life.url, auth_token=life.token).chats.get_workflow(life.group)
    return {participant["handle"]: participant["user_id"] for participant in workflow["config"]["participants"]}


@good("group start")
def a_group_with_roles_starts(life):
    for role, session, agent in (
        ("supervisor", SUPERVISOR, CODEX),
        ("worker", WORKER, CLAUDE),
        ("reviewer", REVIEWER, CLAUDE),
    ):
        life.home.script("cel_role.py", life.group, role, session, agent)
    equal(participants(life), {"supervisor": CODEX, "worker": CLAUDE, "reviewer": CLAUDE})
    life.home.cel("group", "start", life.group, at=AT)
    equal(Client(base_url=life.url, auth_token=life.token).chats.get_workflow(life.group)["state"], "active")


@good("group ID supervisor list")
def the_supervisor_is_listed(life):
    equal(life.home.cel("group", life.group, "supervisor", "list", at=AT), f"{SUPERVISOR}\n")


@good("group ID worker list")
def the_workers_are_listed(life):
    equal(life.home.cel("group", life.group, "worker", "list", at=AT), f"{WORKER}\n")


@good("group ID reviewer list")
def the_reviewers_are_listed(life):
    equal(REVIEWER in life.home.cel("group", life.group, "reviewer", "list", at=AT), True)


@good("group ID supervisor show")
def the_supervisor_is_an_agent(life):
    shown = json.loads(life.home.cel("group", life.group, "supervisor", "show", SUPERVISOR, at=AT))
    equal((shown["session"], shown["local_id"]), (SUPERVISOR, CODEX))


@good("group ID worker show")
def a_worker_is_an_agent(life):
    shown = json.loads(life.home.cel("group", life.group, "worker", "show", WORKER, at=AT))
    equal((shown["session"], shown["local_id"]), (WORKER, CLAUDE))


@good("group ID reviewer show")
def a_reviewer_is_an_agent(life):
    shown = json.loads(life.home.cel("group", life.group, "reviewer", "show", REVIEWER, at=AT))
    equal((shown["session"], shown["local_id"]), (REVIEWER, CLAUDE))


@good("group ID supervisor update")
def the_supervisor_gets_another_name(life):
    life.home.cel("group", life.group, "supervisor", "update", SUPERVISOR, "--name", "lead", at=AT)
    equal(participants(life)["lead"], CODEX)


@good("group ID worker update")
def a_worker_gets_another_name(life):
    life.home.cel("group", life.group, "worker", "update", WORKER, "--name", "hands", at=AT)
    equal(participants(life)["hands"], CLAUDE)


@good("group ID reviewer update")
def a_reviewer_gets_another_name(life):
    life.home.cel("group", life.group, "reviewer", "update", REVIEWER, "--name", "eyes", at=AT)
    equal(participants(life)["eyes"], CLAUDE)


@good("send-message")
def a_role_is_written_to_by_its_name(life):
    life.home.cel("read-message", life.group, at=CODEX)
    sent = life.home.json("send-message", f"{life.group}@hands", "To work", at=CODEX)["message"]
    equal(sent["addressed_to_user_ids"], [CLAUDE])


@good("group ID task update")
def the_supervisor_hands_out_a_task(life):
    update = ["group", life.group, "task", "update", "--tasks", "1"]
    life.home.cel(*update, "--subject", "Write API", "--owner", WORKER, "--blocks", "2", at=CODEX, speaks=supervising(life))
    life.home.cel(*update, "--status", "in_progress", at=CODEX, speaks=supervising(life))
    shown = json.loads(life.home.cel("group", life.group, "task", "show", "1", at=AT))
    equal((shown["subject"], shown["owner"], shown["status"]), ("Write API", CLAUDE, "in_progress"))
    equal(shown["blocks"], ["2"])


@error("group ID task update")
def the_owner_of_the_machine_does_not(life):
    problem = life.home.refused("group", life.group, "task", "update", "--tasks", "1", "--subject", "Else", at=AT)
    equal(problem, "当前 shell 无权执行 task.update。")


@defect("group ID task update")
def a_review_is_asked_for_without_saying_by_whom(life):
    (life.home.folder / CODEX / "done.md").write_text("Done.\n", encoding="utf-8")
    review = ["task", "update", "--tasks", "1", "--status", "completed", "--rationale", "done.md"]
    problem = life.home.refused("group", life.group, *review, at=CODEX, speaks=supervising(life))
    equal(problem.splitlines()[-1], "error: HTTP 500: Internal Server Error")
    equal(Client(base_url=life.url, auth_token=life.token).chats.list_workflow_events(life.group), [])


@good("group ID task remove")
def the_supervisor_removes_a_task(life):
    life.home.cel("group", life.group, "task", "remove", "--tasks", "1", at=CODEX, speaks=supervising(life))
    equal(life.home.cel("group", life.group, "task", "list", at=AT), "(无 task)\n")


@good("group ID worker remove")
def a_worker_is_let_go(life):
    life.home.cel("group", life.group, "worker", "remove", WORKER, at=AT)
    equal("hands" in participants(life), False)


@good("group ID reviewer remove")
def a_reviewer_is_let_go(life):
    life.home.cel("group", life.group, "reviewer", "remove", REVIEWER, at=AT)
    equal("eyes" in participants(life), False)


@good("group ID supervisor remove")
def the_supervisor_is_let_go(life):
    life.home.cel("group", life.group, "supervisor", "remove", SUPERVISOR, at=AT)
    equal(participants(life), {})


@good("group stop")
def the_owner_stops_a_group(life):
    life.home.cel("group", "stop", life.group, "--force", at=AT)
    equal(Client(base_url=life.url, auth_token=life.token).chats.get_workflow(life.group)["state"], "stopped")


@good("group remove")
def a_removed_group_leaves_its_chat(life):
    life.home.cel("group", "remove", life.group, at=AT)
    equal("没有 group" in life.home.cel("group", "list", at=AT), True)
    equal("Workflow: none" in life.home.cel("group", "show", life.group, at=AT), True)
