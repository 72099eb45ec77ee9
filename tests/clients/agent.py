"""What the scripts of agents share: a run in an empty home, and the file that their shell tool is told to make."""

import os
import pathlib
import subprocess
import tempfile

from upstream import MADE

TIMEOUT_S = 150


def run(command, env, home_files=(), work_files=()):
    """What the program printed, and what it made of the file; files are given as (path, text)."""
    with tempfile.TemporaryDirectory(prefix="freellmapi-agent-") as name:
        home, work = pathlib.Path(name) / "home", pathlib.Path(name) / "work"
        for folder, files in ((home, home_files), (work, work_files)):
            folder.mkdir()
            for path, text in files:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text)
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "NO_PROXY": "127.0.0.1", "CI": "1", **env}
        done = subprocess.run(
            command, env=env, cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, f"{done.returncode} {said}"
        made = work / MADE
        return done.stdout, made.read_text().strip() if made.exists() else None
