use freellmapi_sdk::plan::pair;
use freellmapi_sdk::testing::{call, head, sent, sent_with, uploaded};
use freellmapi_sdk::{Adapter, Answer, Outcome, json, serde_json};

use super::*;
use crate::Cloudflare;

fn at(operation: &str, model: &str) -> Call {
    let mut call = call(operation, model);
    call.settings.push(pair("account-id", ACCOUNT));
    call
}

const ACCOUNT: &str = "0123456789abcdef0123456789abcdef";

fn read(call: &Call, body: &[u8]) -> Reply {
    match Cloudflare::decode(call, &head(200, &[]), body) {
        Ok(Outcome::Done(reply)) => reply,
        other => panic!("{other:?}"),
    }
}

fn shown(reply: Reply) -> Json {
    match reply.answer {
        Answer::Json(bytes) => serde_json::from_slice(&bytes).expect("JSON"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_task_is_put_in_the_models_own_words() {
    for (operation, model, body, becomes) in [
        (
            "images",
            "@cf/black-forest-labs/flux-1-schnell",
            json!({"model": "m", "prompt": "a cat", "size": "1x1", "n": 1, "response_format": "b64_json"}),
            json!({"prompt": "a cat"}),
        ),
        (
            "speech",
            "@cf/myshell-ai/melotts",
            json!({"model": "m", "input": "Hi", "voice": "alloy"}),
            json!({"prompt": "Hi", "lang": "en"}),
        ),
        (
            "speech",
            "@cf/deepgram/aura-1",
            json!({"model": "m", "input": "Hi", "voice": "alloy"}),
            json!({"text": "Hi"}),
        ),
    ] {
        let sent = sent::<Cloudflare>(&at(operation, model), &body);
        let url = format!("api.cloudflare.com/client/v4/accounts/{ACCOUNT}/ai/run/{model}");
        assert_eq!((sent.url, sent.body), (url, becomes));
    }
    let body = json!({"model": "m", "input": "a", "dimensions": 512, "encoding_format": "base64"});
    let sent = sent::<Cloudflare>(&at("embeddings", "@cf/baai/bge-m3"), &body);
    assert!(sent.url.ends_with("/ai/v1/embeddings"));
    assert_eq!(sent.body, json!({"model": "m", "input": "a"}));
}

/// Replies in the documented shape.
#[test]
fn a_result_is_read_as_json_or_as_it_is() {
    let flux = at("images", "@cf/black-forest-labs/flux-1-schnell");
    let reply = read(
        &flux,
        br#"{"result":{"image":"/9j/4A=="},"success":true,"errors":[]}"#,
    );
    assert_eq!(shown(reply)["data"], json!([{"b64_json": "/9j/4A=="}]));
    assert_eq!(
        shown(read(&flux, &[0xff, 0xd8, 0xff]))["data"],
        json!([{"b64_json": "/9j/"}])
    );
    let melo = at("speech", "@cf/myshell-ai/melotts");
    let reply = read(&melo, br#"{"result":{"audio":"AQI="},"success":true}"#);
    assert_eq!(
        (reply.media_type.as_str(), reply.answer),
        ("audio/mpeg", Answer::Bytes(vec![1, 2]))
    );
    assert_eq!(read(&melo, b"ID3").answer, Answer::Bytes(b"ID3".to_vec()));
    let none = Cloudflare::decode(&melo, &head(200, &[]), br#"{"result":{},"success":true}"#);
    assert_eq!(none.expect_err("nothing").kind, "malformed-reply");
}

#[test]
fn sound_goes_raw_and_comes_back_in_the_form_asked_for() {
    let mut call = at("transcription", "@cf/openai/whisper");
    let file = uploaded("a.mp3", "audio/mpeg");
    let sent = sent_with::<Cloudflare>(&call, &json!({"response_format": "srt"}), vec![file]);
    assert!(sent.url.ends_with("/ai/run/@cf/openai/whisper"));
    assert!(
        sent.headers
            .contains(&("content-type".into(), "application/octet-stream".into()))
    );
    let body =
        br#"{"result":{"text":"Hi","vtt":"WEBVTT\n\n00.000 --> 01.500\nHi\n\n"},"success":true}"#;
    assert_eq!(shown(read(&call, body)), json!({"text": "Hi"}));
    call.memo = "srt".to_owned();
    let srt = b"1\n00:00:00,000 --> 00:00:01,500\nHi\n\n".to_vec();
    assert_eq!(read(&call, body).answer, Answer::Bytes(srt));
}
