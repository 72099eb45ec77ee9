"""Codex, OpenAI's agent for the command line, against the server: it says what it is told, and runs its tool."""

import os
import pathlib
import subprocess
import tempfile

from checks import API_KEY, BASE_URL, MODEL, check, end
from upstream import MADE

CONFIG = f"""
model = "{MODEL}"
model_provider = "here"

[model_providers.here]
name = "here"
base_url = "{BASE_URL}"
env_key = "HERE_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
"""


def codex(*args, files=()):
    """Runs Codex in an empty home; what it printed last, and which of these files it left."""
    with tempfile.TemporaryDirectory(prefix="freellmapi-codex-") as name:
        home = pathlib.Path(name)
        work = home / "work"
        work.mkdir()
        (home / "config.toml").write_text(CONFIG)
        last = home / "last.txt"
        command = [os.environ["CODEX"], "exec", "--skip-git-repo-check", "--color", "never", "-o", str(last), *args]
        env = {
            "PATH": os.environ["PATH"],
            "HOME": name,
            "CODEX_HOME": name,
            "HERE_KEY": API_KEY,
            "NO_PROXY": "127.0.0.1",
        }
        done = subprocess.run(
            command, cwd=work, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return last.read_text(), {file: (work / file).exists() for file in files}


@check
def a_tool_runs():
    said, made = codex("-s", "danger-full-access", "Make a file", files=[MADE])
    assert made == {MADE: True}, (said, made)
    assert "The tool says:" in said, said


end()
