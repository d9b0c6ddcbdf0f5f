"""A chat's workflow and its events."""

from cases import error, good
from expect import equal, refused, shaped
from shapes import WORKFLOW, WORKFLOW_EVENT

NOT_A_MEMBER = "Not a participant of this chat"


def planned(world):
    """Two agents, their group, and a workflow in it."""
    codex, claude, chat = world.group()
    codex.client.chats.set_workflow(chat, kind="review", config={"reviewer": claude.id})
    return codex, claude, chat


def proposed(world):
    """Two agents, their group, and an event that the first has made there."""
    codex, claude, chat = planned(world)
    event = codex.client.chats.create_workflow_event(
        chat,
        kind="proposal",
        resource_refs=[{"type": "task", "id": "1"}],
        requested_by_user_id=codex.id,
        decision_states={claude.id: {"1": "open"}},
        rationales={claude.id: "to be read"},
        final_state={"1": None},
        metadata={"round": 1},
    )
    return codex, claude, chat, event


@good("chats.get_workflow")
def every_member_sees_the_workflow(world):
    codex, claude, chat = planned(world)
    workflow = shaped(claude.client.chats.get_workflow(chat), WORKFLOW)
    equal((workflow["chat_id"], workflow["kind"], workflow["state"]), (chat, "review", "active"))
    equal((workflow["config"], workflow["updated_by_user_id"]), ({"reviewer": claude.id}, codex.id))


@error("chats.get_workflow")
def a_new_chat_has_no_workflow(world):
    codex, _, chat = world.group()
    with refused(404, "Chat workflow not found"):
        codex.client.chats.get_workflow(chat)


@good("chats.set_workflow")
def a_workflow_is_replaced_and_counted(world):
    codex, claude, chat = world.group()
    first = shaped(codex.client.chats.set_workflow(chat, kind="review", config={"round": 1}), WORKFLOW)
    second = shaped(claude.client.chats.set_workflow(chat, kind="vote", state="paused"), WORKFLOW)
    equal([workflow["state_version"] for workflow in (first, second)], [0, 1])
    equal((second["kind"], second["state"], second["config"]), ("vote", "paused", {}))
    equal(second["created_at"], first["created_at"])


@good("chats.set_workflow", only="0.1.83")
def a_workflow_is_replaced_if_nobody_else_has(world):
    codex, _, chat = planned(world)
    equal(codex.client.chats.set_workflow(chat, kind="vote", expected_state_version=0)["state_version"], 1)


@error("chats.set_workflow", only="0.1.45")
def nobody_else_sets_a_workflow(world):
    _, _, chat = world.group()
    with refused(403, NOT_A_MEMBER):
        world.agent().client.chats.set_workflow(chat, kind="review")


@error("chats.set_workflow", only="0.1.83")
def a_workflow_that_has_moved_on_is_not_replaced(world):
    codex, _, chat = planned(world)
    stale = {"error": "stale_chat_workflow_state_version", "chat_id": chat, "expected_state_version": 7, "actual_state_version": 0}
    with refused(409, stale):
        codex.client.chats.set_workflow(chat, kind="vote", expected_state_version=7)


@good("chats.delete_workflow")
def a_workflow_is_deleted_once_or_twice(world):
    codex, _, chat = planned(world)
    equal([codex.client.chats.delete_workflow(chat) for _ in range(2)], [{"status": "deleted"}] * 2)
    with refused(404, "Chat workflow not found"):
        codex.client.chats.get_workflow(chat)


@error("chats.delete_workflow")
def nobody_else_deletes_a_workflow(world):
    _, _, chat = planned(world)
    with refused(403, NOT_A_MEMBER):
        world.agent().client.chats.delete_workflow(chat)


@good("chats.create_workflow_event")
def an_event_is_open_and_told_to_the_others(world):
    codex, claude, chat, event = proposed(world)
    shaped(event, WORKFLOW_EVENT)
    equal((event["chat_id"], event["event_id"], event["kind"], event["state"]), (chat, "1", "proposal", "open"))
    equal((event["resource_refs"], event["metadata"]), ([{"type": "task", "id": "1"}], {"round": 1}))
    equal((event["decision_states"], event["rationales"]), ({claude.id: {"1": "open"}}, {claude.id: "to be read"}))
    equal((event["final_state"], event["state_version"], event["settled_at"]), ({"1": None}, 0, None))
    [told] = claude.client.notifications.drain()["notifications"]
    equal((told["event_type"], told["operation"], told["event_id"]), ("chat.workflow.event", "created", "1"))
    equal(told["actor_user_id"], codex.id)


