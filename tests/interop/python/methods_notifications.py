"""The inbox: emptied, and as a stream."""

from cases import error, good
from expect import equal, raises, refused, shaped
from mycel_sdk.errors import ReplayOverflow
from shapes import CHAT_NOTIFICATION, FRAME, INBOX

# How many notifications a backend can replay.
REPLAYED = 256


@good("notifications.drain")
def an_unread_chat_comes_back_with_a_new_number(world):
    codex, claude, chat = world.pair()
    codex.client.messages.send(chat, "Message 1")
    sent = codex.client.messages.send(chat, "Message 2")
    first, second = (shaped(claude.client.notifications.drain(), INBOX) for _ in range(2))
    [notification] = first["notifications"]
    shaped(notification, CHAT_NOTIFICATION)
    about = (notification["event_type"], notification["notification_type"], notification["chat_id"])
    equal(about, ("chat.message", "chat", chat))
    latest = (notification["message_id"], notification["message_seq"], notification["unread_count"])
    equal(latest, (sent["id"], 2, 2))
    equal(notification["sender_name"], "Codex")
    equal(second["notifications"], [{**notification, "seq": notification["seq"] + 1}])
    claude.client.messages.read(chat)
    equal(claude.client.notifications.drain(), {"count": 0, "notifications": []})


@error("notifications.drain")
def nobody_has_no_inbox(world):
    with refused(401, "Token 无效: Not enough segments"):
        world.client("made-up").notifications.drain()


@good("notifications.stream")
def a_message_arrives_twice_with_one_fingerprint(world):
    codex, claude, chat = world.pair()
    codex.client.messages.send(chat, "Before")
    seen = claude.client.notifications.drain()["notifications"][0]["seq"]
    claude.client.messages.read(chat)
    # What happens before the stream is there is replayed, what happens after it is live: either way it arrives.
    stream = claude.client.notifications.stream(since_seq=seen - 1)
    replayed = shaped(next(stream), FRAME)
    equal((replayed["type"], replayed["seq"]), ("notify", seen))
    sent = codex.client.messages.send(chat, "Live")
    first, second = shaped(next(stream), FRAME), shaped(next(stream), FRAME)
    stream.close()
    equal([first["metadata"]["message_id"], second["metadata"]["message_id"]], [sent["id"]] * 2)
    equal(first["fingerprint"], second["fingerprint"])
    equal([first["seq"], second["seq"]], [seen + 1, seen + 2])


@error("notifications.stream")
def what_is_too_long_ago_cannot_be_replayed(world):
    codex, claude, chat = world.pair()
    codex.client.messages.send(chat, "Unread")
    # One connection for all: each answer has the unread chat with a new number.
    adapter = claude.client._adapter
    client = adapter._authenticated_client()
    for _ in range(REPLAYED + 2):
        adapter.bundle.drain_runtime_inbox_sync(client=client)
    with raises(ReplayOverflow) as caught:
        next(claude.client.notifications.stream(since_seq=1))
    equal(caught.error.frame, {"type": "replay_overflow", "since_seq": 1, "oldest_seq": 3})


@error("notifications.stream")
def a_stream_needs_a_token(world):
    import websocket

    with raises(RuntimeError, "auth_token is required for notification stream"):
        next(world.client().notifications.stream())
    with raises(websocket.WebSocketBadStatusException) as caught:
        next(world.client("made-up").notifications.stream())
    equal(caught.error.status_code, 500)
