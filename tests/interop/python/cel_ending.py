"""A login with a password, and the end of it all."""

from cases import error, good
from cel_owner import AT
from expect import equal


@good("login")
def a_person_logs_in_with_a_password(life):
    world = life.world
    email = world.email()
    person = world.client().auth.complete_register(world.temp_token(email, "correct horse"), world.invite_code)["user"]
    arguments = ["login", email, "--password-stdin", "--base-url", world.url]
    told = life.home.cel(*arguments, at=AT, typed="correct horse\n")
    equal(f"User ID: {person['id']}\nBackend: {world.url}\n" in told, True)


@error("login")
def a_wrong_password_is_refused(life):
    arguments = ["login", "nobody@example.com", "--password-stdin", "--base-url", life.world.url]
    equal(life.home.refused(*arguments, at=AT, typed="wrong\n"), "error: HTTP 401: 邮箱或密码错误")


@error("self token")
def the_token_of_a_person_is_not_shown(life):
    problem = life.home.refused("self", "token", "--guest", at=AT)
    equal(problem, "current owner token is not a restricted guest token")


@good("self stop")
def the_daemon_stops(life):
    life.home.cel("self", "stop", at=AT)
    daemon = life.home.json("self", "status", at=AT)["daemon"]
    equal((daemon["state"], daemon["running"], daemon["pid"]), ("stopped", False, None))


@error("self inbox read")
def without_the_daemon_there_is_no_inbox(life):
    told = life.home.cel("self", "inbox", "read", at="codex")
    equal("local Mycel daemon is not running for codex" in told, True)


@good("self reset")
def a_reset_forgets_all_groups(life):
    life.home.cel("group", "create", "--title", "Another", at=AT)
    life.home.cel("self", "reset", at=AT)
    equal(life.home.json("self", "status", at=AT)["groups"], [])


@good("self uninstall")
def no_hook_stays(life):
    life.home.cel("self", "uninstall", at=AT)
    equal((life.home.folder / ".codex" / "mycel-inbox-hook.sh").exists(), False)


@good("logout")
def nobody_is_known_any_more(life):
    equal(life.home.json("logout", "--all-local", at=AT), {"current_user_id": None, "users": []})


def leave_nothing_running(life):
    """Stops the daemon, if a case that failed has left it."""
    if (life.home.folder / ".mycel" / "global.json").exists():
        life.home.cel("self", "stop", at=AT)
