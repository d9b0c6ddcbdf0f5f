"""Cases: what they are about, and running them."""

import traceback

import report


def good(method, only=None):
    """A case in which the method does what it is for. `only` names a version of the client."""
    return _case("good", method, only)


def error(method, only=None):
    """A case in which the method fails as it has to."""
    return _case("error", method, only)


def defect(method, only=None):
    """A case that pins what is broken in the client: it fails once that is mended."""
    return _case("defect", method, only)


def left_out(method, reason):
    """Says why there is no case for a method."""
    report.line("left_out", method, case=reason)


def _case(kind, method, only):
    def mark(function):
        function.case = (kind, method, only)
        return function

    return mark


def run_all(modules, world):
    """Runs every case of the modules that is meant for the world's client, and reports each."""
    for module in modules:
        for function in vars(module).values():
            if hasattr(function, "case"):
                _run(function, world)


def _run(function, world):
    kind, method, only = function.case
    if only is not None and only != world.version:
        return
    problem = None
    try:
        function(world)
    except Exception:
        problem = traceback.format_exc()
    report.line(kind, method, case=function.__name__, problem=problem)
