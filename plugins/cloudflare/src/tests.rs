use freellmapi_sdk::plan::pair;
use freellmapi_sdk::testing::{call as plain, carried, head, refused, sent};
use freellmapi_sdk::{RawManifest, json};

use super::*;

const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";

fn call(operation: &str) -> Call {
    let mut call = plain(operation, "@cf/openai/gpt-oss-120b");
    call.settings.push(pair("account-id", ACCOUNT));
    call
}

fn manifest() -> RawManifest {
    Cloudflare::manifest().build()
}

#[test]
fn a_chat_goes_below_the_account_in_plain_text() {
    let body = json!({
        "max_completion_tokens": 5, "logprobs": true, "reasoning_effort": "low",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
            {"role": "assistant", "content": null, "tool_calls": []},
        ],
    });
    let mut call = call("chat");
    call.outline.max_output = Some(5);
    let sent = sent::<Cloudflare>(&call, &body);
    assert_eq!(
        sent.url,
        format!("api.cloudflare.com/client/v4/accounts/{ACCOUNT}/ai/v1/chat/completions")
    );
    assert_eq!(
        sent.headers,
        [("authorization".into(), "Bearer {api-key}".into())]
    );
    assert_eq!(
        sent.body,
        json!({
            "max_tokens": 5,
            "messages": [
                {"role": "user", "content": "a\nb"},
                {"role": "assistant", "content": "", "tool_calls": []},
            ],
        })
    );
}

#[test]
fn an_answer_without_a_bound_gets_room() {
    let mut call = call("chat");
    call.streaming = true;
    let sent = sent::<Cloudflare>(&call, &json!({"messages": []}));
    assert_eq!(sent.body, json!({"messages": [], "max_tokens": 8192}));
}

#[test]
fn a_token_is_looked_for_among_the_users_and_then_the_accounts() {
    let call = call("key-check");
    let first = sent::<Cloudflare>(&call, &json!(null));
    assert_eq!(first.url, "api.cloudflare.com/client/v4/user/tokens/verify");
    let refusal =
        r#"{"success":false,"errors":[{"code":1000,"message":"Invalid API Token"}],"result":null}"#;
    let Verdict::Again(next) = Cloudflare::classify(&call, &head(401, &[]), refusal.as_bytes())
    else {
        panic!("the account is not asked");
    };
    let second = carried(&manifest(), &call, next.request, &json!(null));
    assert_eq!(
        second.url,
        format!("api.cloudflare.com/client/v4/accounts/{ACCOUNT}/tokens/verify")
    );
    let mut last = call;
    last.step = 1;
    assert_eq!(
        refused::<Cloudflare>(&last, &head(401, &[]), refusal).kind,
        "key-invalid"
    );
}

#[test]
fn only_an_active_token_is_good() {
    let check =
        |body: &str| Cloudflare::decode(&call("key-check"), &head(200, &[]), body.as_bytes());
    assert!(check(r#"{"success":true,"errors":[],"result":{"id":"x","status":"active"}}"#).is_ok());
    assert_eq!(
        check(r#"{"success":true,"result":{"status":"disabled"}}"#)
            .unwrap_err()
            .kind,
        "key-invalid"
    );
}

#[test]
fn numbers_count_whatever_the_status() {
    let midnight = Some(86_400_000 - 3_600_000);
    for (status, code, kind, wait) in [
        (200, 5007, "model-missing", None),
        (400, 5007, "model-missing", None),
        (404, 3042, "model-missing", None),
        (429, 3036, "quota-exhausted", midnight),
        (429, 4006, "quota-exhausted", midnight),
        (429, 3040, "overloaded", None),
        (408, 3007, "overloaded", None),
        (413, 3006, "too-long", None),
        (401, 10000, "key-invalid", None),
        (404, 7003, "key-forbidden", None),
        (429, 0, "rate-limited", None),
    ] {
        let body = json!({"result": null, "success": false, "messages": [],
            "errors": [{"code": code, "message": "could not route to /accounts/cfut_typed-here"}]});
        let mut call = call("chat");
        call.now_ms += 3_600_000;
        let failure = refused::<Cloudflare>(&call, &head(status, &[]), &body.to_string());
        assert_eq!(
            (failure.kind.as_str(), failure.retry_after_ms),
            (kind, wait),
            "{code}"
        );
        assert_eq!(failure.message.contains("cfut_"), code != 7003);
        assert_eq!(failure.scope == "account", matches!(code, 3036 | 4006));
    }
}

#[test]
fn the_list_is_read_by_task_and_properties() {
    let sent = sent::<Cloudflare>(&call("models"), &json!(null));
    assert!(sent.url.ends_with("/ai/models/search"), "{}", sent.url);
    let list = json!({"success": true, "result": [
        {"id": "5b1c", "name": "@cf/meta/llama-3.3-70b-instruct-fp8-fast", "task": {"name": "Text Generation"},
         "properties": [{"property_id": "context_window", "value": "24000"},
                        {"property_id": "function_calling", "value": "true"}]},
        {"id": "a2c4", "name": "@cf/baai/bge-m3", "task": {"name": "Text Embeddings"}, "properties": []},
        {"id": "f6f7", "name": "@cf/openai/whisper", "task": {"name": "Automatic Speech Recognition"}},
    ]});
    let listing = Cloudflare::decode_models(
        &call("models"),
        &head(200, &[]),
        list.to_string().as_bytes(),
    )
    .unwrap();
    let [chat, embeddings] = &listing.models[..] else {
        panic!("two of them do what is known");
    };
    assert_eq!(chat.id, "@cf/meta/llama-3.3-70b-instruct-fp8-fast");
    assert_eq!(
        (chat.context, &chat.traits[..]),
        (Some(24_000), &["tools".to_owned()][..])
    );
    assert_eq!(embeddings.operations, ["embeddings"]);
}

#[test]
fn the_account_is_thirty_two_hex_digits_and_its_neurons_are_its_own() {
    let manifest = manifest();
    assert_eq!(manifest.settings[0].pattern, "[0-9a-f]{32}");
    let quota = &manifest.quotas[0];
    assert_eq!(
        (
            quota.unit.as_str(),
            quota.scope.as_str(),
            quota.anchor.as_str()
        ),
        ("neurons", "account", "UTC")
    );
}
