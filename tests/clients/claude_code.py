"""Claude Code against the server: a plain answer, and a turn in which its Bash tool really runs."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from checks import API_KEY, BASE_URL, MODEL, check, end
from upstream import WORDS

CLAUDE = sys.argv[1]
TIMEOUT_S = 150


def claude(folder, prompt, model):
    """Its answer to one prompt, in an empty home, told to talk to nobody else."""
    home = pathlib.Path(folder) / "home"
    work = pathlib.Path(folder) / "work"
    for path in (home, work):
        path.mkdir(exist_ok=True)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "NO_PROXY": "127.0.0.1",
        "ANTHROPIC_BASE_URL": BASE_URL.removesuffix("/v1"),
        "ANTHROPIC_AUTH_TOKEN": API_KEY,
        "ANTHROPIC_MODEL": model,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
    }
    command = [CLAUDE, "-p", prompt, "--allowedTools", "Bash", "--output-format", "json"]
    done = subprocess.run(
        command, env=env, cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    assert done.returncode == 0, f"{done.returncode} {done.stdout} {done.stderr}"
    return json.loads(done.stdout), work


@check
def a_plain_answer_by_a_name_of_claude():
    with tempfile.TemporaryDirectory(prefix="freellmapi-claude-") as folder:
        told, _ = claude(folder, "PLAIN Say hello", "claude-sonnet-9")
        assert told["result"] == "".join(WORDS), told


@check
def its_bash_tool_runs_and_the_result_comes_home():
    with tempfile.TemporaryDirectory(prefix="freellmapi-claude-") as folder:
        told, work = claude(folder, "Make a file", MODEL)
        assert (work / "made.txt").read_text().strip() == "TOOLRAN", told
        assert told["result"].startswith("The tool says: "), told
        assert "alpha" in told["result"], told


end()
