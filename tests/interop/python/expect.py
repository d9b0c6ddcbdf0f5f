"""What cases expect of Mycel's client."""

import json
from contextlib import contextmanager

from assertions import equal, raises, shaped
from mycel_sdk import ApiError

__all__ = ["equal", "raises", "refused", "shaped"]


@contextmanager
def refused(status, detail):
    """The backend answers with this status and detail; what is not a text reaches the client as JSON."""
    with raises(ApiError) as caught:
        yield
    equal(caught.error.status_code, status)
    equal(caught.error.detail if isinstance(detail, str) else json.loads(caught.error.detail), detail)
