//! Faults after content has gone out: another upstream goes on, and the client sees one answer.

use blackbox::{Endpoint, Server, Setup};
use mock_upstream::{Answer, Mock, When, openai};
use serde_json::{Value, json};

use super::{Pair, all, ask, settings, setup, words};
use crate::providers::GROQ;

/// Forty of the sixty words as a stream.
fn forty() -> Answer {
    let texts = words();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let events = openai::stream("m", &texts, true);
    // The role comes first.
    Answer::sse(&events[..41])
}

/// A stream of these words.
fn of(words: &[String]) -> Answer {
    let texts: Vec<&str> = words.iter().map(String::as_str).collect();
    Answer::sse(openai::stream("m", &texts, true)).done()
}

fn messages(mock: &Mock, nth: usize) -> Vec<Value> {
    let request: Value = serde_json::from_slice(&mock.requests()[nth].body).expect("JSON");
    request["messages"].as_array().expect("messages").clone()
}

fn cut(answer: Answer) -> Answer {
    let bytes = answer.body_len();
    answer.cut_after(bytes)
}

#[tokio::test]
async fn f08_a_stream_cut_at_forty_of_sixty_words_is_whole_for_the_client() {
    let pair = Pair::start().await;
    pair.first.on(When::any(), cut(forty()));
    // The second says the same: what the client has is dropped.
    all(&pair.stream().await);
    assert_eq!(pair.asked(), (1, 1));
}

#[tokio::test]
async fn f08_another_answer_is_asked_to_go_on() {
    let pair = Pair::start().await;
    pair.first.on(When::any(), cut(forty()));
    let other = vec!["Quite another answer.".to_owned()];
    pair.second
        .on(When::any(), of(&other).then(of(&words()[40..])));
    all(&pair.stream().await);
    assert_eq!(pair.asked(), (1, 2));
    let asked = messages(&pair.second, 1);
    assert_eq!(asked[1]["role"], "assistant");
    assert_eq!(asked[1]["content"], json!(words()[..40].concat()));
    assert_eq!(asked[2]["role"], "user");
}

#[tokio::test]
async fn f09_a_stall_is_left_and_gone_on_with() {
    let pair = Pair::start().await;
    let stalled = forty();
    let bytes = stalled.body_len();
    pair.first.on(When::any(), stalled.stall_after(bytes));
    all(&pair.stream().await);
    pair.first
        .wait_for_cancelled(1)
        .await
        .expect("the stalled one is let go");
}

#[tokio::test]
async fn f10_a_malformed_event_is_not_passed_on() {
    let pair = Pair::start().await;
    pair.first
        .on(When::any(), forty().event("{\"id\":\"x\",\"choi").done());
    all(&pair.stream().await);
}

#[tokio::test]
async fn an_error_in_the_stream_is_gone_on_from() {
    let pair = Pair::start().await;
    let error = json!({ "error": { "message": "Overloaded.", "code": 503 } });
    pair.first
        .on(When::any(), forty().event(&error.to_string()));
    all(&pair.stream().await);
}

#[tokio::test]
async fn f14_a_fallback_that_refuses_prefill_is_asked_otherwise() {
    let (first, groq) = (Mock::with(settings()).await, Mock::with(settings()).await);
    first.on(When::any(), cut(forty()));
    let refusal = GROQ.error(400, "The last message must be the user's.");
    groq.on(When::any(), refusal.times(1));
    let server = setup()
        .official(GROQ.id)
        .map(GROQ.host, &groq)
        .endpoint(Endpoint::new("first", &first).model("m").priority(1))
        .key(GROQ.key(&GROQ.secret(1)).priority(2))
        .start()
        .await;
    for command in [
        &["route", "set", "both", "first/m", &GROQ.name()][..],
        &["route", "use", "both"],
    ] {
        server.run(command).await.printed();
    }
    let mut body = ask();
    body["model"] = json!("auto:both");
    let events = blackbox::until("the profile", async || {
        let streamed = server.client.chat_open(&body).await;
        match streamed.status {
            200 => Some(streamed.rest().await),
            _ => None,
        }
    })
    .await;
    all(&events);
    let last = |nth| messages(&groq, nth).last().expect("messages")["role"].clone();
    assert_eq!((last(0), last(1)), (json!("assistant"), json!("user")));
    assert_eq!(groq.requests().len(), 2);
}

