//! Tests of the dialect, without a host.

mod recorded;
mod replies;
mod requests;
mod schemas;
mod streams;
mod tasks;
mod tools;
mod turns;

use serde_json::Value as Json;

use super::Gemini;
use crate::plan::secret;
use crate::{Call, Content, Failure, Head, Input, Note, Outcome, Reply, Request, testing};

pub(super) fn gemini() -> Gemini {
    Gemini::at(
        "generativelanguage.googleapis.com",
        "/v1beta",
        secret("x-goog-api-key", "api-key", ""),
    )
}

pub(super) fn call(model: &str) -> Call {
    testing::call("chat", model)
}

pub(super) fn head(status: u16) -> Head {
    testing::head(status, &[])
}

pub(super) fn input(body: &Json, notes: &[(&str, &str)]) -> Input {
    Input {
        body: body.to_string().into_bytes(),
        files: Vec::new(),
        notes: notes
            .iter()
            .map(|(id, data)| Note {
                id: (*id).to_owned(),
                data: data.as_bytes().to_vec(),
            })
            .collect(),
        extra: Vec::new(),
    }
}

/// What is sent for the client's body.
pub(super) fn sent(model: &str, body: &Json, notes: &[(&str, &str)]) -> Json {
    json_of(
        &gemini()
            .encode(&call(model), &input(body, notes))
            .expect("a plan"),
    )
}

pub(super) fn refused(model: &str, body: &Json) -> Failure {
    let plan = gemini().encode(&call(model), &input(body, &[]));
    plan.expect_err("a refusal")
}

pub(super) fn json_of(request: &Request) -> Json {
    match &request.content {
        Content::Json(bytes) => serde_json::from_slice(bytes).expect("JSON"),
        other => panic!("{other:?}"),
    }
}

/// The canonical answer and the rest of the reply.
pub(super) fn decoded(call: &Call, body: &str) -> Result<(Json, Reply), Failure> {
    match super::decode(call, &head(200), body.as_bytes())? {
        Outcome::Done(reply) => match &reply.answer {
            crate::Answer::Json(bytes) => Ok((serde_json::from_slice(bytes).expect("JSON"), reply)),
            other => panic!("{other:?}"),
        },
        Outcome::Again(_) => panic!("asks again"),
    }
}
