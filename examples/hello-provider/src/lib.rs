//! The smallest provider there is: one host, one key, one model, OpenAI's dialect with two quirks.

use freellmapi_sdk::openai::Dialect;
use freellmapi_sdk::{Adapter, Call, Manifest, Model, export};

/// The adapter.
pub struct Hello;

impl Adapter for Hello {
    fn manifest() -> Manifest {
        Manifest::new("hello-provider", "Hello")
            .version(env!("CARGO_PKG_VERSION"))
            .homepage("https://hello.example")
            .key_page("https://hello.example/keys")
            .reach("api.hello.example", &["POST"], "/v1/chat/completions")
            .reach("api.hello.example", &["GET"], "/v1/models")
            .api_key("hello-[a-z0-9]+")
            .model(
                Model::chat("hello-1", "Hello 1")
                    .context(8192)
                    .limits(30, 1000, 6000, 0),
            )
    }

    fn dialect(_: &Call) -> Dialect {
        Dialect::at("api.hello.example", "/v1")
            .drop(&["logit_bias"])
            .rename("/max_completion_tokens", "max_tokens")
    }
}

export!(Hello);

#[cfg(test)]
mod tests {
    use freellmapi_sdk::json;
    use freellmapi_sdk::testing::{call, sent};

    use super::Hello;

    #[test]
    fn a_chat_is_put_in_its_words() {
        let body = json!({"model": "hello-1", "logit_bias": {}, "max_completion_tokens": 5, "messages": []});
        let sent = sent::<Hello>(&call("chat", "hello-1"), &body);
        assert_eq!(sent.url, "api.hello.example/v1/chat/completions");
        assert_eq!(
            sent.body,
            json!({"model": "hello-1", "messages": [], "max_tokens": 5})
        );
    }
}
