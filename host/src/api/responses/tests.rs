//! Requests and answers through the whole dialect, without a network.

mod asked;
mod golden;
mod history;
mod properties;
mod refused;
mod shelf;
mod wire;

use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::ask::{self, Asked, Birth, Past};
use super::encode::Encoder;
use super::reasoning::Sealer;
use crate::api::answer::Encode;
use crate::api::problem::{Problem, ProblemKind};
use crate::chat::Invalid;
use crate::chat::request::members;
use crate::clock::Clock;
use crate::gateway::ErrorKind;
use crate::json::{Options, Value, parse};
use crate::vault::Vault;

const NOW_MS: i64 = 1_785_067_200_000;
const ID: &str = "resp_0123456789abcdef0123456789abcdef";

/// How a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Whole,
    Broken,
}

fn sealer_of(client: &str) -> Sealer {
    Sealer::new(Vault::derive(&"7".repeat(64), &[0; 16]).unwrap(), client)
}

fn tree(json: &Json) -> Value<'static> {
    parse(json.to_string().as_bytes(), &Options::STRICT)
        .unwrap()
        .into_owned()
}

fn untree(value: &Value<'_>) -> Json {
    serde_json::from_slice(&value.to_vec()).unwrap()
}

fn ask_with(body: &Json, past: &Past) -> Result<Asked, Invalid> {
    let birth = Birth {
        id: ID.to_owned(),
        created: u64::try_from(NOW_MS / 1000).unwrap(),
        keeps: true,
    };
    let text = body.to_string();
    let body = members(text.as_bytes())?;
    ask::references(&body)?;
    ask::read(&body, past, &birth, &sealer_of("client-a"))
}

fn ask(body: &Json) -> Asked {
    ask_with(body, &Past::default()).unwrap_or_else(|invalid| panic!("{invalid:?} of {body}"))
}

/// The canonical request.
fn chat(body: &Json) -> Json {
    untree(ask(body).request.body())
}

fn messages(input: Json) -> Json {
    chat(&json!({ "input": input }))["messages"].clone()
}

fn encoder(body: &Json) -> Encoder {
    let plan = ask(body).plan;
    Encoder::new(
        plan,
        Some(sealer_of("client-a")),
        Clock::manual(NOW_MS + 2_000),
        None,
    )
}

fn chunk(delta: &Json, finish: &Json) -> Json {
    json!({
        "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "real-model",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    })
}

fn usage() -> Json {
    json!({
        "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "real-model", "choices": [],
        "usage": { "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18,
            "prompt_tokens_details": { "cached_tokens": 3 },
            "completion_tokens_details": { "reasoning_tokens": 2 } },
    })
}

/// The events of a stream.
fn stream(body: &Json, chunks: &[Json], ending: Ending) -> Vec<Json> {
    let mut encoder = encoder(body);
    let mut out = Vec::new();
    for chunk in chunks {
        encoder.chunk(chunk.to_string().as_bytes(), &mut out);
    }
    match ending {
        Ending::Whole => encoder.done(&mut out),
        Ending::Broken => encoder.failed(&interrupted(), &mut out),
    }
    events(&out)
}

fn interrupted() -> Problem {
    Problem::new(
        ProblemKind::Gateway(ErrorKind::Interrupted),
        "It broke off.",
    )
}

/// The events, each of whose name is its type.
fn events(out: &[u8]) -> Vec<Json> {
    let text = std::str::from_utf8(out).unwrap();
    let events = text.split_terminator("\n\n").map(|event| {
        let (name, data) = event.split_once("\ndata: ").expect("two lines");
        let data: Json = serde_json::from_str(data).expect("JSON");
        assert_eq!(
            name.strip_prefix("event: "),
            data["type"].as_str(),
            "{event}"
        );
        data
    });
    events.collect()
}

/// The response of a whole answer.
fn whole(body: &Json, message: &Json, finish: &str) -> Json {
    let answer = json!({
        "id": "c", "object": "chat.completion", "created": 1, "model": "real-model",
        "choices": [{ "index": 0, "message": message, "finish_reason": finish }],
        "usage": usage()["usage"],
    });
    let bytes = encoder(body).whole(Bytes::from(answer.to_string()));
    serde_json::from_slice(&bytes).unwrap()
}
