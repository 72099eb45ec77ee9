//! Reka: OpenAI's dialect, with structured answers only by a schema.

#[cfg(test)]
mod tests;

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Model, export, json};

/// The adapter.
pub struct Reka;

const HOST: &str = "api.reka.ai";

const MODELS: &str = "
reka-flash-3   | Reka Flash 3 | reka-flash-3 | 65536 | 58982 | 610 | reasoning json-object json-schema
reka-edge-2603 | Reka Edge    | reka-edge    | 16384 | 14745 | 430 | vision json-object json-schema
";

impl Adapter for Reka {
    const MENDS: bool = true;

    fn manifest() -> Manifest {
        Manifest::new("reka", "Reka")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://reka.ai")
            .key_page("https://platform.reka.ai/apikeys")
            .terms("A small credit comes with the account every month; no other limits are told.")
            .reach(HOST, &["POST"], "/v1/chat/completions")
            .reach(HOST, &["GET"], "/v1/models")
            .api_key("[A-Za-z0-9_-]{20,}")
            .tools()
            .decodes(&["chat"])
            .models(Model::table(MODELS))
    }

    fn dialect(_: &Call) -> Dialect {
        let object = json!({"type": "json_object"});
        // Any object. With no more than its type said, the server breaks off.
        let any = json!({"type": "json_schema", "json_schema": {"name": "object", "schema":
            {"type": "object", "properties": {}, "additionalProperties": true}}});
        Dialect::at(HOST, "/v1")
            .replace("/response_format", object, Some(any))
            .remove("/messages/*/reasoning_content")
            .think_in_text()
    }
}

export!(Reka);
