//! Embeddings: `batchEmbedContents`.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::openai::tasks;
use crate::{Call, Failure, Input, Outcome, failure};

/// More texts than this Google refuses in one request.
const MOST: usize = 100;

/// Left in the memo where vectors are shorter than the model's own: those do not come with length 1, as a client of
/// OpenAI's expects.
pub(super) const SHORTENED: &str = "shortened";

#[derive(Deserialize)]
struct Wanted<'a> {
    #[serde(borrow)]
    input: Texts<'a>,
    dimensions: Option<u32>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Texts<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Many(#[serde(borrow)] Vec<Cow<'a, str>>),
}

#[derive(Serialize)]
struct Batch<'a> {
    requests: Vec<One<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct One<'a> {
    model: &'a str,
    content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<u32>,
}

#[derive(Serialize)]
struct Content<'a> {
    parts: [Part<'a>; 1],
}

#[derive(Serialize)]
struct Part<'a> {
    text: &'a str,
}

#[derive(Deserialize)]
struct Given<'a> {
    #[serde(borrow, default)]
    embeddings: Vec<Vector<'a>>,
}

#[derive(Deserialize)]
struct Vector<'a> {
    #[serde(borrow)]
    values: &'a RawValue,
}

/// The body, and the memo.
pub(super) fn body(call: &Call, input: &Input) -> Result<(Vec<u8>, String), Failure> {
    let wanted: Wanted<'_> = serde_json::from_slice(&input.body).map_err(|error| {
        failure::unsupported(format!("Google makes vectors of texts only: {error}"))
    })?;
    let texts = match wanted.input {
        Texts::One(text) => vec![text],
        Texts::Many(texts) => texts,
    };
    if texts.len() > MOST {
        return Err(failure::unsupported(format!(
            "Google takes {MOST} texts at once, and these are {}",
            texts.len()
        )));
    }
    let model = format!("models/{}", call.model);
    let one = |text| One {
        model: &model,
        content: Content {
            parts: [Part { text }],
        },
        output_dimensionality: wanted.dimensions,
    };
    let batch = Batch {
        requests: texts.iter().map(|text| one(text)).collect(),
    };
    let memo = wanted.dimensions.map_or("", |_| SHORTENED);
    let body = serde_json::to_vec(&batch)
        .map_err(|error| failure::of("invalid-request", error.to_string()))?;
    Ok((body, memo.to_owned()))
}

/// Reads the vectors. Google tells no usage.
pub(super) fn read(call: &Call, body: &[u8]) -> Result<Outcome, Failure> {
    let given: Given<'_> = serde_json::from_slice(body)
        .map_err(|error| failure::malformed(format!("these are no vectors: {error}")))?;
    let scaled: Vec<Box<RawValue>>;
    let vectors: Vec<&RawValue> = if call.memo == SHORTENED {
        scaled = given
            .embeddings
            .iter()
            .map(|vector| of_length_1(vector.values))
            .collect::<Result<_, _>>()?;
        scaled.iter().map(AsRef::as_ref).collect()
    } else {
        given.embeddings.iter().map(|it| it.values).collect()
    };
    tasks::embeddings(call, &vectors, None).map(Outcome::Done)
}

fn of_length_1(vector: &RawValue) -> Result<Box<RawValue>, Failure> {
    let no = |error: serde_json::Error| failure::malformed(format!("this is no vector: {error}"));
    let mut values: Vec<f64> = serde_json::from_str(vector.get()).map_err(no)?;
    let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length > 0.0 {
        for value in &mut values {
            // As exact as Google's own are.
            *value = (*value / length * 1e9).round() / 1e9;
        }
    }
    to_raw_value(&values).map_err(no)
}
