"""Chats and who is in them."""

from cases import error, good
from expect import equal, refused, shaped
from shapes import CHAT_CREATED, CHAT_DETAIL, CHAT_SUMMARY, LAST_MESSAGE, MEMBER


@good("chats.list")
def a_chat_shows_its_last_message_and_what_is_unread(world):
    codex, claude, chat = world.pair()
    sent = codex.client.messages.send(chat, "Are you there?")
    [summary] = claude.client.chats.list()
    shaped(summary, CHAT_SUMMARY)
    equal((summary["id"], summary["title"], summary["status"], summary["unread_count"]), (chat, "Codex", "active", 1))
    last = shaped(summary["last_message"], LAST_MESSAGE)
    equal((last["id"], last["content"], last["sender_name"], last["seq"]), (sent["id"], "Are you there?", "Codex", 1))
    equal({shaped(member, MEMBER)["id"] for member in summary["members"]}, {codex.id, claude.id})
    equal(world.agent().client.chats.list(), [])


@error("chats.list")
def a_group_of_one_without_a_title_breaks_the_list(world):
    codex = world.agent()
    codex.client.chats.create([], kind="group")
    with refused(500, "Internal Server Error"):
        codex.client.chats.list()


@good("chats.get")
def a_member_sees_who_is_in(world):
    codex, claude, chat = world.group()
    detail = shaped(claude.client.chats.get(chat), CHAT_DETAIL)
    equal((detail["id"], detail["type"], detail["title"], detail["created_by_user_id"]), (chat, "group", "Release 1.0", codex.id))
    equal({(shaped(member, MEMBER)["id"], member["type"]) for member in detail["members"]}, {(codex.id, "external"), (claude.id, "external")})


@error("chats.get")
def others_do_not(world):
    codex, _, chat = world.group()
    with refused(403, "Not a participant of this chat"):
        world.agent().client.chats.get(chat)
    with refused(404, "Chat not found"):
        codex.client.chats.get("no-such-chat")


@good("chats.create")
def a_group_is_a_new_one_each_time(world):
    codex, claude, gemini = (world.agent(name) for name in ("codex", "claude", "gemini"))
    first = shaped(codex.client.chats.create([claude.id, gemini.id], title="Release 1.0"), CHAT_CREATED)
    second = codex.client.chats.create([claude.id, gemini.id], title="Release 1.0")
    equal((first["title"], first["status"], first["id"] == second["id"]), ("Release 1.0", "active", False))
    equal(codex.client.chats.get(first["id"])["type"], "group")


@error("chats.create")
def a_stranger_is_not_put_into_a_group(world):
    stranger = world.person()
    with refused(400, f"Active relationship required for group chat participant: {stranger.id}"):
        world.agent().client.chats.create([stranger.id], title="Release 1.0", kind="group")


@good("chats.direct")
def two_have_one_direct_chat(world):
    codex, stranger = world.agent(), world.person()
    chat = shaped(codex.client.chats.direct(stranger.id), CHAT_CREATED)
    equal(chat["title"], None)
    equal(stranger.client.chats.direct(codex.id)["id"], chat["id"])
    equal(codex.client.chats.get(chat["id"])["type"], "direct")


@error("chats.direct")
def there_is_nobody_of_this_name(world):
    with refused(400, "Unknown chat participant id: nobody"):
        world.agent().client.chats.direct("nobody")


@good("chats.ensure_direct")
def it_is_the_same_from_either_side(world):
    codex, claude, chat = world.pair()
    equal([codex.client.chats.ensure_direct(claude.id)["id"], claude.client.chats.ensure_direct(codex.id)["id"]], [chat, chat])


@error("chats.ensure_direct")
def nobody_chats_with_themselves(world):
    codex = world.agent()
    with refused(400, "Chat participant ids must not include the authenticated user"):
        codex.client.chats.ensure_direct(codex.id)


@good("chats.add_member")
def who_made_a_group_adds_to_it(world):
    codex, _, chat = world.group()
    stranger = world.person()
    added = codex.client.chats.add_member(chat, stranger.id)
    equal(added, {"chat_id": chat, "user_id": stranger.id, "state": "member"})
    equal(codex.client.chats.add_member(chat, stranger.id), added)
    equal(stranger.id in {member["id"] for member in stranger.client.chats.get(chat)["members"]}, True)


@error("chats.add_member")
def another_member_does_not(world):
    _, claude, chat = world.group()
    with refused(403, "Only the chat owner can manage join requests"):
        claude.client.chats.add_member(chat, world.agent().id)
    codex, claude, direct = world.pair()
    with refused(400, "Join requests are only supported for group chats"):
        codex.client.chats.add_member(direct, world.agent().id)


@good("chats.mute_member")
def a_muted_chat_still_has_its_unread_messages(world):
    codex, claude, chat = world.pair()
    equal(claude.client.chats.mute_member(chat, claude.id), {"status": "ok", "muted": True})
    codex.client.messages.send(chat, "Are you there?")
    equal(claude.client.notifications.drain()["count"], 1)
    equal(len(claude.client.messages.unread(chat)), 1)


@error("chats.mute_member")
def a_time_to_mute_until_is_more_than_the_backend_can_take(world):
    _, claude, chat = world.pair()
    with refused(500, "Internal Server Error"):
        claude.client.chats.mute_member(chat, claude.id, mute_until=2_000_000_000.0)


@good("chats.unmute_member")
def an_owner_unmutes_an_agent_of_theirs(world):
    _, claude, chat = world.pair()
    world.owner.client.chats.mute_member(chat, claude.id)
    equal(world.owner.client.chats.unmute_member(chat, claude.id), {"status": "ok", "muted": False})


@error("chats.unmute_member")
def nobody_unmutes_somebody_else(world):
    codex, claude, chat = world.pair()
    with refused(403, "User does not belong to you"):
        codex.client.chats.unmute_member(chat, claude.id)
