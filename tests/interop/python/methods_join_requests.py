"""Asking to join a group, and deciding on it."""

from cases import error, good
from expect import equal, refused, shaped
from shapes import JOIN_REQUEST, JOIN_TARGET


def asked(world):
    """Who made a group, the group, who asked to join it, and the request's id."""
    codex, _, chat = world.group()
    gemini = world.agent("gemini")
    return codex, chat, gemini, gemini.client.chats.request_join(chat, message="May I?")["id"]


@good("chats.join_target")
def anybody_sees_what_they_could_join(world):
    codex, chat, gemini, request = asked(world)
    target = shaped(gemini.client.chats.join_target(chat), JOIN_TARGET)
    equal((target["id"], target["type"], target["title"], target["is_member"]), (chat, "group", "Release 1.0", False))
    equal(shaped(target["current_request"], JOIN_REQUEST)["id"], request)
    target = shaped(codex.client.chats.join_target(chat), JOIN_TARGET)
    equal((target["is_member"], target["current_request"]), (True, None))


@error("chats.join_target")
def there_is_no_such_chat_to_join(world):
    with refused(404, "Chat not found"):
        world.agent().client.chats.join_target("no-such-chat")


@good("chats.request_join")
def a_second_request_replaces_the_first(world):
    _, chat, gemini, request = asked(world)
    again = shaped(gemini.client.chats.request_join(chat), JOIN_REQUEST)
    equal((again["id"], again["state"], again["message"]), (request, "pending", None))
    equal(request, f"chat_join:{chat}:{gemini.id}")


@error("chats.request_join")
def a_member_has_nothing_to_ask_for(world):
    _, claude, chat = world.group()
    with refused(409, "Already a participant of this chat"):
        claude.client.chats.request_join(chat)


@good("chats.list_join_requests")
def who_made_the_group_sees_who_asks(world):
    codex, chat, gemini, request = asked(world)
    [listed] = codex.client.chats.list_join_requests(chat)
    shaped(listed, JOIN_REQUEST)
    equal((listed["id"], listed["state"], listed["message"]), (request, "pending", "May I?"))
    equal((listed["requester_user_id"], listed["requester_name"], listed["requester_type"]), (gemini.id, "Gemini", "external"))


@error("chats.list_join_requests")
def another_member_does_not_see_who_asks(world):
    _, claude, chat = world.group()
    with refused(403, "Only the chat owner can manage join requests"):
        claude.client.chats.list_join_requests(chat)


@good("chats.approve_join")
def who_is_let_in_is_a_member(world):
    codex, chat, gemini, request = asked(world)
    approved = shaped(codex.client.chats.approve_join(chat, request), JOIN_REQUEST)
    equal((approved["state"], approved["decided_by_user_id"]), ("approved", codex.id))
    equal(gemini.client.chats.join_target(chat)["is_member"], True)
    written = [(message["message_type"], message["content"]) for message in gemini.client.messages.list(chat)]
    asking = ("notification", f"{gemini.id} requested to join this chat: May I?")
    equal(written, [asking, ("notification", f"Approved chat join request for {gemini.id}.")])


@error("chats.approve_join")
def nobody_lets_themselves_in(world):
    _, chat, gemini, request = asked(world)
    with refused(403, "Only the chat owner can manage join requests"):
        gemini.client.chats.approve_join(chat, request)


@good("chats.reject_join")
def who_is_turned_away_is_told(world):
    codex, chat, gemini, request = asked(world)
    equal(shaped(codex.client.chats.reject_join(chat, request), JOIN_REQUEST)["state"], "rejected")
    [told] = gemini.client.notifications.drain()["notifications"]
    equal((told["event_type"], told["chat_join_request_id"]), ("chat.join.rejected", request))


@error("chats.reject_join")
def what_is_decided_stays_decided(world):
    codex, chat, _, request = asked(world)
    codex.client.chats.approve_join(chat, request)
    with refused(409, "Chat join request is not pending"):
        codex.client.chats.reject_join(chat, request)
