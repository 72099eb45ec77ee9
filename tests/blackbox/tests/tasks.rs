//! What is answered in one piece: embeddings, pictures, speech, transcripts.

use blackbox::{Endpoint, Request, Server, Setup};
use mock_upstream::{Answer, Mock, Settings, When};
use serde_json::{Value, json};

/// A server with one endpoint, which lists this model: by its name the plugin knows what it does.
async fn server(model: &str) -> (Mock, Server) {
    let mock = Mock::with(Settings::default().key("sk-local").models([model])).await;
    let setup = Setup::new().endpoint(Endpoint::new("local", &mock).key("sk-local"));
    let server = setup.start().await;
    mock.forget();
    (mock, server)
}

fn vectors() -> Answer {
    let data = json!([
        { "object": "embedding", "index": 1, "embedding": [0.5, -2.0] },
        { "object": "embedding", "index": 0, "embedding": [1.0, 0.0] },
    ]);
    let usage = json!({ "prompt_tokens": 2, "total_tokens": 2 });
    Answer::json(
        200,
        &json!({ "object": "list", "model": "e", "data": data, "usage": usage }),
    )
}

#[tokio::test]
async fn vectors_come_in_order_and_in_the_encoding_asked_for() {
    let (mock, server) = server("text-embedding-3-small").await;
    mock.on(When::any(), vectors());
    let mut body = json!({ "model": "text-embedding-3-small", "input": ["a", "b"] });
    let reply = server
        .client
        .send(Request::post("/v1/embeddings", &body))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        reply.header("x-routed-via"),
        Some("local/text-embedding-3-small")
    );
    let answer = reply.json();
    assert_eq!(answer["data"][1]["embedding"], json!([0.5, -2.0]));
    assert_eq!(answer["usage"]["prompt_tokens"], 2);

    body["encoding_format"] = json!("base64");
    let reply = server
        .client
        .send(Request::post("/v1/embeddings", &body))
        .await;
    assert_eq!(reply.json()["data"][1]["embedding"], "AAAAPwAAAMA=");
    for request in mock.requests() {
        if request.path.ends_with("/embeddings") {
            assert_ne!(request.json()["encoding_format"], "base64");
        }
    }

    let gemini = json!({ "requests": [
        { "content": { "parts": [{ "text": "a" }] } }, { "content": { "parts": [{ "text": "b" }] } } ] });
    let path = "/v1beta/models/text-embedding-3-small:batchEmbedContents";
    let reply = server.client.send(Request::post(path, &gemini)).await;
    assert_eq!(
        reply.json()["embeddings"][0]["values"],
        json!([1.0, 0.0]),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn an_answer_with_too_few_vectors_is_no_answer_and_bad_input_is_named() {
    let (mock, server) = server("text-embedding-3-small").await;
    mock.on(When::any(), vectors());
    let ask = |input: Value| json!({ "model": "text-embedding-3-small", "input": input });
    let reply = server
        .client
        .send(Request::post(
            "/v1/embeddings",
            &ask(json!(["a", "b", "c"])),
        ))
        .await;
    assert_eq!(reply.status, 502, "{}", reply.text());
    for (input, param) in [(json!([]), "input"), (json!(["a", ""]), "input[1]")] {
        let reply = server
            .client
            .send(Request::post("/v1/embeddings", &ask(input)))
            .await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.json()["error"]["param"], param);
    }
    let chat = json!({ "model": "text-embedding-3-small", "messages": [{ "role": "user", "content": "Hi" }] });
    let reply = server.chat(&chat).await;
    assert!((400..500).contains(&reply.status), "{}", reply.text());
}

#[tokio::test]
async fn speech_is_passed_on_as_sound() {
    let (mock, server) = server("tts-1").await;
    let sound: Vec<u8> = (0..=255).collect();
    mock.on(
        When::any(),
        Answer::new(200)
            .header("content-type", "audio/mpeg")
            .body(sound.clone()),
    );
    let body = json!({ "model": "tts-1", "input": "Hello", "voice": "alloy" });
    let reply = server
        .client
        .send(Request::post("/v1/audio/speech", &body))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), Some("audio/mpeg"));
    assert_eq!(reply.body, sound);
}

#[tokio::test]
async fn a_recording_goes_up_as_a_form_and_comes_back_as_text() {
    let (mock, server) = server("whisper-1").await;
    mock.on(When::any(), Answer::json(200, &json!({ "text": "Hello." })));
    let form = "--x\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--x\r\n\
                content-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\ncontent-type: audio/wav\r\n\r\n\
                RIFFsound\r\n--x--\r\n";
    let send = |form: &str| {
        Request::new("POST", "/v1/audio/transcriptions")
            .header("content-type", "multipart/form-data; boundary=x")
            .body(form.to_owned())
    };
    let reply = server.client.send(send(form)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["text"], "Hello.");
    let seen = mock.requests();
    let sent = seen.last().expect("a request");
    assert!(
        sent.path.ends_with("/audio/transcriptions"),
        "{}",
        sent.path
    );
    let text = String::from_utf8_lossy(&sent.body);
    assert!(
        text.contains("RIFFsound") && text.contains("filename=\"a.wav\""),
        "{text}"
    );
    assert!(text.contains("whisper-1"), "{text}");

    let without = server.client.send(send("--x--\r\n")).await;
    assert_eq!(without.status, 400);
    assert_eq!(without.json()["error"]["param"], "file");
}
