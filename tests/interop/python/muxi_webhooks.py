"""Webhooks."""

import hashlib
import hmac
import time

from cases import defect, error, good
from muxi_world import equal, raises

from muxi import webhook

SECRET = "whsec"
COMPLETED = (
    '{"id": "req_1", "status": "completed", "timestamp": 1795906824314, "user_id": "zoë", "response": '
    '[{"type": "text", "text": "It is done."}], "processing_time": 1.5, "processing_mode": "async"}'
).encode()


def signed(payload, secret=SECRET, at=None):
    at = int(time.time()) if at is None else at
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + payload, hashlib.sha256).hexdigest()}"


@good("webhook.verify_signature", only="blocking")
def what_is_signed_as_it_is_sent_is_taken(_world):
    equal(webhook.verify_signature(COMPLETED, signed(COMPLETED), SECRET), True)
    equal(webhook.verify_signature(COMPLETED.decode(), signed(COMPLETED), SECRET), True)


@error("webhook.verify_signature", only="blocking")
def what_is_forged_old_or_malformed_is_not_taken(_world):
    for header in (None, "", "v1=x", "t=x,v1=y", signed(COMPLETED, "another"), signed(COMPLETED, at=1700000000)):
        equal(webhook.verify_signature(COMPLETED, header, SECRET), False)
    with raises(webhook.WebhookVerificationError):
        webhook.verify_signature(COMPLETED, signed(COMPLETED), "")


@defect("webhook.verify_signature", only="blocking")
def what_muxi_really_sends_is_never_taken(_world):
    """MUXI signs the canonical form, and posts another text."""
    canonical = '{"id":"req_1","status":"completed","user_id":"zoë"}'.encode()
    posted = b'{"id": "req_1", "status": "completed", "user_id": "zo\\u00eb"}'
    equal(webhook.verify_signature(posted, signed(canonical), SECRET), False)


@defect("webhook.verify_signature", only="blocking")
def a_blank_behind_the_comma_spoils_a_signature(_world):
    equal(webhook.verify_signature(COMPLETED, signed(COMPLETED).replace(",", ", "), SECRET), False)


@good("webhook.parse", only="blocking")
def a_webhook_is_read(_world):
    event = webhook.parse(COMPLETED)
    equal((event.request_id, event.status, event.user_id), ("req_1", "completed", "zoë"))
    equal([(item.type, item.text) for item in event.content], [("text", "It is done.")])


@error("webhook.parse", only="blocking")
def what_is_no_json_is_refused(_world):
    with raises(webhook.WebhookVerificationError):
        webhook.parse(b"{")


@defect("webhook.parse", only="blocking")
def a_clarification_has_no_request(_world):
    """It names its request by another field than the rest."""
    event = webhook.parse({"request_id": "req_1", "status": "awaiting_clarification", "clarification_question": "Which?"})
    equal((event.request_id, event.clarification.question), ("", "Which?"))


@defect("webhook.parse", only="blocking")
def the_time_of_a_clarification_is_another_unit(_world):
    equal(webhook.parse({"status": "awaiting_clarification", "timestamp": 1795906824.3}).timestamp, 1795906824.3)


@defect("webhook.parse", only="blocking")
def what_is_no_object_is_no_refusal(_world):
    with raises(AttributeError):
        webhook.parse(b"[]")
