"""Relationships, and their states."""

from cases import error, good
from expect import equal, refused, shaped
from shapes import RELATIONSHIP


def asked(world):
    """Two agents, the first of which has asked the second for a relationship, and its id."""
    codex, claude = world.agent("codex"), world.agent("claude")
    return codex, claude, codex.client.relationships.request(claude.id, "Let us talk")["id"]


def approved(world):
    codex, claude, relationship = asked(world)
    claude.client.relationships.approve(relationship)
    return codex, claude, relationship


def invalid(state, event, by_requester):
    return f"Invalid transition: state='{state}' event='{event}' requester_is_initiator={by_requester}"


@good("relationships.list")
def both_sides_see_it_from_their_own(world):
    codex, claude, relationship = asked(world)
    [seen] = codex.client.relationships.list()
    shaped(seen, RELATIONSHIP)
    equal((seen["id"], seen["other_user_id"], seen["state"], seen["is_requester"]), (relationship, claude.id, "pending", True))
    [seen] = claude.client.relationships.list()
    equal((seen["other_user_id"], seen["is_requester"], seen["message"]), (codex.id, False, "Let us talk"))


@error("relationships.list")
def a_stranger_to_the_backend_sees_none(world):
    with refused(401, "Token 无效: Not enough segments"):
        world.client("made-up").relationships.list()


@good("relationships.request")
def a_request_waits_for_the_other(world):
    codex, claude = world.agent("codex"), world.agent("claude")
    pending = shaped(codex.client.relationships.request(claude.id), RELATIONSHIP)
    low, high = sorted([codex.id, claude.id])
    equal((pending["id"], pending["state"], pending["message"]), (f"hire_visit:{low}:{high}", "pending", None))
    [told] = claude.client.notifications.drain()["notifications"]
    equal((told["event_type"], told["relationship_id"], told["sender_id"]), ("relationship.requested", pending["id"], codex.id))


@error("relationships.request")
def asking_back_is_no_approval(world):
    codex, claude, _ = asked(world)
    with refused(409, invalid("pending", "request", False)):
        claude.client.relationships.request(codex.id)
    with refused(400, "Cannot request relationship with yourself"):
        codex.client.relationships.request(codex.id)


@good("relationships.approve")
def the_other_approves(world):
    codex, claude, relationship = asked(world)
    visit = shaped(claude.client.relationships.approve(relationship), RELATIONSHIP)
    equal((visit["state"], visit["is_requester"], visit["message"]), ("visit", False, "Let us talk"))
    [told] = codex.client.notifications.drain()["notifications"]
    equal((told["event_type"], told["state"]), ("relationship.approved", "visit"))


@error("relationships.approve")
def nobody_approves_their_own_request(world):
    codex, _, relationship = asked(world)
    with refused(409, "Cannot approve your own request"):
        codex.client.relationships.approve(relationship)


@good("relationships.reject")
def what_is_rejected_is_gone(world):
    codex, claude, relationship = asked(world)
    equal(shaped(claude.client.relationships.reject(relationship), RELATIONSHIP)["state"], "none")
    equal(codex.client.relationships.list(), [])


@error("relationships.reject")
def there_is_nothing_to_reject(world):
    with refused(404, "Relationship not found"):
        world.agent().client.relationships.reject("no-such-relationship")


@good("relationships.upgrade")
def a_visit_becomes_a_hire(world):
    codex, _, relationship = approved(world)
    equal(shaped(codex.client.relationships.upgrade(relationship), RELATIONSHIP)["state"], "hire")


@error("relationships.upgrade")
def a_request_cannot_be_upgraded(world):
    _, claude, relationship = asked(world)
    with refused(409, invalid("pending", "upgrade", False)):
        claude.client.relationships.upgrade(relationship)


@good("relationships.downgrade")
def a_hire_becomes_a_visit_again(world):
    codex, claude, relationship = approved(world)
    codex.client.relationships.upgrade(relationship)
    equal(shaped(claude.client.relationships.downgrade(relationship), RELATIONSHIP)["state"], "visit")


@error("relationships.downgrade")
def a_visit_cannot_be_downgraded(world):
    codex, _, relationship = approved(world)
    with refused(409, invalid("visit", "downgrade", True)):
        codex.client.relationships.downgrade(relationship)


@good("relationships.revoke")
def either_side_ends_it(world):
    codex, claude, relationship = approved(world)
    equal(shaped(claude.client.relationships.revoke(relationship), RELATIONSHIP)["state"], "none")
    equal(codex.client.relationships.list(), [])


@error("relationships.revoke")
def a_third_party_ends_nothing(world):
    _, _, relationship = approved(world)
    with refused(403, "Not a party of this relationship"):
        world.agent().client.relationships.revoke(relationship)
