use freellmapi_sdk::json;
use freellmapi_sdk::testing::{answered, call, listed, refuses_as_usual, sent, speaks_openai};

use super::*;

#[test]
fn it_speaks_the_dialect() {
    speaks_openai::<SeaLion>("api.sea-lion.ai/v1");
    refuses_as_usual::<SeaLion>();
}

#[test]
fn thoughts_are_taken_out_of_the_text() {
    let body = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"<think>hm</think>Hi"},"finish_reason":"stop"}]}"#;
    let message = &answered::<SeaLion>(&call("chat", "m"), body)["choices"][0]["message"];
    assert_eq!(message["content"], "Hi");
    assert_eq!(message["reasoning_content"], "hm");
}

#[test]
fn vectors_have_their_place() {
    let body = json!({"model": "m", "input": ["a"]});
    let sent = sent::<SeaLion>(&call("embeddings", "m"), &body);
    assert_eq!(
        (sent.url.as_str(), sent.body),
        ("api.sea-lion.ai/v1/embeddings", body)
    );
    let list = r#"{"data":[{"id":"aisingapore/SEA-LION-Embedding-v1"}]}"#;
    assert_eq!(listed::<SeaLion>(list)[0].operations, ["embeddings"]);
}
