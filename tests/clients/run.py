"""Runs official clients against the server, each as its users would: `run.py SUITE…`.

Suites: the keys of SUITES below. Agents, and SDKs of other dialects than OpenAI's, run twice: in front of an OpenAI-like
provider, and of Google's. The environment says what to test: FREELLMAPI_BIN the server,
FREELLMAPI_PLUGINS the folder of components, CLIENTS_DIR where clients are installed. Exits with 0 when
all passed, 77 when a tool is missing, else 1. Needs only Python itself.
"""

import contextlib
import json
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import environment
import gemini_upstream
import upstream

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
# A first start compiles every plugin.
READY_S = 240


class Server:
    """The server on a free port with an empty data folder."""

    def __init__(self, folder, env):
        self.folder = folder
        self.env = {
            **os.environ,
            **env,
            "FREELLMAPI_DATA_DIR": str(folder / "data"),
            "PLUGINS_DIR": os.environ["FREELLMAPI_PLUGINS"],
            "NO_PROXY": "127.0.0.1",
        }
        # The suites' own: servers with the same key share compiled plugins.
        self.env["ENCRYPTION_KEY"] = "0123456789abcdef" * 4
        self.env["FREELLMAPI_CACHE_DIR"] = str(pathlib.Path(os.environ["CLIENTS_DIR"]) / "compiled")
        self.binary = os.environ["FREELLMAPI_BIN"]

    @contextlib.contextmanager
    def serving(self):
        command = [self.binary, "serve", "--port", "0"]
        with open(self.folder / "server.log", "w") as log:
            with program(command, env=self.env, cwd=self.folder, stderr=log) as url:
                yield url

    def command(self, *args):
        done = subprocess.run(
            [self.binary, *args], env=self.env, cwd=self.folder, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(args)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()


@contextlib.contextmanager
def program(command, **more):
    """Runs a program that prints `listening on URL`, and ends it afterwards."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, **more)
    found = queue.Queue()

    def read():
        # To the end, so that the program never waits for its reader.
        for line in child.stdout:
            if "listening on " in line:
                found.put(line.split("listening on ", 1)[1].split()[0])
        found.put(None)

    threading.Thread(target=read, daemon=True).start()
    try:
        try:
            url = found.get(timeout=READY_S)
        except queue.Empty:
            url = None
        if url is None:
            raise RuntimeError(f"{command[0]} did not start (status {child.poll()})")
        yield url
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()


def wait_for_model(url, key, model):
    """The command line writes, the server notices: that takes a moment."""
    request = urllib.request.Request(f"{url}/v1/models", headers={"authorization": f"Bearer {key}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + 10
    while True:
        with opener.open(request, timeout=10) as answer:
            ids = [entry["id"] for entry in json.load(answer)["data"]]
        if any(id.rsplit("/", 1)[-1] == model for id in ids):
            return
        if time.monotonic() > end:
            raise RuntimeError(f"{model} is not among the server's models: {ids}")
        time.sleep(0.1)


def client(command, endpoint, model, **more):
    """Adds the endpoint to a fresh server and runs a client's script against it; whether it passed."""
    return through(Provider([["endpoint", "add", *endpoint]], endpoint[0], model), command, **more)


class Provider:
    """What stands behind the server: the commands that add it, what its routes are called, and what the server is told."""

    def __init__(self, add, name, model, env=None):
        self.add = add
        self.name = name
        self.model = model
        self.env = env or {}


def providers():
    """The upstream as an OpenAI-like endpoint, and the same as Google."""
    base = upstream.start()
    google = [["key", "add", "google", "--key", key] for key in gemini_upstream.KEYS]
    mapped = {"FREELLMAPI_UPSTREAM_MAP": f"{gemini_upstream.HOST}={base.removesuffix('/v1')}"}
    return [
        Provider([["endpoint", "add", *canned()]], "mock", upstream.MODEL),
        Provider(google, "google", gemini_upstream.MODEL, mapped),
    ]


def both(command, **more):
    """Runs a client's script against a server in front of either provider."""
    passed = True
    for provider in providers():
        print(f"  in front of {provider.name}:", flush=True)
        passed &= through(provider, command, **more)
    return passed


def through(provider, command, **more):
    """Runs a client's script against a fresh server in front of this provider; whether it passed."""
    model = provider.model
    with tempfile.TemporaryDirectory(prefix="freellmapi-clients-") as name:
        folder = pathlib.Path(name)
        server = Server(folder, {"FREELLMAPI_OLLAMA": "open-loopback", "PLUGIN_TRUST": "auto", **provider.env})
        try:
            with server.serving() as url:
                for command_line in provider.add:
                    server.command(*command_line)
                key = server.command("token", "show")
                wait_for_model(url, key, model)
                known = {"BASE_URL": f"{url}/v1", "API_KEY": key, "MODEL": model, "PYTHONPATH": str(HERE)}
                known |= {"ROUTE": f"{provider.name}/{model}", "TEXT": "".join(upstream.WORDS)}
                env = {**os.environ, "NO_PROXY": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1", **known, **more}
                done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, timeout=300)
            if done.returncode == 0:
                return True
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            print(f"  FAILED  {error}")
        log = (folder / "server.log").read_text(errors="replace").splitlines()
        print("  the server's last lines:", *log[-30:], sep="\n    ")
        return False


def canned():
    return ["mock", "--url", upstream.start(), "--key", upstream.KEY, "--model", upstream.MODEL]


def openai_python(folder):
    python = environment.python(folder / "python", environment.PYTHON)
    return both([python, str(HERE / "openai_python.py")])


def langchain(folder):
    python = environment.python(folder / "python", environment.PYTHON)
    return both([python, str(HERE / "langchain_python.py")])


def openai_node(folder):
    script = environment.node(folder / "node", environment.NODE, "openai_node.mjs")
    return both(["node", str(script)])


def responses_python(folder):
    python = environment.python(folder / "agents", environment.AGENTS)
    return all(
        both([python, str(HERE / script)])
        for script in ("responses_python.py", "agents_python.py")
    )


def responses_node(folder):
    script = environment.node(folder / "responses", environment.RESPONSES, "responses_node.mjs")
    return both(["node", str(script)])


def codex(folder):
    python = environment.python(folder / "python", environment.PYTHON)
    program = environment.node(folder / "codex", environment.CODEX) / "node_modules/.bin/codex"
    return both([python, str(HERE / "codex.py")], CODEX=str(program))


def anthropic_python(folder):
    python = environment.python(folder / "anthropic-python", environment.ANTHROPIC_PYTHON)
    return both([python, str(HERE / "anthropic_python.py")])


def anthropic_node(folder):
    script = environment.node(folder / "anthropic-node", environment.ANTHROPIC_NODE, "anthropic_node.mjs")
    return both(["node", str(script)])


def claude_code(folder):
    home = folder / "claude-code"
    # Nothing is copied there but what a suite of Node needs anyway.
    environment.node(home, environment.CLAUDE_CODE, "anthropic_node.mjs")
    program = home / "node_modules" / ".bin" / "claude"
    return both([sys.executable, str(HERE / "claude_code.py"), str(program)])


def genai_python(folder):
    python = environment.python(folder / "genai", environment.GENAI_PYTHON)
    return both([python, str(HERE / "genai_python.py")])


def genai_node(folder):
    script = environment.node(folder / "genai-node", environment.GENAI_NODE, "genai_node.mjs")
    return both(["node", str(script)])


def ollama_python(folder):
    python = environment.python(folder / "ollama-python", environment.OLLAMA_PYTHON)
    return both([python, str(HERE / "ollama_python.py")])


def ollama_node(folder):
    script = environment.node(folder / "ollama-node", environment.OLLAMA_NODE, "ollama_node.mjs")
    return both(["node", str(script)])


def frameworks(folder):
    python = environment.python(folder / "frameworks", environment.FRAMEWORKS)
    return both([python, str(HERE / "frameworks_python.py")])


def ai_sdk(folder):
    script = environment.node(folder / "ai-sdk", environment.AI_SDK, "ai_sdk.mjs")
    return both(["node", str(script)])


def agent(name, packages):
    """A suite of an agent from npm, whose script `NAME.py` is given the program."""

    def run(folder):
        home = environment.node(folder / name, packages)
        program = next(path for path in (home / "node_modules/.bin").iterdir() if path.name == name.split("-")[0])
        return both([sys.executable, str(HERE / f"{name.replace('-', '_')}.py"), str(program)])

    return run


def aider(folder):
    python = environment.python(folder / "aider", environment.AIDER)
    return both([sys.executable, str(HERE / "aider.py"), str(pathlib.Path(python).parent / "aider")])


def schemathesis(folder):
    python = environment.python(folder / "schemathesis", environment.SCHEMATHESIS)
    program = pathlib.Path(python).parent / "schemathesis"
    return client([sys.executable, str(HERE / "described.py"), str(program)], canned(), upstream.MODEL)


def real_model(folder):
    python = environment.python(folder / "python", environment.PYTHON)
    script = environment.node(folder / "llama", environment.LLAMA, "real_model/server.mjs")
    path = environment.model(folder / "model")
    with program(["node", str(script), path, "0"]) as url:
        endpoint = ["local", "--url", f"{url}/v1"]
        return client([python, str(HERE / "real_model" / "check.py")], endpoint, "gemma-local")


SUITES = {
    "openai-python": openai_python,
    "openai-node": openai_node,
    "langchain": langchain,
    "responses-python": responses_python,
    "responses-node": responses_node,
    "codex": codex,
    "anthropic-python": anthropic_python,
    "anthropic-node": anthropic_node,
    "claude-code": claude_code,
    "genai-python": genai_python,
    "genai-node": genai_node,
    "ollama-python": ollama_python,
    "ollama-node": ollama_node,
    "frameworks": frameworks,
    "ai-sdk": ai_sdk,
    "gemini-cli": agent("gemini-cli", environment.GEMINI_CLI),
    "qwen-code": agent("qwen-code", environment.QWEN_CODE),
    "opencode": agent("opencode", environment.OPENCODE),
    "aider": aider,
    "schemathesis": schemathesis,
    "real-model": real_model,
}


def main(names):
    folder = pathlib.Path(os.environ.get("CLIENTS_DIR", "target/clients")).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    status = 0
    for name in names or SUITES:
        if name not in SUITES:
            sys.exit(f"no suite {name}; there are {', '.join(SUITES)}")
        print(f"{name}:", flush=True)
        try:
            passed = SUITES[name](folder)
        except environment.Missing as missing:
            print(f"  skipped: {missing}")
            status = status or SKIPPED
            continue
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            print(f"  FAILED  {error}")
            passed = False
        if not passed:
            status = 1
    sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
