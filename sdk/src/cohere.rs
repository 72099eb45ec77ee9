//! Cohere's own chat API, version 2: content blocks, a plan before tool calls, named events in streams, citations.
//!
//! [`Cohere`] plans requests; [`decode`], [`decoder`], [`classify`], [`quotas`] and `decode_models` read what comes back.

mod answer;
mod classify;
mod listing;
mod reply;
mod request;
mod schema;
mod stream;
mod tasks;
#[cfg(test)]
mod tests;

use crate::plan::text;
use crate::{Call, Content, Failure, Field, Input, Origin, Request, failure};

pub use answer::decode;
pub use classify::{classify, quotas};
pub use stream::decoder;

/// The longest page of the model list.
const PAGE: &str = "1000";

/// Where an API of this dialect is.
#[derive(Clone, Debug)]
pub struct Cohere {
    origin: Origin,
    credential: Field,
}

impl Cohere {
    /// At `https://{host}`.
    #[must_use]
    pub fn at(host: &str, credential: Field) -> Self {
        Self {
            origin: Origin::Host(host.to_owned()),
            credential,
        }
    }

    /// Plans the request for `chat`, `embeddings`, `rerank`, `models` or `key-check`; the latter lists models too.
    ///
    /// # Errors
    /// `unsupported` for another operation, and for a request that the dialect has no words for; `invalid-request` for one
    /// that makes no sense.
    pub fn encode(&self, call: &Call, input: &Input) -> Result<Request, Failure> {
        match call.operation.as_str() {
            "chat" => {
                let mut request = self.request("POST", "/v2/chat");
                if call.streaming {
                    "sse".clone_into(&mut request.framing);
                }
                request.content = Content::Json(request::body(call, input)?);
                Ok(request)
            }
            "embeddings" | "rerank" => {
                let at = match call.operation.as_str() {
                    "rerank" => "/v2/rerank",
                    _ => "/v2/embed",
                };
                let mut request = self.request("POST", at);
                request.content = tasks::content(call)?;
                Ok(request)
            }
            "models" => Ok(self.list(PAGE, None)),
            "key-check" => Ok(self.list("1", None)),
            other => Err(failure::unsupported(format!(
                "this provider has no operation `{other}`"
            ))),
        }
    }

    /// Reads a page of the list of models.
    ///
    /// # Errors
    /// `malformed-reply` if it is none.
    pub fn decode_models(&self, body: &[u8]) -> Result<crate::Listing, Failure> {
        listing::read(self, body)
    }

    /// Asks for a page of the list.
    fn list(&self, rows: &str, page: Option<&str>) -> Request {
        let mut request = self.request("GET", "/v1/models");
        request.query.push(text("page_size", rows));
        request
            .query
            .extend(page.map(|page| text("page_token", page)));
        request
    }

    fn request(&self, method: &str, path: &str) -> Request {
        let mut request = Request::new(method, self.origin.clone(), path.to_owned());
        request.headers.push(self.credential.clone());
        request
    }
}