@error("chats.create_workflow_event")
def an_event_needs_somebody_who_asks_for_it(world):
    codex, _, chat = planned(world)
    with refused(500, "Internal Server Error"):
        codex.client.chats.create_workflow_event(chat, kind="proposal")


@good("chats.list_workflow_events")
def every_member_sees_the_events(world):
    _, claude, chat, event = proposed(world)
    [listed] = claude.client.chats.list_workflow_events(chat)
    equal(shaped(listed, WORKFLOW_EVENT)["event_id"], event["event_id"])


@error("chats.list_workflow_events")
def nobody_else_sees_the_events(world):
    _, _, chat, _ = proposed(world)
    with refused(403, NOT_A_MEMBER):
        world.agent().client.chats.list_workflow_events(chat)


@good("chats.get_workflow_event")
def an_event_is_found_by_its_number(world):
    _, claude, chat, event = proposed(world)
    found = shaped(claude.client.chats.get_workflow_event(chat, event["event_id"]), WORKFLOW_EVENT)
    equal({**found, "updated_at": None}, event)


@error("chats.get_workflow_event")
def there_is_no_event_of_this_number(world):
    codex, _, chat = planned(world)
    with refused(404, "Chat workflow event not found"):
        codex.client.chats.get_workflow_event(chat, "7")


@good("chats.update_workflow_event")
def a_map_that_is_given_replaces_the_old_one(world):
    _, claude, chat, event = proposed(world)
    decided = claude.client.chats.update_workflow_event(
        chat,
        event["event_id"],
        state="settled",
        decision_states={claude.id: {"1": "accepted"}},
        final_state={"1": "accepted"},
        rationales=None,
        settled_at=1_800_000_000.5,
    )
    shaped(decided, WORKFLOW_EVENT)
    equal((decided["state"], decided["settled_at"], decided["state_version"]), ("settled", 1_800_000_000.5, 1))
    equal((decided["decision_states"], decided["final_state"]), ({claude.id: {"1": "accepted"}}, {"1": "accepted"}))
    equal((decided["rationales"], decided["metadata"]), (event["rationales"], event["metadata"]))


@good("chats.update_workflow_event", only="0.1.83")
def an_event_is_changed_if_nobody_else_has(world):
    _, claude, chat, event = proposed(world)
    changed = claude.client.chats.update_workflow_event(chat, event["event_id"], state="settled", expected_state_version=0)
    equal((changed["state"], changed["state_version"]), ("settled", 1))


@error("chats.update_workflow_event", only="0.1.45")
def what_does_not_exist_cannot_be_changed(world):
    codex, _, chat = planned(world)
    with refused(404, "Chat workflow event not found"):
        codex.client.chats.update_workflow_event(chat, "7", state="settled")


@error("chats.update_workflow_event", only="0.1.83")
def an_event_that_has_moved_on_is_not_changed(world):
    _, claude, chat, event = proposed(world)
    stale = {
        "error": "stale_chat_workflow_event_state_version",
        "chat_id": chat,
        "event_id": event["event_id"],
        "expected_state_version": 7,
        "actual_state_version": 0,
    }
    with refused(409, stale):
        claude.client.chats.update_workflow_event(chat, event["event_id"], state="settled", expected_state_version=7)


@good("chats.delete_workflow_event")
def an_event_is_deleted_once_or_twice(world):
    codex, _, chat, event = proposed(world)
    equal([codex.client.chats.delete_workflow_event(chat, event["event_id"]) for _ in range(2)], [{"status": "deleted"}] * 2)
    equal(codex.client.chats.list_workflow_events(chat), [])


@error("chats.delete_workflow_event")
def nobody_else_deletes_an_event(world):
    _, _, chat, event = proposed(world)
    with refused(403, NOT_A_MEMBER):
        world.agent().client.chats.delete_workflow_event(chat, event["event_id"])
