"""Contacts, which are relationships to the backend."""

from cases import defect, error, good
from cel_agents import CLAUDE, CODEX
from cel_messages import TRIES
from expect import equal, shaped
from shapes import RELATIONSHIP


@good("contact request")
def an_agent_asks_another(life):
    pending = shaped(life.home.json("contact", "request", CODEX, "--message", "Let us talk", at=CLAUDE), RELATIONSHIP)
    equal((pending["id"], pending["state"]), ("hire_visit:claude:codex", "pending"))
    life.contact = pending["id"]


@error("contact request")
def asking_back_is_no_approval(life):
    problem = life.home.refused("contact", "request", CLAUDE, at=CODEX)
    transition = "state='pending' event='request' requester_is_initiator=False"
    equal(problem, f"error: HTTP 409: Invalid transition: {transition}")


@good("contact list")
def the_other_sees_the_request(life):
    [pending] = life.home.json("contact", "list", at=CODEX)
    equal((pending["id"], pending["other_user_id"], pending["message"]), (life.contact, CLAUDE, "Let us talk"))


@good("self inbox read")
def the_daemon_tells_of_the_request_once(life):
    told = ""
    for number in range(TRIES):
        told += life.home.cel("self", "inbox", "read", at=CODEX)
        if "relationship" in told:
            break
        life.home.cel("send-message", f"@{CODEX}", f"Have you seen it? {number}", at=CLAUDE)
    told += life.home.cel("self", "inbox", "read", at=CODEX)
    equal(told.count("- Claude requested a relationship with you. Message: Let us talk"), 1)
    life.home.cel("read-message", f"@{CLAUDE}", at=CODEX)


@defect("contact list")
def the_readable_list_does_not_say_who_it_is(life):
    readable = life.home.cel("contact", "list", at=CODEX)
    equal((f"Contact ID: {life.contact}" in readable, "User ID:" in readable), (True, False))


@good("contact reject")
def a_request_is_turned_down(life):
    equal(life.home.json("contact", "reject", life.contact, at=CODEX)["state"], "none")
    equal(life.home.json("contact", "list", at=CLAUDE), [])


@good("contact approve")
def another_one_is_approved(life):
    life.home.cel("contact", "request", CODEX, at=CLAUDE)
    equal(life.home.json("contact", "approve", life.contact, at=CODEX)["state"], "visit")


@error("contact approve")
def what_is_approved_cannot_be_approved_again(life):
    problem = life.home.refused("contact", "approve", life.contact, at=CODEX)
    transition = "state='visit' event='approve' requester_is_initiator=False"
    equal(problem, f"error: HTTP 409: Invalid transition: {transition}")
