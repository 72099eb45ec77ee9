"""aider against the server: it has no tools, and reads the edit out of what the model writes."""

import sys

from agent import run
from checks import API_KEY, BASE_URL, MODEL, check, end
from upstream import EDIT, MADE

ENV = {
    "OPENAI_API_BASE": BASE_URL, "OPENAI_API_KEY": API_KEY, "AIDER_ANALYTICS": "false", "AIDER_CHECK_UPDATE": "false",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
}


@check
def the_file_is_written():
    options = ["--no-show-model-warnings", "--no-git", "--yes-always", "--edit-format", "whole", "--no-pretty"]
    command = [sys.argv[1], "--model", f"openai/{MODEL}", *options, "--message", EDIT, MADE]
    said, made = run(command, ENV, work_files=[(MADE, "before\n")])
    assert made == "TOOLRAN", said


end()
