use freellmapi_sdk::json;
use freellmapi_sdk::testing::{call, listed, refusals, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<Ovh>("oai.endpoints.kepler.ai.cloud.ovh.net/v1");
    assert!(
        sent::<Ovh>(&call("chat", "m"), &json!({}))
            .headers
            .is_empty()
    );
}

#[test]
fn every_model_counts_for_the_address() {
    for model in Ovh::manifest().build().models {
        let [quota] = &model.quotas[..] else {
            panic!("{} has one limit", model.id);
        };
        assert_eq!(
            (quota.scope.as_str(), quota.limit, quota.window_s),
            ("ip-model", Some(2), 60)
        );
    }
}

/// Invented in the shape of vLLM, which it runs.
#[test]
fn refusals_say_what_to_do_next() {
    refusals::<Ovh>(&[
        (
            429,
            &[("retry-after", "31")],
            r#"{"message":"API rate limit exceeded"}"#,
            "rate-limited",
            Some(31_000),
        ),
        (
            404,
            &[],
            r#"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404}"#,
            "model-missing",
            None,
        ),
        (
            400,
            &[],
            r#"{"object":"error","message":"This model's maximum context length is 32768 tokens. However, you requested 40000 tokens.","type":"BadRequestError","code":400}"#,
            "too-long",
            None,
        ),
        (
            401,
            &[],
            r#"{"message":"Unauthorized"}"#,
            "key-invalid",
            None,
        ),
        (503, &[], "no healthy upstream", "overloaded", None),
    ]);
}

/// Invented in the shape of vLLM's list.
#[test]
fn the_list_is_read() {
    let models = listed::<Ovh>(
        r#"{"object":"list","data":[{"id":"gpt-oss-120b","object":"model","max_model_len":131072},{"id":"bge-m3","object":"model"}]}"#,
    );
    assert_eq!(models[0].context, Some(131_072));
    assert_eq!(models[1].operations, ["embeddings"]);
}
