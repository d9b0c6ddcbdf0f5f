"""A user's home folder, and `cel` in it."""

import json
import os
import subprocess
import sys
from pathlib import Path


class Home:
    """A home folder of its own for `cel`, with a folder for each who works there."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.programs = self.folder / "programs"
        self.programs.mkdir()

    def cel(self, *arguments, at, speaks=None, typed=""):
        """What a command that has to succeed prints. `at` is the folder, `speaks` is added to its environment."""
        ended = self._run(arguments, at, speaks, typed)
        if ended.returncode != 0:
            raise AssertionError(f"cel {' '.join(arguments)} ended with {ended.returncode}: {ended.stderr}")
        return ended.stdout

    def json(self, *arguments, at):
        """What a command says to a program."""
        return json.loads(self.cel(*arguments, "--json", at=at))

    def refused(self, *arguments, at, speaks=None, typed=""):
        """What a command that has to fail says of it."""
        ended = self._run(arguments, at, speaks, typed)
        if ended.returncode == 0:
            raise AssertionError(f"cel {' '.join(arguments)} was not refused: {ended.stdout}")
        return ended.stderr.strip()

    def program(self, name, script):
        """Puts a shell script where `cel` looks for programs."""
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def script(self, name, *arguments):
        """Runs a script beside this one with the Python of `cel`, in this home."""
        script = Path(__file__).with_name(name)
        subprocess.run([sys.executable, script, *arguments], env=self._environment(), check=True)

    def _run(self, arguments, at, speaks, typed):
        folder = self.folder / at
        folder.mkdir(exist_ok=True)
        return subprocess.run(
            [Path(sys.executable).with_name("cel"), *arguments],
            cwd=folder,
            env={**self._environment(), **(speaks or {})},
            input=typed,
            capture_output=True,
            encoding="utf-8",
        )

    def _environment(self):
        home = str(self.folder)
        places = [self.programs, Path(sys.executable).parent, os.environ.get("PATH", os.defpath)]
        return {
            "HOME": home,
            "TMPDIR": home,
            "XDG_CACHE_HOME": f"{home}/.cache",
            "XDG_CONFIG_HOME": f"{home}/.config",
            "XDG_DATA_HOME": f"{home}/.local/share",
            "XDG_STATE_HOME": f"{home}/.local/state",
            "PATH": os.pathsep.join(map(str, places)),
            "NO_COLOR": "1",
            "TERM": "dumb",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
        }
