"""Cases: what they are about, and running them."""

import traceback

import report

_CASES = []


def good(method, only=None):
    """A case in which the method does what it is for. `only` names a version of the client."""
    return _case("good", method, only)


def error(method, only=None):
    """A case in which the method fails as it has to."""
    return _case("error", method, only)


def defect(method, only=None):
    """A case that pins what is broken in the client: it fails once that is mended."""
    return _case("defect", method, only)


def _case(kind, method, only):
    def register(function):
        _CASES.append((kind, method, only, function))
        return function

    return register


def run_all(world):
    """Runs every case that is meant for the world's client, and reports each."""
    for kind, method, only, function in _CASES:
        if only not in (None, world.version):
            continue
        problem = None
        try:
            function(world)
        except Exception:
            problem = traceback.format_exc()
        report.line(kind, method, case=function.__name__, problem=problem)
