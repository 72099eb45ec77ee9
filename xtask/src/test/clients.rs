//! Official clients against the running server: `tests/clients/run.py` does it, this finds its tools.

use std::process::Command;

use super::tool::{NODE, Tool};
use super::{Ended, Options};
use crate::shell::{has, root, status, target};

/// What `run.py` exits with when a tool is missing.
const SKIPPED: i32 = 77;

pub(super) fn python(_: &Options) -> Ended {
    run("openai-python", &[])
}

pub(super) fn langchain(_: &Options) -> Ended {
    run("langchain", &[])
}

pub(super) fn node(_: &Options) -> Ended {
    run("openai-node", &[NODE])
}

pub(super) fn responses_python(_: &Options) -> Ended {
    run("responses-python", &[])
}

pub(super) fn responses_node(_: &Options) -> Ended {
    run("responses-node", &[NODE])
}

pub(super) fn codex(_: &Options) -> Ended {
    run("codex", &[NODE])
}

pub(super) fn anthropic_python(_: &Options) -> Ended {
    run("anthropic-python", &[])
}

pub(super) fn anthropic_node(_: &Options) -> Ended {
    run("anthropic-node", &[NODE])
}

pub(super) fn claude_code(_: &Options) -> Ended {
    run("claude-code", &[NODE])
}

pub(super) fn genai_python(_: &Options) -> Ended {
    run("genai-python", &[])
}

pub(super) fn genai_node(_: &Options) -> Ended {
    run("genai-node", &[NODE])
}

pub(super) fn ollama_python(_: &Options) -> Ended {
    run("ollama-python", &[])
}

pub(super) fn ollama_node(_: &Options) -> Ended {
    run("ollama-node", &[NODE])
}

pub(super) fn frameworks(_: &Options) -> Ended {
    run("frameworks", &[])
}

pub(super) fn ai_sdk(_: &Options) -> Ended {
    run("ai-sdk", &[NODE])
}

pub(super) fn gemini_cli(_: &Options) -> Ended {
    run("gemini-cli", &[NODE])
}

pub(super) fn qwen_code(_: &Options) -> Ended {
    run("qwen-code", &[NODE])
}

pub(super) fn opencode(_: &Options) -> Ended {
    run("opencode", &[NODE])
}

pub(super) fn aider(_: &Options) -> Ended {
    run("aider", &[])
}

pub(super) fn schemathesis(_: &Options) -> Ended {
    run("schemathesis", &[])
}

pub(super) fn real_model(_: &Options) -> Ended {
    run("real-model", &[NODE])
}

const PYTHON: Tool = Tool {
    program: "python3",
    probe: &["-c", "import venv, ensurepip"],
    packages: &["python3", "python3-venv"],
};

fn run(suite: &str, tools: &[Tool]) -> Ended {
    let server = target().join("debug/freellmapi");
    if !has(&server.to_string_lossy(), &["serve", "--help"]) {
        return Ended::Skipped("this build of the server has no `serve`".into());
    }
    if let Some(missing) = std::iter::once(&PYTHON).chain(tools).find(|it| !it.ready()) {
        return Ended::Skipped(format!("{} is not installed", missing.program));
    }
    // -B: no compiled files beside the sources.
    let ended = status(
        Command::new(PYTHON.program)
            .current_dir(root())
            .args(["-B", "tests/clients/run.py", suite])
            .env("FREELLMAPI_BIN", target().join("debug/freellmapi"))
            .env("FREELLMAPI_PLUGINS", root().join("plugins"))
            .env("CLIENTS_DIR", target().join("clients")),
    );
    match ended {
        Ok(Some(0)) => Ended::Passed,
        Ok(Some(SKIPPED)) => Ended::Skipped("a tool is missing, see above".into()),
        Ok(_) => Ended::Failed("see above".into()),
        Err(why) => Ended::Failed(why),
    }
}
