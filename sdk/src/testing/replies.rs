//! What a plugin makes of replies.

use serde_json::Value as Json;

use super::{call, head, refused};
use crate::{Adapter, Answer, Call, End, Event, Outcome, Piece, RawModel};

/// A refusal and what is to come of it: status, headers, body; kind, and wait in milliseconds.
pub type Refusal<'a> = (u16, &'a [(&'a str, &'a str)], &'a str, &'a str, Option<u64>);

/// Classifies each refusal of a chat with the model `m`.
///
/// # Panics
/// If one comes to something else, or is tried again.
#[track_caller]
pub fn refusals<A: Adapter>(rows: &[Refusal<'_>]) {
    for (status, headers, body, kind, wait) in rows {
        let failure = refused::<A>(&call("chat", "m"), &head(*status, headers), body);
        assert_eq!(
            (failure.kind.as_str(), failure.retry_after_ms),
            (*kind, *wait),
            "{status} {body}"
        );
    }
}

/// A whole 2xx reply as the client's host gets it.
///
/// # Panics
/// If the plugin fails, asks again, or answers with something that is no JSON.
#[must_use]
#[track_caller]
pub fn answered<A: Adapter>(call: &Call, body: &str) -> Json {
    let json = |bytes: &[u8]| match serde_json::from_slice(bytes) {
        Ok(json) => json,
        Err(error) => panic!("the answer is no JSON: {error}"),
    };
    match A::decode(call, &head(200, &[]), body.as_bytes()) {
        Ok(Outcome::Done(reply)) => match reply.answer {
            Answer::Keep => json(body.as_bytes()),
            Answer::Json(bytes) => json(&bytes),
            Answer::Bytes(_) => panic!("the answer is bytes"),
        },
        other => panic!("no answer: {other:?}"),
    }
}

/// The chunks that a stream of these events becomes, each event in a read of its own, and how it ended. A kept event that
/// is no JSON is left out.
#[must_use]
pub fn streamed<A: Adapter>(call: &Call, events: &[impl AsRef<str>]) -> (Vec<Json>, Option<End>) {
    let mut decoder = A::decoder(call, &head(200, &[]));
    let mut chunks = Vec::new();
    let mut read = |pieces: Vec<Piece>, event: &[u8]| {
        chunks.extend(pieces.into_iter().filter_map(|piece| match piece {
            Piece::Keep(_) => serde_json::from_slice(event).ok(),
            Piece::Chunk(bytes) => serde_json::from_slice(&bytes).ok(),
        }));
    };
    for event in events {
        let data = event.as_ref().as_bytes();
        let delta = decoder.push(&[Event {
            name: String::new(),
            data: data.to_vec(),
        }]);
        read(delta.pieces, data);
        if delta.end.is_some() {
            return (chunks, delta.end);
        }
    }
    let delta = decoder.finish();
    read(delta.pieces, b"");
    (chunks, delta.end)
}

/// The models of a list that the provider gave.
///
/// # Panics
/// If it is none.
#[must_use]
#[track_caller]
pub fn listed<A: Adapter>(body: &str) -> Vec<RawModel> {
    match A::decode_models(&call("models", ""), &head(200, &[]), body.as_bytes()) {
        Ok(listing) => listing.models,
        Err(failure) => panic!("no list: {failure:?}"),
    }
}
