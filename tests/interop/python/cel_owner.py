"""A backend, and whose machine it is."""

from cases import error, good
from expect import equal
from mycel_sdk import Client

AT = "owner"


@good("self connect")
def the_backend_says_what_it_can(life):
    info = life.home.json("self", "connect", life.url, at=AT)
    equal((info["base_url"], info["title"], info["openapi"]), (life.url, "Mycel Web Backend", "3.1.0"))
    equal(set(info["capabilities"].values()), {True})
    readable = life.home.cel("self", "connect", life.url, at=AT)
    equal("Capabilities: guest_auth, external_users, chat_messages, runtime_inbox\n" in readable, True)


@error("self connect")
def what_is_no_backend_is_not_remembered(life):
    problem = life.home.refused("self", "connect", f"{life.url}/elsewhere", at=AT)
    equal(problem, "error: HTTP 404: Not Found")
    equal(life.home.json("self", "status", at=AT)["base_url"], {"base_url": life.url, "source": "config"})


@good("login")
def a_guest_is_the_owner(life):
    session = life.home.json("login", "--guest", "--name", "Ada", at=AT)
    equal((session["user"]["name"], session["user"]["is_guest"]), ("Ada", True))
    life.owner = session["user"]["id"]
    equal(life.home.json("self", "status", at=AT)["owner"], {"user_id": life.owner})


@good("self token")
def the_token_of_a_guest_can_be_taken_elsewhere(life):
    life.token = life.home.cel("self", "token", "--guest", at=AT).strip()
    equal(Client(base_url=life.url, auth_token=life.token).me.whoami()["id"], life.owner)
    again = life.home.json("login", "--guest", "--token", life.token, at=AT)
    equal((again["user"]["id"], again["token"]), (life.owner, "<redacted>"))


@error("login")
def a_token_that_is_none_is_refused(life):
    problem = life.home.refused("login", "--guest", "--token", "made-up", at=AT)
    equal(problem, "error: HTTP 401: Token 无效: Not enough segments")


@error("login")
def a_command_line_deployment_knows_no_passwords(life):
    problem = life.home.refused("login", "ada@example.com", "--password-stdin", at=AT, typed="correct horse\n")
    equal(problem, "error: HTTP 404: Not Found")


@good("logout")
def who_logs_out_is_nobody(life):
    equal(life.home.json("logout", at=AT), {"current_user_id": None})
    equal(life.home.json("self", "status", at=AT)["owner"], {"user_id": None})
    life.home.cel("login", "--guest", "--token", life.token, at=AT)


@good("self status")
def nothing_runs_yet(life):
    status = life.home.json("self", "status", at=AT)
    equal((status["daemon"]["state"], status["identities"], status["groups"]), ("not_started", [], []))
    equal(f"Owner: logged in as {life.owner}" in life.home.cel("self", "status", at=AT), True)
