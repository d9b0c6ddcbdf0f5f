"""The commands that the installed `cel` has."""

import typer
from mycel_cli.group._cli.constants import GROUP_SCOPED_HELP
from mycel_cli.typer_app import app


def commands():
    """Their names, as on the command line: also those that the help hides, and those that follow a group's id."""
    return sorted({*_below(typer.main.get_command(app), ""), *_of_a_group()})


def _below(command, name):
    parts = getattr(command, "commands", None)
    if parts is None:
        yield name
        return
    for part, below in parts.items():
        yield from _below(below, f"{name} {part}".strip())


def _of_a_group():
    """These are no commands to the parser of the command line: the help texts are the list of them."""
    for subject, text in GROUP_SCOPED_HELP.items():
        listed = text.split("\nCommands:\n", 1)[1].split("\n\n", 1)[0]
        for verb in listed.split():
            yield f"group ID {subject} {verb}"
