//! Vectors: Hugging Face's own servers, which answer with bare lists of numbers.

use freellmapi_sdk::openai::{Dialect, tasks};
use freellmapi_sdk::serde_json::{self, value::RawValue};
use freellmapi_sdk::{Call, Failure, Model, Reply, Request, failure};

use super::HOST;

pub(crate) fn model() -> Model {
    Model::of("embeddings", "BAAI/bge-m3", "BGE-M3")
        .family("bge-m3")
        .context(8192)
        .dimensions(&[1024])
}

/// One request for all texts; a model has vectors of one length.
pub(crate) fn ask(call: &Call) -> Result<Request, Failure> {
    let path = format!(
        "/hf-inference/models/{}/pipeline/feature-extraction",
        call.model
    );
    let dialect = Dialect::at(HOST, "").rename("/input", "inputs");
    let request = dialect.retain("", &["inputs"]).plan(call)?;
    Ok(Request { path, ..request })
}

/// A vector for each text, or the vector of the only one.
pub(crate) fn read(call: &Call, body: &[u8]) -> Result<Reply, Failure> {
    let no = |error| failure::malformed(format!("these are no vectors: {error}"));
    let rows: Vec<&RawValue> = serde_json::from_slice(body).map_err(no)?;
    if rows.first().is_some_and(|row| row.get().starts_with('[')) {
        return tasks::embeddings(call, &rows, None);
    }
    let only: &RawValue = serde_json::from_slice(body).map_err(no)?;
    tasks::embeddings(call, &[only], None)
}
