//! Embeddings, pictures and speech. Vectors are shaped as recorded; the other replies are invented in the documented shape.

use serde_json::{Value as Json, json};

use super::super::{Gemini, decode};
use crate::plan::secret;
use crate::testing::{call, head};
use crate::{Answer, Call, Content, Failure, Input, Outcome, Reply, Request};

fn plan(operation: &str, body: &Json) -> Result<Request, Failure> {
    let input = Input {
        body: body.to_string().into_bytes(),
        files: Vec::new(),
        notes: Vec::new(),
        extra: Vec::new(),
    };
    let at = Gemini::at("h", "/v1beta", secret("x-goog-api-key", "api-key", ""));
    at.encode(&call(operation, "m-1"), &input)
}

fn sent(request: &Request) -> Json {
    match &request.content {
        Content::Json(bytes) => serde_json::from_slice(bytes).expect("JSON"),
        other => panic!("{other:?}"),
    }
}

fn read(call: &Call, body: &Json) -> Result<Reply, Failure> {
    match decode(call, &head(200, &[]), body.to_string().as_bytes())? {
        Outcome::Done(reply) => Ok(reply),
        Outcome::Again(next) => panic!("{next:?}"),
    }
}

fn shown(reply: &Reply) -> Json {
    match &reply.answer {
        Answer::Json(bytes) => serde_json::from_slice(bytes).expect("JSON"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn texts_become_one_batch() {
    for (input, texts) in [
        (json!("a"), vec!["a"]),
        (json!(["a", "b\"c"]), vec!["a", "b\"c"]),
    ] {
        let request = plan(
            "embeddings",
            &json!({"input": input, "encoding_format": "base64"}),
        );
        let request = request.expect("a plan");
        assert_eq!(request.path, "/v1beta/models/m-1:batchEmbedContents");
        let one = |text| json!({"model": "models/m-1", "content": {"parts": [{"text": text}]}});
        let all: Vec<_> = texts.into_iter().map(one).collect();
        assert_eq!(sent(&request), json!({"requests": all}));
    }
    let tokens = plan("embeddings", &json!({"input": [[1, 2]]}));
    assert_eq!(tokens.map_err(|no| no.kind), Err("unsupported".to_owned()));
    let many = plan("embeddings", &json!({"input": vec!["a"; 101]}));
    assert_eq!(many.map_err(|no| no.kind), Err("unsupported".to_owned()));
}

#[test]
fn vectors_come_in_their_order() {
    let mut call = call("embeddings", "m-1");
    call.outline.items = 2;
    let body = json!({"embeddings": [{"values": [3.0, 4.0]}, {"values": [0.5, -1.0]}]});
    let reply = shown(&read(&call, &body).expect("vectors"));
    assert_eq!(
        reply["data"][1],
        json!({"object": "embedding", "index": 1, "embedding": [0.5, -1.0]})
    );
    let request = plan("embeddings", &json!({"input": "a", "dimensions": 2})).expect("a plan");
    assert_eq!(sent(&request)["requests"][0]["outputDimensionality"], 2);
    call.memo = request.memo;
    let reply = shown(&read(&call, &body).expect("vectors"));
    assert_eq!(reply["data"][0]["embedding"], json!([0.6, 0.8]));
    let short = read(&call, &json!({"embeddings": [{"values": [1.0]}]}));
    assert_eq!(
        short.map_err(|no| no.kind),
        Err("malformed-reply".to_owned())
    );
}

#[test]
fn a_picture_gets_the_nearest_shape() {
    for (size, shape) in [
        ("1024x1024", "1:1"),
        ("1536x1024", "3:2"),
        ("1024x1792", "9:16"),
    ] {
        let request = plan("images", &json!({"prompt": "a cat", "size": size})).expect("a plan");
        assert_eq!(request.path, "/v1beta/models/m-1:generateContent");
        assert_eq!(
            sent(&request)["generationConfig"]["imageConfig"],
            json!({"aspectRatio": shape})
        );
    }
    for (body, kind) in [
        (json!({"prompt": "a", "n": 2}), "unsupported"),
        (json!({"prompt": ""}), "invalid-request"),
    ] {
        assert_eq!(
            plan("images", &body).map_err(|no| no.kind),
            Err(kind.to_owned())
        );
    }
    let plain = sent(&plan("images", &json!({"prompt": "a", "size": "auto"})).expect("a plan"));
    assert_eq!(
        plain["generationConfig"],
        json!({"responseModalities": ["TEXT", "IMAGE"]})
    );
}

#[test]
fn a_picture_is_read_out_of_the_parts() {
    let call = call("images", "m-1");
    let body = json!({
        "candidates": [{"content": {"parts": [{"text": "Here:"}, {"inlineData": {"mimeType": "image/png", "data": "iVBORw=="}}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1290, "totalTokenCount": 1293},
    });
    let reply = read(&call, &body).expect("a picture");
    assert_eq!(shown(&reply)["data"], json!([{"b64_json": "iVBORw=="}]));
    let usage = reply.usage.expect("told");
    assert_eq!(
        (usage.input, usage.output, usage.other[0].amount),
        (Some(3), Some(1290), 1)
    );
    for (body, kind) in [
        (
            json!({"candidates": [{"finishReason": "IMAGE_SAFETY"}]}),
            "content-filtered",
        ),
        (
            json!({"promptFeedback": {"blockReason": "SAFETY"}}),
            "content-filtered",
        ),
        (
            json!({"candidates": [{"content": {"parts": [{"text": "no"}]}, "finishReason": "STOP"}]}),
            "malformed-reply",
        ),
    ] {
        assert_eq!(
            read(&call, &body).map_err(|no| no.kind),
            Err(kind.to_owned())
        );
    }
}

#[test]
fn speech_has_a_voice_and_comes_as_a_file() {
    for (voice, given) in [("alloy", "Kore"), ("puck", "Puck")] {
        let body = json!({"input": "Hi", "voice": voice, "instructions": "Say it gladly", "response_format": "mp3"});
        let request = sent(&plan("speech", &body).expect("a plan"));
        assert_eq!(
            request["contents"][0]["parts"][0]["text"],
            "Say it gladly: Hi"
        );
        let config = &request["generationConfig"]["speechConfig"]["voiceConfig"];
        assert_eq!(config["prebuiltVoiceConfig"]["voiceName"], given);
    }
    let mut call = call("speech", "m-1");
    let body = json!({"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": "AQI="}}]}}]});
    let reply = read(&call, &body).expect("sound");
    assert_eq!(reply.media_type, "audio/wav");
    assert!(matches!(reply.answer, Answer::Bytes(bytes) if bytes.len() == 46));
    call.memo = plan("speech", &json!({"input": "a", "response_format": "pcm"}))
        .expect("a plan")
        .memo;
    let reply = read(&call, &body).expect("sound");
    assert_eq!(
        (reply.media_type.as_str(), reply.answer),
        ("audio/pcm", Answer::Bytes(vec![1, 2]))
    );
}

proptest::proptest! {
    #[test]
    fn any_reply_and_any_request_is_read_without_harm(
        body in "(\\{\"(candidates|embeddings)\":\\[\\{\"(content|values)\":(\\{\"parts\":\\[\\{\"inlineData\":\\{\"data\":\"[A-Za-z=]{0,9}\"\\}\\}\\]\\}|\\[[0-9.,-]{0,6}\\])\\}\\]\\})|\\PC{0,40}",
        size in "[0-9x.-]{0,9}",
    ) {
        for operation in ["embeddings", "images", "speech"] {
            let mut call = call(operation, "m");
            for memo in ["", "shortened", "pcm"] {
                memo.clone_into(&mut call.memo);
                let _ = decode(&call, &head(200, &[]), body.as_bytes());
            }
            let _ = plan(operation, &json!({"prompt": body, "input": body, "size": size}));
        }
    }
}
