"""Webhooks and their signatures."""

import hashlib
import hmac

from cases import error, good
from m8tes import AuthenticationError, NotFoundError, ValidationError, Webhooks
from m8tes_expect import equal, refused
from m8tes_teammates import ABSENT

URL = "https://example.com/hook"


def signed(body, secret):
    said = hmac.new(secret.encode(), b"msg_1.1700000000." + body, hashlib.sha256).hexdigest()
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": "1700000000", "Webhook-Signature": f"v1={said}"}


@good("webhooks.create")
def the_secret_is_shown_once(world):
    made = world.client.webhooks.create(url=URL, events=["run.completed"])
    equal((made.url, made.events, made.active), (URL, ["run.completed"], True))
    equal(world.client.webhooks.get(made.id).secret, f"{made.secret[:4]}...")


@error("webhooks.create")
def a_webhook_is_called_by_https(world):
    with refused(ValidationError, 422):
        world.client.webhooks.create(url="http://example.com/hook")


@good("webhooks.list")
def all_webhooks_are_listed(world):
    made = {world.client.webhooks.create(url=URL).id for _ in range(3)}
    equal(made <= {hook.id for hook in world.client.webhooks.list(limit=2).auto_paging_iter()}, True)


@error("webhooks.list")
def webhooks_are_of_an_account(world):
    with refused(AuthenticationError, 401):
        world.stranger().webhooks.list()


@good("webhooks.get")
def a_webhook_is_found_by_its_id(world):
    made = world.client.webhooks.create(url=URL, events=[])
    found = world.client.webhooks.get(made.id)
    equal((found.id, found.url, found.events), (made.id, URL, []))


@error("webhooks.get")
def there_is_no_such_webhook(world):
    with refused(NotFoundError, 404):
        world.client.webhooks.get(ABSENT)


@good("webhooks.update")
def a_secret_is_rotated(world):
    made = world.client.webhooks.create(url=URL)
    updated = world.client.webhooks.update(made.id, active=False, rotate_secret=True)
    equal((updated.active, updated.secret != made.secret, len(updated.secret) > 8), (False, True, True))


@error("webhooks.update")
def there_is_no_such_event(world):
    made = world.client.webhooks.create(url=URL)
    with refused(ValidationError, 422):
        world.client.webhooks.update(made.id, events=["run.other"])


@good("webhooks.delete")
def a_webhook_is_deleted(world):
    made = world.client.webhooks.create(url=URL)
    equal(world.client.webhooks.delete(made.id), None)
    with refused(NotFoundError, 404):
        world.client.webhooks.get(made.id)


@error("webhooks.delete")
def what_is_not_there_is_not_deleted(world):
    with refused(NotFoundError, 404):
        world.client.webhooks.delete(ABSENT)


@good("webhooks.list_deliveries")
def nothing_was_delivered_yet(world):
    made = world.client.webhooks.create(url=URL, events=[])
    equal(world.client.webhooks.list_deliveries(made.id, limit=2).data, [])


@error("webhooks.list_deliveries")
def what_is_not_there_has_no_deliveries(world):
    with refused(NotFoundError, 404):
        world.client.webhooks.list_deliveries(ABSENT)


@good("webhooks.verify_signature")
def a_signature_is_right(_world):
    body = b'{"event":"run.completed","run_id":42}'
    equal(Webhooks.verify_signature(body=body, headers=signed(body, "whsec_1"), secret="whsec_1"), True)


@error("webhooks.verify_signature")
def a_signature_is_wrong(_world):
    body = b'{"event":"run.completed","run_id":42}'
    equal(Webhooks.verify_signature(body=body + b" ", headers=signed(body, "whsec_1"), secret="whsec_1"), False)
