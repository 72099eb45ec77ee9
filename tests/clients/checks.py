"""What the Python client scripts share: one line a check, and the exit status."""

import os
import sys
import traceback

BASE_URL = os.environ["BASE_URL"]
API_KEY = os.environ["API_KEY"]
MODEL = os.environ["MODEL"]
# `provider/model`, as an answer's `x-routed-via` says it.
ROUTE = os.environ["ROUTE"]

_results = []


def check(function):
    """Runs a check at once and prints how it went."""
    name = function.__name__.strip("_").replace("_", " ")
    try:
        function()
        _results.append(True)
        print(f"  ok      {name}", flush=True)
    except Exception:
        _results.append(False)
        print(f"  FAILED  {name}", flush=True)
        traceback.print_exc()
    return function


def raises(kind, function):
    """The exception of this kind that the call must end in."""
    try:
        function()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def end():
    """Leaves with the status; having checked nothing is a failure."""
    sys.exit(0 if _results and all(_results) else 1)
