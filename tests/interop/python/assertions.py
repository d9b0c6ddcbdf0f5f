"""What cases of any client expect."""

from contextlib import contextmanager


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} instead of {expected!r}")


def shaped(value, shape):
    """Has exactly these fields, with values of these types; and gives the value back."""
    equal(sorted(value), sorted(shape))
    for field, kind in shape.items():
        if not isinstance(value[field], kind) or (isinstance(value[field], bool) and kind in (int, float)):
            raise AssertionError(f"{field} is {value[field]!r}, and not {kind}")
    return value


@contextmanager
def raises(kind, text=None):
    """An exception of this kind, and with this text if one is given, is raised; it is then in `error`."""
    caught = Caught()
    try:
        yield caught
    except kind as error:
        if text is not None:
            equal(str(error), text)
        caught.error = error
    else:
        raise AssertionError(f"no {kind.__name__} was raised")


class Caught:
    """What was raised."""

    error = None
