"""Qwen Code against the server: a plain answer, and a turn in which its shell really runs."""

import sys

from agent import run
from checks import API_KEY, BASE_URL, MODEL, check, end
from upstream import WORDS

ENV = {"OPENAI_BASE_URL": BASE_URL, "OPENAI_API_KEY": API_KEY, "OPENAI_MODEL": MODEL}


def qwen(prompt):
    return run([sys.argv[1], "--auth-type", "openai", "--yolo", "-p", prompt], ENV)


@check
def a_plain_answer():
    said, _ = qwen("PLAIN Say hello")
    assert "".join(WORDS) in said, said


@check
def its_shell_runs_and_the_result_comes_home():
    said, made = qwen("Make a file")
    assert made == "TOOLRAN", said
    assert "The tool says: " in said and "alpha" in said, said


end()
