"""Teammates."""

from cases import error, good
from m8tes import AuthenticationError, NotFoundError, ValidationError
from m8tes_expect import equal, refused

ABSENT = 999_999


@good("teammates.create")
def a_teammate_has_what_it_was_made_with(world):
    made = world.client.teammates.create(
        name="acme assistant", tools=["gmail", "slack"], instructions="be brief", role="support", goals="answer in a day",
        metadata={"plan": "pro", "n": 1}, allowed_senders=["a@example.com"],
    )
    equal((made.name, made.tools, made.instructions), ("acme assistant", ["gmail", "slack"], "be brief"))
    equal((made.role, made.goals, made.status), ("support", "answer in a day", "enabled"))
    equal((made.metadata, made.allowed_senders), ({"plan": "pro", "n": 1}, ["a@example.com"]))


@error("teammates.create")
def a_teammate_has_a_name(world):
    with refused(ValidationError, 422):
        world.client.teammates.create(name="")


@good("teammates.list")
def all_teammates_are_listed(world):
    user = world.user()
    made = [world.teammate(user_id=user).id for _ in range(3)]
    page = world.client.teammates.list(user_id=user, limit=2)
    equal((len(page.data), page.has_more), (2, True))
    equal({mate.id for mate in page.auto_paging_iter()}, set(made))


@error("teammates.list")
def a_key_is_needed(world):
    with refused(AuthenticationError, 401):
        world.stranger().teammates.list()


@good("teammates.get")
def a_teammate_is_found_by_its_id(world):
    made = world.teammate()
    equal(world.client.teammates.get(made.id), made)


@error("teammates.get")
def there_is_no_such_teammate(world):
    with refused(NotFoundError, 404):
        world.client.teammates.get(ABSENT)


@good("teammates.update")
def what_is_not_given_stays(world):
    made = world.teammate(tools=["gmail"])
    updated = world.client.teammates.update(made.id, name="Grace", metadata={})
    equal((updated.name, updated.tools, updated.metadata), ("Grace", ["gmail"], {}))


@error("teammates.update")
def a_name_stays_a_name(world):
    with refused(ValidationError, 422):
        world.client.teammates.update(world.teammate().id, name="x" * 256)


@good("teammates.delete")
def a_deleted_teammate_is_archived(world):
    made = world.teammate()
    equal([world.client.teammates.delete(made.id) for _ in range(2)], [None, None])
    equal(made.id in [mate.id for mate in world.client.teammates.list().auto_paging_iter()], False)


@error("teammates.delete")
def what_is_not_there_cannot_be_deleted(world):
    with refused(NotFoundError, 404):
        world.client.teammates.delete(ABSENT)


@good("teammates.disable", only="4.49.0")
def a_teammate_can_be_disabled(world):
    equal(world.client.teammates.disable(world.teammate().id).status, "disabled")


@error("teammates.disable", only="4.49.0")
def what_is_not_there_cannot_be_disabled(world):
    with refused(NotFoundError, 404):
        world.client.teammates.disable(ABSENT)


@good("teammates.enable", only="4.49.0")
def a_teammate_can_be_enabled_again(world):
    made = world.client.teammates.disable(world.teammate().id)
    equal(world.client.teammates.enable(made.id).status, "enabled")


@error("teammates.enable", only="4.49.0")
def what_is_not_there_cannot_be_enabled(world):
    with refused(NotFoundError, 404):
        world.client.teammates.enable(ABSENT)


@good("teammates.enable_webhook")
def a_webhook_starts_a_teammate(world):
    made = world.teammate()
    urls = [world.client.teammates.enable_webhook(made.id).url for _ in range(2)]
    equal((len(set(urls)), all("://" in url for url in urls)), (2, True))


@error("teammates.enable_webhook")
def what_is_not_there_has_no_webhook(world):
    with refused(NotFoundError, 404):
        world.client.teammates.enable_webhook(ABSENT)


@good("teammates.set_webhook_enabled", only="4.49.0")
def a_webhook_is_switched_off(world):
    made = world.teammate()
    world.client.teammates.enable_webhook(made.id)
    masked = world.client.teammates.set_webhook_enabled(made.id, enabled=False)
    equal((masked.enabled, "****" in masked.url), (False, True))


@error("teammates.set_webhook_enabled", only="4.49.0")
def without_a_token_no_webhook_is_switched_on(world):
    with refused(ValidationError, 400):
        world.client.teammates.set_webhook_enabled(world.teammate().id, enabled=True)


@good("teammates.disable_webhook")
def a_webhook_is_taken_away(world):
    made = world.teammate()
    world.client.teammates.enable_webhook(made.id)
    equal(world.client.teammates.disable_webhook(made.id), None)


@error("teammates.disable_webhook")
def nobody_takes_away_the_webhook_of_none(world):
    with refused(NotFoundError, 404):
        world.client.teammates.disable_webhook(ABSENT)


@good("teammates.enable_email_inbox")
def a_teammate_gets_an_address(world):
    equal("@" in world.client.teammates.enable_email_inbox(world.teammate().id).address, True)


@error("teammates.enable_email_inbox")
def what_is_not_there_has_no_address(world):
    with refused(NotFoundError, 404):
        world.client.teammates.enable_email_inbox(ABSENT)


@good("teammates.disable_email_inbox")
def an_address_is_taken_away(world):
    made = world.teammate()
    world.client.teammates.enable_email_inbox(made.id)
    equal(world.client.teammates.disable_email_inbox(made.id), None)


@error("teammates.disable_email_inbox")
def nobody_takes_away_the_address_of_none(world):
    with refused(NotFoundError, 404):
        world.client.teammates.disable_email_inbox(ABSENT)
