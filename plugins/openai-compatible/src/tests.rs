use freellmapi_sdk::testing::{call, chat, failed, head, plan};
use freellmapi_sdk::{Adapter, RawModel};

use super::OpenAiCompatible as Plugin;

fn listed(body: &str) -> Vec<RawModel> {
    let listing = Plugin::decode_models(&call("models", ""), &head(200, &[]), body.as_bytes());
    listing.expect("a list of models").models
}

#[test]
fn nothing_but_the_wish_for_usage_is_edited() {
    let sent = "POST <base>/chat/completions\nauthorization: Bearer {api-key}\n";
    assert_eq!(
        plan::<Plugin>(&chat("local", false)),
        format!("{sent}remove /stream_options\n")
    );
    assert_eq!(
        plan::<Plugin>(&chat("local", true)),
        format!("{sent}set /stream_options {{\"include_usage\":true}}\n")
    );
    let asked = "GET <base>/models\nauthorization: Bearer {api-key}\n";
    assert_eq!(plan::<Plugin>(&call("models", "")), asked);
    assert_eq!(plan::<Plugin>(&call("key-check", "")), asked);
    assert_eq!(plan::<Plugin>(&call("speech", "local")), "unsupported");
}

#[test]
fn works_without_a_key_and_sends_one_to_the_base_only() {
    let manifest = Plugin::manifest().build();
    assert!(manifest.keyless && manifest.user_base_url && manifest.models.is_empty());
    assert_eq!(manifest.secrets[0].hosts, ["user-base"]);
    assert_eq!(manifest.reaches[0].methods, ["GET", "POST"]);
    assert_eq!(manifest.powers, ["tools"]);
}

#[test]
fn lists_of_local_servers() {
    // llama.cpp gives its own list beside OpenAI's.
    let llama = listed(
        r#"{"models":[{"name":"/m/qwen.gguf","model":"/m/qwen.gguf"}],"object":"list",
            "data":[{"id":"/m/qwen.gguf","object":"model","owned_by":"llamacpp","meta":{"n_ctx_train":32768}}]}"#,
    );
    assert_eq!(llama.len(), 1);
    assert_eq!(llama[0].id, "/m/qwen.gguf");

    let studio = listed(
        r#"{"data":[{"id":"qwen2.5-7b-instruct","object":"model","owned_by":"organization_owner"},
            {"id":"text-embedding-nomic-embed-text-v1.5","object":"model"}],"object":"list"}"#,
    );
    assert_eq!(studio[0].operations, ["chat"]);
    assert_eq!(studio[1].operations, ["embeddings"]);

    let vllm = listed(
        r#"{"object":"list","data":[{"id":"meta-llama/Llama-3.1-8B-Instruct","object":"model","created":1,
            "owned_by":"vllm","root":"/m","parent":null,"max_model_len":4096,"permission":[{"id":"p"}]}]}"#,
    );
    assert_eq!(vllm[0].context, Some(4096));

    let ollama = listed(
        r#"{"object":"list","data":[{"id":"llama3.2:latest","object":"model","owned_by":"library"}]}"#,
    );
    assert_eq!(ollama[0].id, "llama3.2:latest");
    assert!(listed(r#"{"object":"list","data":null}"#).is_empty());
}

#[test]
fn what_is_no_list_is_malformed() {
    for body in ["<html>", "", "{}", r#"{"data":{}}"#, r#"{"error":"no"}"#] {
        let listing = Plugin::decode_models(&call("models", ""), &head(200, &[]), body.as_bytes());
        assert_eq!(listing.expect_err(body).kind, "malformed-reply", "{body}");
    }
}

#[test]
fn errors_of_local_servers() {
    for (status, body, kind) in [
        (
            400,
            r#"{"error":{"code":400,"message":"request (5000 tokens) exceeds the available context size (4096 tokens)","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}"#,
            "too-long",
        ),
        (
            503,
            r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            "overloaded",
        ),
        (
            404,
            r#"{"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error","param":null,"code":null}}"#,
            "model-missing",
        ),
        (
            404,
            r#"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}"#,
            "model-missing",
        ),
        (401, r#"{"error":"Unauthorized"}"#, "key-invalid"),
        (
            400,
            r#"{"error":{"message":"registry.ollama.ai/library/gemma:2b does not support tools","type":"api_error"}}"#,
            "unsupported",
        ),
        (500, "<html>oops</html>", "upstream-broken"),
    ] {
        let failure = failed::<Plugin>(status, &[], body).expect("no second try");
        assert_eq!(failure.kind, kind, "{body}");
    }
    let failure = failed::<Plugin>(429, &[("retry-after", "7")], "{}").expect("no second try");
    assert_eq!(failure.retry_after_ms, Some(7_000));
}
