"""Cases: what they are about, and running them."""

import re
import signal
import traceback

import report

# Seconds that a case may take. What takes longer waits for something that never comes.
PATIENCE = 120
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")


class TooLong(BaseException):
    """A case took too long. It is no `Exception`, which a client would take for an error of its own."""


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
    """Runs every case of the modules that is meant for the world's client, and reports each. One that takes too long is
    the last."""

    def interrupt(_signal, _frame):
        raise TooLong(f"it took more than {PATIENCE} seconds")

    signal.signal(signal.SIGALRM, interrupt)
    try:
        for module in modules:
            for function in vars(module).values():
                if hasattr(function, "case"):
                    _run(function, world)
    except TooLong:
        return


def _run(function, world):
    kind, method, only = function.case
    if only is not None and only != world.version:
        return
    problem = None
    signal.alarm(PATIENCE)
    try:
        function(world)
    except (Exception, TooLong) as caught:
        problem = TOKEN.sub("<token>", traceback.format_exc())
        if isinstance(caught, TooLong):
            raise
    finally:
        signal.alarm(0)
        report.line(kind, method, case=function.__name__, problem=problem)
