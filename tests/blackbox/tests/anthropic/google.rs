//! The same in front of a provider with a dialect of its own: Google's, whose thought signatures must come back.

use mock_upstream::{Answer, Settings, When};

use super::*;
use crate::providers::{GOOGLE, gemini_parts};

const SIGNATURE: &str = "c2lnbmF0dXJlLW9mLWEtdGhvdWdodA==";

#[tokio::test]
async fn a_thought_signature_makes_the_round_trip() {
    let secret = GOOGLE.secret(1);
    let mock = Mock::with(Settings::default().key(&secret).models([GOOGLE.model])).await;
    let server = Setup::bare()
        .official(GOOGLE.id)
        .map(GOOGLE.host, &mock)
        .key(GOOGLE.key(&secret))
        .start()
        .await;
    let parts = json!([
        { "text": "Let me look.", "thought": true },
        { "functionCall": { "name": "weather", "args": { "city": "Bern" } }, "thoughtSignature": SIGNATURE },
    ]);
    let stream = Answer::sse([gemini_parts(&parts, Some("STOP")).to_string()]).crlf();
    mock.on(When::any(), stream);
    let mut body = ask(&GOOGLE.name());
    body["thinking"] = json!({ "type": "enabled", "budget_tokens": 2048 });
    body["tools"] = json!([{ "name": "weather", "input_schema": { "type": "object",
        "properties": { "city": { "type": "string" } } } }]);
    let events = streamed(&server.client, &body).await;
    assert_eq!(
        joined(&events, "thinking_delta", "thinking"),
        "Let me look."
    );
    let block = events
        .iter()
        .map(|event| &event["content_block"])
        .find(|block| block["type"] == "tool_use")
        .expect("a call");
    assert_eq!(block["name"], "weather");
    assert_eq!(
        joined(&events, "input_json_delta", "partial_json"),
        "{\"city\":\"Bern\"}"
    );

    let messages_so_far = body["messages"].as_array_mut().expect("a list");
    messages_so_far.push(json!({ "role": "assistant", "content": [
        { "type": "thinking", "thinking": "Let me look.", "signature": "s" },
        { "type": "tool_use", "id": block["id"], "name": "weather", "input": { "city": "Bern" } },
    ] }));
    messages_so_far.push(json!({ "role": "user", "content": [
        { "type": "tool_result", "tool_use_id": block["id"], "content": "12 degrees" },
    ] }));
    mock.heal();
    mock.forget();
    let reply = messages(&server.client, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let contents = mock.requests()[0].json()["contents"].take();
    let call = contents[1]["parts"]
        .as_array()
        .and_then(|parts| parts.iter().find(|part| part["functionCall"].is_object()))
        .expect("the call");
    assert_eq!(call["thoughtSignature"], SIGNATURE, "{contents}");
    let result = &contents[2]["parts"][0]["functionResponse"];
    assert_eq!(result["name"], "weather", "{contents}");
}
