"""Gemini CLI against the server, in its own dialect: a plain answer, and a turn in which its shell really runs."""

import json
import sys

from agent import run
from checks import API_KEY, BASE_URL, MODEL, check, end
from upstream import WORDS

SETTINGS = {
    "security": {"auth": {"selectedType": "gemini-api-key"}},
    "privacy": {"usageStatisticsEnabled": False},
    "general": {"disableAutoUpdate": True},
}
ENV = {
    "GOOGLE_GEMINI_BASE_URL": BASE_URL.removesuffix("/v1"), "GEMINI_API_KEY": API_KEY,
    "GEMINI_CLI_TRUST_WORKSPACE": "true",
}


def gemini(prompt):
    command = [sys.argv[1], "-m", MODEL, "--yolo", "-p", prompt]
    return run(command, ENV, home_files=[(".gemini/settings.json", json.dumps(SETTINGS))])


@check
def a_plain_answer():
    said, _ = gemini("PLAIN Say hello")
    assert "".join(WORDS) in said, said


@check
def its_shell_runs_and_the_result_comes_home():
    said, made = gemini("Make a file")
    assert made == "TOOLRAN", said
    assert "The tool says: " in said and "alpha" in said, said


end()
