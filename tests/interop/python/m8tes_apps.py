"""Apps and their connections."""

from cases import error, good
from m8tes import AuthenticationError, M8tesError, NotFoundError
from m8tes_expect import equal, raises, refused

BACK = "https://example.com/cb"


def connected(world, user):
    return {app.name: app.connected for app in world.client.apps.list(user_id=user).data}


def connect(world, user):
    start = world.client.apps.connect("gmail", BACK, user_id=user)
    return world.client.apps.connect_complete("gmail", start.connection_id, user_id=user)


@good("apps.list")
def there_are_apps(world):
    equal(connected(world, world.user())["gmail"], False)


@error("apps.list")
def apps_are_of_an_account(world):
    with refused(AuthenticationError, 401):
        world.stranger().apps.list()


@good("apps.connect")
def a_connection_begins_with_a_page(world):
    start = world.client.apps.connect("gmail", BACK, user_id=world.user())
    equal(("://" in start.authorization_url, bool(start.connection_id)), (True, True))


@error("apps.connect")
def there_is_no_such_app(world):
    with refused(NotFoundError, 404):
        world.client.apps.connect("nothing", BACK, user_id=world.user())


@good("apps.connect_complete")
def a_connection_is_made(world):
    user = world.user()
    equal(connect(world, user).app, "gmail")
    equal(connected(world, user)["gmail"], True)


@error("apps.connect_complete")
def what_was_not_begun_is_not_completed(world):
    with raises(M8tesError):
        world.client.apps.connect_complete("gmail", "conn_other", user_id=world.user())


@good("apps.disconnect")
def a_connection_is_taken_away(world):
    user = world.user()
    connect(world, user)
    equal(world.client.apps.disconnect("gmail", user_id=user), None)
    equal(connected(world, user)["gmail"], False)


@error("apps.disconnect")
def what_is_not_known_cannot_be_disconnected(world):
    with refused(NotFoundError, 404):
        world.client.apps.disconnect("nothing", user_id=world.user())
