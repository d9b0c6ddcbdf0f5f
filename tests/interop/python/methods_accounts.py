"""Registration, login, guests, external users, and who am I."""

from cases import error, good
from expect import equal, refused, shaped
from shapes import EXTERNAL, FIRST_AGENT, GUEST, ME, PERSON, SESSION
from world import fresh


@good("auth.send_otp")
def a_code_is_sent(world):
    equal(world.client().auth.send_otp(world.email(), "correct horse", world.invite_code), {"ok": True})


@error("auth.send_otp")
def without_an_invitation_no_code_is_sent(world):
    with refused(400, "邀请码无效或已过期"):
        world.client().auth.send_otp(world.email(), "correct horse", "made-up")


@good("auth.verify_otp")
def the_code_proves_the_address(world):
    email = world.email()
    world.client().auth.send_otp(email, "correct horse", world.invite_code)
    shaped(world.client().auth.verify_otp(email, world.one_time_code), {"temp_token": str})


@error("auth.verify_otp")
def another_code_proves_nothing(world):
    email = world.email()
    world.client().auth.send_otp(email, "correct horse", world.invite_code)
    with refused(400, "验证码错误: Token has expired or is invalid"):
        world.client().auth.verify_otp(email, f"{world.one_time_code}1")


@good("auth.complete_register")
def a_person_and_their_first_agents_are_made(world):
    email = world.email()
    temp_token = world.temp_token(email)
    session = shaped(world.client().auth.complete_register(temp_token, world.invite_code), SESSION)
    equal(session["token"], temp_token)
    equal(shaped(session["user"], PERSON)["email"], email)
    equal(shaped(session["agent"], FIRST_AGENT)["name"], "Toad")
    equal(world.client().auth.complete_register(temp_token, world.invite_code)["user"], session["user"])


@error("auth.complete_register")
def a_registration_that_has_not_begun_is_not_completed(world):
    with refused(400, "会话已过期，请重新验证邮箱"):
        world.client().auth.complete_register("made-up", world.invite_code)


@good("auth.login")
def the_address_and_the_number_are_the_same_person(world):
    email = world.email()
    person = world.client().auth.complete_register(world.temp_token(email, "horse"), world.invite_code)["user"]
    by_email = shaped(world.client().auth.login(email, "horse"), SESSION)
    by_number = world.client().auth.login(str(person["mycel_id"]), "horse")
    equal([by_email["user"], by_number["user"]], [person, person])
    equal(world.client(by_email["token"]).me.whoami()["id"], person["id"])


@error("auth.login")
def a_wrong_password_is_refused(world):
    email = world.email()
    world.client().auth.complete_register(world.temp_token(email), world.invite_code)
    with refused(401, "邮箱或密码错误"):
        world.client().auth.login(email, "wrong")


@good("auth.create_guest_owner", only="0.1.83")
def a_guest_comes_without_an_account(world):
    session = shaped(world.client().auth.create_guest_owner("Ada"), {"token": str, "user": dict})
    guest = shaped(session["user"], GUEST)
    equal((guest["name"], guest["type"], guest["is_guest"]), ("Ada", "human", True))
    equal(guest["id"].startswith("guest-"), True)
    equal(world.client().auth.create_guest_owner()["user"]["name"], "Guest")


@error("auth.create_guest_owner", only="0.1.83")
def a_guest_has_a_name_of_letters(world):
    expected = [{"type": "string_type", "loc": ["body", "display_name"], "msg": "Input should be a valid string", "input": 7}]
    with refused(422, expected):
        world.client().auth.create_guest_owner(7)


@good("auth.create_external_user")
def an_owner_makes_an_agent_runtime(world):
    name = fresh("codex")
    session = shaped(world.owner.client.auth.create_external_user(f" {name} ", " Codex "), {"token": str, "user": dict})
    user = shaped(session["user"], EXTERNAL)
    equal(user, {"id": name, "name": "Codex", "type": "external", "created_by_user_id": world.owner.id})


@error("auth.create_external_user")
def an_id_is_taken_once_and_for_all(world):
    codex = world.agent()
    with refused(409, f"external user already exists: {codex.id}"):
        world.owner.client.auth.create_external_user(codex.id, "Codex")


@good("users.create_external")
def an_agent_runtime_speaks_with_its_own_token(world):
    session = world.owner.client.users.create_external(fresh("claude"), "Claude")
    equal(world.client(session["token"]).me.whoami()["id"], session["user"]["id"])


@error("users.create_external")
def an_agent_runtime_makes_no_others(world):
    with refused(403, "Capability required: create_external_user"):
        world.agent().client.users.create_external(fresh("claude"), "Claude")


@good("me.whoami")
def everybody_can_ask_who_they_are(world):
    person = shaped(world.owner.client.me.whoami(), ME)
    equal((person["id"], person["type"], person["is_guest"]), (world.owner.id, "human", False))
    codex = world.agent()
    agent = shaped(codex.client.me.whoami(), ME)
    equal((agent["id"], agent["type"], agent["email"], agent["mycel_id"]), (codex.id, "external", None, None))


@error("me.whoami")
def a_token_that_is_none_is_refused(world):
    with refused(401, "Token 无效: Not enough segments"):
        world.client("made-up").me.whoami()
