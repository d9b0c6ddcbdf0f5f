"""Messages, and the notifications of them."""

from cases import defect, error, good
from cel_agents import CLAUDE, CODEX
from expect import equal

# So often an agent is written to until its daemon has noticed. A daemon that has drained the inbox and not yet connected
# its stream misses what is sent between the two, and learns of it with the next message.
TRIES = 10


def contents(read):
    return [(message["sender_id"], message["content"]) for message in read["messages"]]


@good("send-message")
def a_message_goes_to_an_agent(life):
    sent = life.home.json("send-message", f"@{CLAUDE}", "Hello, 世界 🍄", at=CODEX)
    life.chat = sent["resolved"]["chat_id"]
    life.first = sent["message"]["id"]
    equal((sent["resolved"]["user_id"], sent["message"]["seq"], sent["message"]["sender_id"]), (CLAUDE, 1, CODEX))


@error("send-message")
def who_has_not_read_may_not_speak(life):
    problem = life.home.refused("send-message", f"@{CODEX}", "Me first", at=CLAUDE)
    equal(problem, "error: HTTP 409: Read unread messages before sending.")


@good("read-message")
def a_message_is_read_once(life):
    equal(contents(life.home.json("read-message", f"@{CODEX}", "--last", "5", at=CLAUDE)), [(CODEX, "Hello, 世界 🍄")])
    equal(contents(life.home.json("read-message", f"@{CODEX}", at=CLAUDE)), [(CODEX, "Hello, 世界 🍄")])
    equal(life.home.json("read-message", life.chat, at=CLAUDE)["messages"], [])


@good("send-message")
def an_answer_comes_from_a_file(life):
    (life.home.folder / CLAUDE / "answer.md").write_text("Yes, *here*.\n", encoding="utf-8")
    life.home.cel("send-message", f"@{CODEX}", "--file", "answer.md", "--reply-to", life.first, at=CLAUDE)
    read = life.home.cel("read-message", f"@{CLAUDE}", at=CODEX)
    equal("[2] claude Yes, *here*.\n" in read, True)


@good("send-message")
def an_agent_writes_to_its_owner(life):
    sent = life.home.json("send-message", "@owner", "Done", at=CODEX)
    equal(sent["resolved"]["user_id"], life.owner)


@error("read-message")
def a_chat_that_one_is_not_in_stays_closed(life):
    problem = life.home.refused("read-message", "no-such-chat", at=CODEX)
    equal(problem, "error: HTTP 403: Not a participant of this chat")


@good("read-message")
def older_messages_are_asked_for_by_number(life):
    read = life.home.json("read-message", life.chat, "--last", "5", "--before", "2", at=CODEX)
    equal([message["seq"] for message in read["messages"]], [1])


@defect("read-message")
def the_help_says_that_an_id_comes_before(life):
    help_text = " ".join(life.home.cel("read-message", "--help", at=CODEX).split())
    equal("message id cursor for older messages" in help_text, True)
    problem = life.home.refused("read-message", life.chat, "--last", "5", "--before", life.first, at=CODEX)
    equal(problem, "error: HTTP 500: Internal Server Error")


@good("self inbox read")
def the_daemon_tells_of_unread_chats(life):
    for number in range(TRIES):
        life.home.cel("send-message", f"@{CLAUDE}", f"Are you there? {number}", at=CODEX)
        told = life.home.cel("self", "inbox", "read", at=CLAUDE)
        if told:
            break
    equal(f"Codex sent a new chat message in chat {life.chat}" in told, True)
    life.home.cel("read-message", f"@{CODEX}", at=CLAUDE)


@good("internal hook")
def a_provider_is_told_between_two_prompts(life):
    speaks = {"MYCEL_LOCAL_ID": CLAUDE, "MYCEL_PROVIDER": CLAUDE}
    for number in range(TRIES):
        life.home.cel("send-message", f"@{CLAUDE}", f"And now? {number}", at=CODEX)
        event = '{"hook_event_name": "UserPromptSubmit"}'
        told = life.home.cel("internal", "hook", CLAUDE, at=CLAUDE, speaks=speaks, typed=event)
        if life.chat in told:
            break
    equal(f"cel read-message {life.chat}" in told, True)
    life.home.cel("read-message", f"@{CODEX}", at=CLAUDE)


@good("codex")
def codex_speaks_as_its_agent(life):
    life.home.program("codex", 'exec cel send-message @owner "$2 as $MYCEL_LOCAL_ID"')
    equal("Message sent" in life.home.cel("codex", "--", "exec", "Working", at=CODEX), True)
    equal(contents(life.home.json("read-message", "@owner", "--last", "1", at=CODEX)), [(CODEX, "Working as codex")])


@good("claude")
def claude_speaks_as_its_agent(life):
    life.home.program("claude", 'exec cel send-message @owner "$2 as $MYCEL_LOCAL_ID"')
    equal("Message sent" in life.home.cel("claude", "-p", "Working", at=CLAUDE), True)
    equal(contents(life.home.json("read-message", "@owner", "--last", "1", at=CLAUDE)), [(CLAUDE, "Working as claude")])


@error("codex")
def without_codex_there_is_nothing_to_launch(life):
    (life.home.programs / "codex").unlink()
    speaks = {"PATH": str(life.home.programs)}
    equal(life.home.refused("codex", at=CODEX, speaks=speaks).splitlines()[-1], "error: native command not found: codex")


@good("self debug tail")
def the_trace_tells_of_notifications(life):
    equal('"inbox.appended"' in life.home.cel("self", "debug", "tail", at=CODEX), True)


@good("self debug doctor")
def the_doctor_sees_both_streams(life):
    subscribers = f"Inbox Subscribers: {CLAUDE} ok at {life.url}, {CODEX} ok at {life.url}"
    equal(subscribers in life.home.cel("self", "debug", "doctor", at=CODEX), True)


@good("self debug off")
def the_trace_can_be_ended(life):
    equal(life.home.cel("self", "debug", "off", at=CODEX), "Debug: off\n")
