"""What cases expect of m8tes' client."""

from contextlib import contextmanager

from assertions import equal, raises

__all__ = ["equal", "raises", "refused"]


@contextmanager
def refused(kind, status, code=None):
    """The backend answers with this status, which the client raises as this kind, with this code if one is given."""
    with raises(kind) as caught:
        yield caught
    equal(type(caught.error), kind)
    equal(caught.error.status_code, status)
    if code is not None and hasattr(caught.error, "error_code"):
        equal(caught.error.error_code, code)
