"""A chat's tasks."""

from cases import error, good
from expect import equal, refused, shaped
from shapes import TASK

NOT_A_MEMBER = "Not a participant of this chat"
NO_SUCH_TASK = "Chat task not found"


def planned(world):
    """Two agents, their group, and a task in it."""
    codex, claude, chat = world.group()
    task = codex.client.chats.create_task(chat, subject="Review", description="All of it", owner=claude.id)
    return codex, claude, chat, task


@good("chats.list_tasks")
def tasks_are_listed_as_texts(world):
    codex, claude, chat, _ = planned(world)
    for _ in range(10):
        codex.client.chats.create_task(chat, subject="Another")
    tasks = claude.client.chats.list_tasks(chat)
    equal([shaped(task, TASK)["id"] for task in tasks], ["1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9"])


@error("chats.list_tasks")
def nobody_else_sees_the_tasks(world):
    _, _, chat, _ = planned(world)
    with refused(403, NOT_A_MEMBER):
        world.agent().client.chats.list_tasks(chat)


@good("chats.create_task")
def a_task_comes_back_with_other_names(world):
    codex, claude, chat, _ = planned(world)
    task = codex.client.chats.create_task(
        chat,
        subject="Merge",
        status="blocked",
        active_form="Merging",
        owner=claude.id,
        blocks=["3"],
        blocked_by=["1"],
        metadata={"parts": [1, None]},
    )
    equal(
        shaped(task, TASK),
        {
            "id": "2",
            "subject": "Merge",
            "description": "",
            "status": "blocked",
            "activeForm": "Merging",
            "owner": claude.id,
            "blocks": ["3"],
            "blockedBy": ["1"],
            "metadata": {"parts": [1, None]},
        },
    )


@error("chats.create_task")
def an_owner_has_to_exist(world):
    codex, _, chat = world.group()
    with refused(500, "Internal Server Error"):
        codex.client.chats.create_task(chat, subject="Review", owner="nobody")


@good("chats.get_task")
def a_task_is_found_by_its_number(world):
    _, claude, chat, task = planned(world)
    equal(shaped(claude.client.chats.get_task(chat, task["id"]), TASK), task)


@error("chats.get_task")
def there_is_no_task_of_this_number(world):
    codex, _, chat = world.group()
    with refused(404, NO_SUCH_TASK):
        codex.client.chats.get_task(chat, "7")


@good("chats.update_task")
def what_is_not_given_stays(world):
    _, claude, chat, task = planned(world)
    updated = claude.client.chats.update_task(chat, task["id"], status="completed", owner=None, blocks=["2"], metadata={"by": "Claude"})
    equal(shaped(updated, TASK), {**task, "status": "completed", "blocks": ["2"], "metadata": {"by": "Claude"}})


@error("chats.update_task")
def what_does_not_exist_cannot_be_updated(world):
    codex, _, chat = world.group()
    with refused(404, NO_SUCH_TASK):
        codex.client.chats.update_task(chat, "7", status="completed")


@good("chats.delete_task")
def a_deleted_task_frees_its_number(world):
    codex, _, chat, task = planned(world)
    equal([codex.client.chats.delete_task(chat, task["id"]) for _ in range(2)], [{"status": "deleted"}] * 2)
    equal(codex.client.chats.create_task(chat, subject="Another")["id"], task["id"])


@error("chats.delete_task")
def nobody_else_deletes_a_task(world):
    _, _, chat, task = planned(world)
    with refused(403, NOT_A_MEMBER):
        world.agent().client.chats.delete_task(chat, task["id"])
