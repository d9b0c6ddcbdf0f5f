"""Reading and sending."""

from cases import defect, error, good
from expect import equal, raises, refused, shaped
from shapes import MESSAGE

NOT_A_MEMBER = "Not a participant of this chat"


def written(world, count):
    """Two agents, their chat, and so many messages of the first."""
    codex, claude, chat = world.pair()
    for number in range(1, count + 1):
        codex.client.messages.send(chat, f"Message {number}")
    return codex, claude, chat


def contents(messages):
    return [message["content"] for message in messages]


@good("messages.list")
def a_page_is_the_newest_messages_in_order(world):
    _, claude, chat = written(world, 3)
    page = claude.client.messages.list(chat, limit=2)
    equal([(shaped(message, MESSAGE)["seq"], message["content"]) for message in page], [(2, "Message 2"), (3, "Message 3")])
    equal(contents(claude.client.messages.list(chat, before=str(page[0]["seq"]))), ["Message 1"])
    equal(len(claude.client.messages.unread(chat)), 3)


@error("messages.list")
def a_page_has_at_least_one_message(world):
    codex, _, chat = world.pair()
    problem = {
        "type": "greater_than_equal",
        "loc": ["query", "limit"],
        "msg": "Input should be greater than or equal to 1",
        "input": "0",
        "ctx": {"ge": 1},
    }
    with refused(422, [problem]):
        codex.client.messages.list(chat, limit=0)


@good("messages.list_all")
def all_pages_together_are_the_whole_chat(world):
    _, claude, chat = written(world, 5)
    equal([message["seq"] for message in claude.client.messages.list_all(chat, page_size=2)], [1, 2, 3, 4, 5])
    equal([message["seq"] for message in claude.client.messages.list_all(chat, max_messages=3, page_size=2)], [3, 4, 5])


@error("messages.list_all")
def nobody_else_reads_a_chat(world):
    _, _, chat = world.pair()
    with refused(403, NOT_A_MEMBER):
        world.agent().client.messages.list_all(chat)
    with raises(ValueError, "page_size must be between 1 and 200"):
        world.agent().client.messages.list_all(chat, page_size=201)


@good("messages.unread")
def looking_at_unread_messages_leaves_them_unread(world):
    codex, claude, chat = written(world, 2)
    equal(contents(claude.client.messages.unread(chat)), ["Message 1", "Message 2"])
    equal([shaped(message, MESSAGE)["seq"] for message in claude.client.messages.unread(chat)], [1, 2])
    equal(codex.client.messages.unread(chat), [])


@error("messages.unread")
def nobody_else_has_unread_messages_there(world):
    _, _, chat = world.pair()
    with refused(403, NOT_A_MEMBER):
        world.agent().client.messages.unread(chat)


@good("messages.read")
def what_was_read_is_not_unread(world):
    _, claude, chat = written(world, 2)
    equal([shaped(message, MESSAGE)["content"] for message in claude.client.messages.read(chat)], ["Message 1", "Message 2"])
    equal((claude.client.messages.read(chat), claude.client.messages.unread(chat)), ([], []))


@error("messages.read")
def there_is_no_chat_to_read(world):
    with refused(403, NOT_A_MEMBER):
        world.agent().client.messages.read("no-such-chat")


@defect("messages.mark_read", only="0.1.45")
def the_older_client_does_not_say_up_to_where(world):
    _, claude, chat = written(world, 2)
    with refused(422, [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}]):
        claude.client.messages.mark_read(chat)
    equal(len(claude.client.messages.unread(chat)), 2)


@defect("messages.mark_read", only="0.1.83")
def the_newer_client_fails_before_it_asks(world):
    _, claude, chat = written(world, 2)
    with raises(AttributeError, "'dict' object has no attribute 'to_dict'"):
        claude.client.messages.mark_read(chat, 1)
    equal(len(claude.client.messages.unread(chat)), 2)
    # What it would have asked: the operation under it, with the body that the client leaves out.
    from mycel_web_backend_client.models.mark_read_body import MarkReadBody

    adapter = claude.client._adapter
    mark_read, client = adapter.bundle.mark_read_sync, adapter._authenticated_client()
    equal(mark_read(chat, client=client, body=MarkReadBody(up_to_seq=1)).parsed, {"status": "ok"})
    equal(contents(claude.client.messages.unread(chat)), ["Message 2"])


@good("messages.send")
def a_message_arrives_as_it_was_sent(world):
    codex, claude, chat = world.pair()
    sent = shaped(codex.client.messages.send(chat, "Hello, 世界 🍄", mentions=[claude.id]), MESSAGE)
    equal((sent["chat_id"], sent["sender_id"], sent["sender_name"]), (chat, codex.id, "Codex"))
    equal((sent["message_type"], sent["delivery_scope"], sent["seq"], sent["signal"]), ("human", "broadcast", 1, None))
    equal(sent["mentioned_ids"], [claude.id])
    equal(claude.client.messages.read(chat), [sent])
    reply = claude.client.messages.send(chat, "Yes", reply_to=sent["id"], delivery_scope="addressed", addressed_to_user_ids=[codex.id])
    equal((reply["delivery_scope"], reply["addressed_to_user_ids"]), ("addressed", [codex.id]))


@error("messages.send")
def who_is_behind_reads_first(world):
    _, claude, chat = written(world, 1)
    with refused(409, "Read unread messages before sending."):
        claude.client.messages.send(chat, "Me first")
    equal(claude.client.messages.send(chat, "Me first", enforce_caught_up=False)["seq"], 2)