#[tokio::test]
async fn prefill_is_written_on_from() {
    let groq = Mock::with(settings()).await;
    let (one, two) = (GROQ.secret(1), GROQ.secret(2));
    let texts = words();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    groq.on(
        When::key(&one),
        cut(Answer::sse(&openai::stream("m", &texts, true)[..41])),
    );
    groq.on(When::key(&two), GROQ.streamed(&texts[40..]));
    let server = Setup::bare()
        .official(GROQ.id)
        .map(GROQ.host, &groq)
        .key(GROQ.key(&one).priority(1))
        .key(GROQ.key(&two).priority(2))
        .start()
        .await;
    let mut body = ask();
    body["model"] = json!(GROQ.name());
    body["stream_options"] = json!({ "include_usage": true });
    let events = server.chat_stream(&body).await;
    all(&events);
    let usage = events.chunks().last().expect("chunks")["usage"].clone();
    assert!(usage["completion_tokens"].as_u64() > Some(20), "{usage}");
}

#[tokio::test]
async fn a_rescue_is_marked_or_left_out_if_the_operator_wants() {
    let marked = Pair::with(setup().env("FREELLMAPI_RESCUE", "marked")).await;
    marked.first.on(When::any(), cut(forty()));
    let events = marked.stream().await;
    assert!(events.is_whole(), "{events:?}");
    let seam = format!("word40 \n\n[continued by second/m]\n\n{}", words()[40]);
    assert!(events.text().contains(&seam), "{}", events.text());

    let off = Pair::with(setup().env("FREELLMAPI_RESCUE", "off")).await;
    off.first.on(When::any(), cut(forty()));
    let events = off.stream().await;
    assert!(events.error().is_some(), "{events:?}");
    assert_eq!(events.text(), words()[..40].concat());
    assert_eq!(off.asked(), (1, 0));
}

#[tokio::test]
async fn a_second_break_is_gone_on_from_too() {
    let third = Mock::with(settings()).await;
    let (first, second) = (Mock::start().await, Mock::start().await);
    let texts = words();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let events = openai::stream("m", &texts, true);
    first.on(When::any(), cut(Answer::sse(&events[..21])));
    second.on(When::any(), cut(Answer::sse(&events[..41])));
    let server = setup()
        .endpoint(Endpoint::new("first", &first).model("m").priority(1))
        .endpoint(Endpoint::new("second", &second).model("m").priority(2))
        .endpoint(Endpoint::new("third", &third).model("m").priority(3))
        .start()
        .await;
    all(&server.chat_stream(&ask()).await);
}

#[tokio::test]
async fn a_tool_call_in_flight_is_never_stitched() {
    let pair = Pair::start().await;
    let delta = json!({ "tool_calls": [{ "index": 0, "id": "call_1", "type": "function",
        "function": { "name": "rm", "arguments": "{\"path\":\"/tm" } }] });
    let chunk = json!({ "id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] });
    pair.first
        .on(When::any(), cut(forty().event(&chunk.to_string())));
    let mut body = ask();
    body["tools"] = json!([{ "type": "function", "function": { "name": "rm", "parameters": { "type": "object" } } }]);
    let events = pair.server.chat_stream(&body).await;
    let error = events.error().expect("an error at the end");
    assert!(
        error["message"].is_string() && error["code"].is_string(),
        "{error}"
    );
    assert_eq!(pair.asked(), (1, 0));
}

#[tokio::test]
async fn every_dialect_gets_one_whole_answer() {
    let pair = Pair::start().await;
    pair.first.on(When::any(), cut(forty()));
    let text = anthropic(&pair.server).await;
    assert_eq!(text, words().concat());
}

/// The text of a streamed message in Anthropic's dialect, whose events are in order.
async fn anthropic(server: &Server) -> String {
    let body =
        json!({ "model": "m", "max_tokens": 100, "stream": true, "messages": ask()["messages"] });
    let reply = server
        .client
        .send(blackbox::Request::post("/v1/messages", &body))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let text = reply.text();
    assert_eq!(
        text.matches("event: content_block_start").count(),
        1,
        "{text}"
    );
    assert!(text.contains("event: message_stop"), "{text}");
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let events = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    events
        .filter_map(|event| event["delta"]["text"].as_str().map(str::to_owned))
        .collect()
}
