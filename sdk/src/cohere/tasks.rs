//! Vectors and ranks: bodies that are edited, and answers in words of Cohere's own.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

use crate::openai::{Dialect, tasks};
use crate::{Call, Content, Failure, Outcome, Reply, failure};

/// More texts than this Cohere refuses in one request for vectors.
const MOST: u32 = 96;

/// What a client may say of the use of its vectors. Those of texts to be found and of questions differ, and OpenAI's
/// words do not tell which these are.
const KIND: &str = "search_document";

/// The client's body with these edits.
pub(super) fn content(call: &Call) -> Result<Content, Failure> {
    let plain = Dialect::at("", "");
    let edited = match call.operation.as_str() {
        "rerank" => plain.retain("", &["model", "query", "documents", "top_n"]),
        _ if call.outline.items > MOST => {
            return Err(failure::unsupported(format!(
                "Cohere takes {MOST} texts at once, and these are {}",
                call.outline.items
            )));
        }
        _ => plain
            .rename("/input", "texts")
            .as_list("/texts")
            .rename("/dimensions", "output_dimension")
            .fill("/input_type", KIND)
            .retain("", &["model", "texts", "output_dimension", "input_type"])
            .set("/embedding_types", ["float"]),
    };
    Ok(edited.plan(call)?.content)
}

#[derive(Deserialize)]
struct Vectors<'a> {
    #[serde(borrow)]
    embeddings: Floats<'a>,
    #[serde(default)]
    meta: Json,
}

#[derive(Deserialize)]
struct Floats<'a> {
    #[serde(borrow)]
    float: Vec<&'a RawValue>,
}

/// Reads either.
///
/// # Errors
/// `malformed-reply` if it is none.
pub(super) fn read(call: &Call, body: &[u8]) -> Result<Outcome, Failure> {
    let no = |error| failure::malformed(format!("the reply is not Cohere's: {error}"));
    if call.operation == "rerank" {
        let said: Json = serde_json::from_slice(body).map_err(no)?;
        let Some(results) = said["results"].as_array() else {
            return Err(failure::malformed("the reply holds no ranks"));
        };
        let rows: Vec<Json> = results
            .iter()
            .map(|row| json!({"index": row["index"], "relevance_score": row["relevance_score"]}))
            .collect();
        let answer = json!({"model": call.model, "results": rows});
        return Ok(Outcome::Done(Reply::json(
            answer.to_string().into_bytes(),
            None,
        )));
    }
    let given: Vectors<'_> = serde_json::from_slice(body).map_err(no)?;
    let tokens = given.meta["billed_units"]["input_tokens"].as_f64();
    let tokens = tokens.map(|tokens| tokens.max(0.0) as u64);
    tasks::embeddings(call, &given.embeddings.float, tokens).map(Outcome::Done)
}
