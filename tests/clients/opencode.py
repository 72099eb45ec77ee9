"""opencode against the server: a plain answer, and a turn in which its shell really runs."""

import json
import sys

from agent import run
from checks import API_KEY, BASE_URL, MODEL, check, end
from upstream import WORDS

CONFIG = {
    "$schema": "https://opencode.ai/config.json",
    "model": f"here/{MODEL}",
    "small_model": f"here/{MODEL}",
    "permission": {"bash": "allow"},
    "provider": {"here": {
        "npm": "@ai-sdk/openai-compatible", "name": "here", "options": {"baseURL": BASE_URL, "apiKey": API_KEY},
        "models": {MODEL: {"name": MODEL}},
    }},
}
ENV = {
    "OPENCODE_DISABLE_AUTOUPDATE": "1", "OPENCODE_DISABLE_MODELS_FETCH": "1", "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
}


def opencode(prompt):
    return run([sys.argv[1], "run", prompt], ENV, work_files=[("opencode.json", json.dumps(CONFIG))])


@check
def a_plain_answer():
    said, _ = opencode("PLAIN Say hello")
    assert "".join(WORDS) in said, said


@check
def its_shell_runs_and_the_result_comes_home():
    said, made = opencode("Make a file")
    assert made == "TOOLRAN", said
    assert "The tool says: " in said and "alpha" in said, said


end()
