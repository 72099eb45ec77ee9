//! OrcaRouter: OpenAI's dialect in front of many providers; a few models cost nothing.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::{Dialect, Entry};
use freellmapi_sdk::{Adapter, Call, Manifest, Model, export};

/// The adapter.
pub struct OrcaRouter;

const HOST: &str = "api.orcarouter.ai";

const MODELS: &str = "
deepseek/deepseek-v4-flash-free | DeepSeek V4 Flash | deepseek-v4-flash | 131072 | - | 910 | tools reasoning json-object
z-ai/glm-5.3-flash-free         | GLM 5.3 Flash     | glm-5.3-flash     | 131072 | - | 800 | tools reasoning
tencent/hy3-free                | Tencent HY3       | hy3               | 131072 | - | 700 | tools
orcarouter/free                 | Any free model    | -                 | 131072 | - | 500 | tools
";

impl Adapter for OrcaRouter {
    fn manifest() -> Manifest {
        Manifest::new("orcarouter", "OrcaRouter")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://www.orcarouter.ai")
            .key_page("https://www.orcarouter.ai/keys")
            .terms("Only orcarouter/free and models whose name ends in -free cost nothing.")
            .chats_at(HOST, "/v1")
            .api_key("sk-orca-[A-Za-z0-9_-]{8,}")
            .tools()
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at(HOST, "/v1").check_by_asking()
    }

    fn keeps(row: &Entry) -> bool {
        row["id"]
            .as_str()
            .is_some_and(|id| id.ends_with("-free") || id.ends_with("/free"))
    }
}

export!(OrcaRouter);
