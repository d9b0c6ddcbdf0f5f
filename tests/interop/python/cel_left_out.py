"""The commands that no case runs, and why."""

from cases import left_out

TERMINAL = "it opens a terminal of its own (cmux, tmux, iTerm2, …) and waits for Codex or Claude Code in it"


def tell():
    for role in ("supervisor", "worker", "reviewer"):
        left_out(f"group ID {role} create", TERMINAL)
    left_out("group ID supervisor wake", "it types into the terminal of a worker that is running")
